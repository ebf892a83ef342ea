"""What proves that a reply was sent, and what was there before, or is somebody else's. Without a browser."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.im.im_pb2 import Request
from crawler.platforms.douyin.parse.batch import ParseScope
from crawler.platforms.douyin.reply.comments import Place
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.evidence import SendWatch
from crawler.platforms.douyin.reply.known import make_known
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.work_comments import WorkComments
from sync.protocol.ids import make_id
from sync.protocol.items import Comment, Content
from sync.protocol.reply_messages import ReplyTarget

NOW = 1_790_000_000
CHAT = "0:1:7:9"
NO_PAGE: Any = None


def an_id(second: int, number: int = 1) -> str:
    return str((second << 32) + number)


@given(st.sets(st.integers(NOW - 9, NOW)), st.integers(0, 9), st.integers(NOW - 19, NOW + 9))
def test_what_is_older_than_what_was_there_is_not_new_even_if_it_is_loaded_afterwards(
    seconds: set[int], own: int, found: int
) -> None:
    ids = [an_id(second) for second in sorted(seconds)]
    known = make_known(dict.fromkeys(ids[:own], "好的"), ids)
    is_new = known.is_new(an_id(found, 2))
    assert is_new is all(found >= second for second in seconds)
    assert not any(known.is_new(id) for id in ids[:own])


class AKeyboard:
    """Notes its keys; a character that ends a line is the key that sends, as Playwright has it."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def press(self, key: str) -> None:
        self.keys.append(key)

    async def type(self, text: str) -> None:
        self.keys += ["Enter" if one in "\r\n" else one for one in text]


class ATypedPage:
    def __init__(self) -> None:
        self.keyboard = AKeyboard()


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb"])
async def test_no_way_to_end_a_line_presses_the_key_that_sends(text: str) -> None:
    page: Any = ATypedPage()
    state = DouyinState("acc1", None, Config(pace=0), lambda: NOW)
    await Editor(page, NO_PAGE, state.pace).type(text)
    assert page.keyboard.keys == ["a", "Shift+Enter", "b"]


def a_sending(text: str, chat_id: str = CHAT) -> Any:
    asked = Request()
    asked.body.send.conversation_id = chat_id
    asked.body.send.content = f'{{"text": "{text}"}}'.encode()

    class ARequest:
        method, url = "POST", "https://im.example/v1/message/send"
        post_data_buffer = asked.SerializeToString()

    return ARequest()


def test_what_somebody_else_sends_before_the_key_is_pressed_says_nothing_of_the_reply() -> None:
    watch = SendWatch(CHAT, "第一行\n第二行")
    for text, chat_id in (("在吗", CHAT), ("第一行", "0:1:7:8")):
        watch.on_request(a_sending(text, chat_id))
    assert not watch.has_asked
    watch.on_request(a_sending("第一行"))  # an editor that sends at every break
    assert watch.has_asked
    watch.begin()
    assert not watch.has_asked
    watch.on_request(a_sending("改过的"))
    assert watch.asked is not None
    assert watch.asked.text == "改过的"


def a_comment(second: int, text: str, under: str | None, *, own: bool = True) -> Comment:
    id = an_id(second)
    parent = make_id("comments", "acc1", under) if under is not None else None
    return Comment(
        id=make_id("comments", "acc1", id),
        platform_id=id,
        content_id=make_id("contents", "acc1", "work"),
        content=text,
        parent_comment_id=parent,
        is_author_reply=own,
    )


def a_place(comments: list[Comment], target: str | None = None, root: str | None = None) -> Place:
    """The page, on which `comments` were read."""
    state = DouyinState("acc1", None, Config(), lambda: NOW)
    work = Content(id=make_id("contents", "acc1", "work"), platform_id="work")
    place = Place(state, NO_PAGE, NO_PAGE, ReplyTarget(comment_id=target, root_comment_id=root, content_id="work"))
    place._gathered = WorkComments(work, ParseScope("acc1", NOW, None))
    place._gathered.comments = {one.platform_id: one for one in comments}
    return place


@pytest.mark.parametrize(
    ("target", "root", "expected"), [(3, 1, [2, 4]), (1, None, [2, 3, 4]), (None, None, [1, 2, 3, 4])]
)
def test_a_request_that_names_another_comment_is_not_the_answer_to_this_one(
    target: int | None, root: int | None, expected: list[int]
) -> None:
    comments = [a_comment(number, "好看", None, own=False) for number in range(1, 5)]
    ids = [an_id(one) if one is not None else None for one in (target, root)]
    place = a_place(comments, *ids)
    named = [number for number in range(1, 6) if place.names_another(("谢谢", "work", an_id(number)))]
    assert named == expected


@pytest.mark.parametrize(("target", "known"), [("root", 3), (None, 1)])
def test_an_own_comment_of_the_same_words_elsewhere_is_not_the_answer_to_this_one(
    target: str | None, known: int
) -> None:
    comments = [
        a_comment(1, "谢谢", None),
        a_comment(2, "谢谢", "other"),
        a_comment(3, "谢谢", "root"),
        a_comment(4, "谢谢", "root", own=False),
    ]
    place = a_place(comments, target)
    assert place.known().ids_of("谢谢") == [an_id(known)]
    assert not place.known().is_new(an_id(2))
    assert place.known().is_new(an_id(5))
