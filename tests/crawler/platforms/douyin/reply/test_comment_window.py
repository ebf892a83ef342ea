"""A comment that stands in a window, without a browser: what its person sends, and what he sends beside it."""

import asyncio
import json
from typing import Any

import pytest

from crawler.errors import NotPressed
from crawler.platforms.base import ReplyOutcome
from crawler.platforms.douyin.reply import comment_window
from crawler.platforms.douyin.reply.comment_evidence import CommentWatch, read_posted
from crawler.platforms.douyin.reply.comment_window import _Offer
from crawler.platforms.douyin.reply.comments import find_sent

TEXT = "谢谢喜欢"


class ABrowser:
    connected = True

    def is_connected(self) -> bool:
        return self.connected


TARGET, OTHER = "7", "8"


class AWindow:
    """The page of the comment TARGET, and the box in it. `holds`: what stands there; None: the box is gone."""

    def __init__(self) -> None:
        self.holds: str | None = TEXT
        self.is_gone = False
        self.context = self
        self.browser = ABrowser()

    page = property(lambda self: self)

    def is_closed(self) -> bool:
        return self.is_gone

    async def evaluate(self, _script: str) -> None: ...

    async def close(self) -> None:
        self.is_gone = True

    def names_another(self, texts: tuple[str, ...]) -> bool:
        return OTHER in texts

    async def read(self) -> str:
        if self.holds is None:
            raise NotPressed("editor_changed")
        return self.holds


def a_post(text: str, to: str = TARGET) -> Any:
    class ARequest:
        method, url = "POST", "https://creator.example/aweme/v1/creator/comment/reply/"
        post_data_buffer = json.dumps({"comment_id": to, "text": text}).encode()

    return ARequest()


def an_unreadable_post() -> Any:
    request = a_post("")
    request.post_data_buffer = b'--b\r\nname="text"\r\n\r\n\xe8\xb0\r\n--b--'
    return request


def an_offer() -> tuple[Any, AWindow, CommentWatch]:
    window, watch = AWindow(), CommentWatch()
    place: Any = window
    return _Offer(place, place, watch, TEXT), window, watch


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page empties the box before its answer is read."""
    monkeypatch.setattr(comment_window, "_EMPTIES_S", 0)
    monkeypatch.setattr(comment_window, "_HEARD_S", 0)


def answered(watch: CommentWatch) -> None:
    for post in watch.posts:
        post.outcome = ReplyOutcome(state="sent", confirmed_platform_id="9", evidence="response")


@pytest.mark.parametrize(
    ("holds", "sent", "is_ours"),
    [
        (TEXT, TEXT, True),
        ("", TEXT, True),
        (None, "谢谢喜欢！", True),
        (f"{TEXT}！", f"{TEXT}！", True),
        (TEXT, "another comment", False),
        (f"{TEXT}！", "another comment", False),
    ],
)
async def test_what_the_person_sends_there_is_the_reply_unless_it_still_stands_in_its_box(
    holds: str | None, sent: str, is_ours: bool
) -> None:
    offer, window, watch = an_offer()
    window.holds = holds
    watch.on_request(a_post(sent))
    answered(watch)
    await offer.wait_for_person(0.01)
    assert (offer.post is not None) == is_ours
    assert await offer.end()
    assert (offer.post is not None, window.is_gone) == (is_ours, not is_ours)


@pytest.mark.parametrize("post", [a_post("other words"), an_unreadable_post()])
async def test_before_its_answer_a_text_that_still_stands_there_may_be_on_its_way(post: Any) -> None:
    """The page empties the box when the answer comes, and nobody knows how its requests are written."""
    offer, window, watch = an_offer()
    watch.on_request(post)
    await offer.wait_for_person(0.01)
    assert not await offer.end()
    assert offer.post is None
    offer, window, watch = an_offer()
    watch.on_request(post)
    await offer.wait_for_person(0.01)
    window.holds = ""
    assert await offer.end()
    assert offer.post is watch.posts[0]


async def test_what_was_sent_beside_it_is_not_taken_for_the_reply_later() -> None:
    offer, window, watch = an_offer()
    watch.on_request(a_post("another comment"))
    await offer.wait_for_person(0.01)
    window.holds = ""
    watch.on_request(a_post(f"{TEXT}。"))
    assert await offer.end()
    assert offer.post is not None
    assert f"{TEXT}。" in offer.post.texts


@pytest.mark.parametrize("holds", ["", None, TEXT])
async def test_whoever_takes_the_text_out_and_answers_another_comment_did_not_send_the_reply(
    holds: str | None,
) -> None:
    for text in (TEXT, "to somebody else"):
        offer, window, watch = an_offer()
        window.holds = holds
        watch.on_request(a_post(text, OTHER))
        await offer.wait_for_person(0.01)
        watch.on_request(a_post(text, OTHER))
        assert await offer.end() == (holds == TEXT), "what is out of its box may have gone in a way that nobody heard"
        assert (offer.post, offer.list_texts()) == (None, [])


async def test_whoever_closes_the_window_in_which_the_text_stands_did_not_send_it() -> None:
    for holds in (TEXT, ""):
        offer, window, _ = an_offer()
        window.holds = holds
        await offer.wait_for_person(0.01)
        window.holds, window.is_gone = None, True
        assert await offer.end() == (holds == TEXT)
        assert offer.post is None


async def test_of_a_browser_that_is_lost_nobody_knows_what_was_sent() -> None:
    offer, window, _ = an_offer()
    window.browser.connected, window.is_gone = False, True
    await offer.wait_for_person(5)
    assert not await asyncio.wait_for(offer.end(), 30)
    assert offer.post is None


def test_what_somebody_sends_of_the_text_while_it_is_typed_is_never_typed_again() -> None:
    _, _, watch = an_offer()
    watch.on_request(a_post("another comment"))
    assert find_sent(watch, TEXT) is None
    watch.on_request(a_post(TEXT[:2]))
    assert find_sent(watch, TEXT) is watch.posts[-1]


def test_the_texts_of_a_request_are_read_whatever_its_form() -> None:
    assert read_posted('{"comment_id": "7", "content": {"text": "a\\nb"}, "n": 1}') == ("7", "a\nb")
    assert read_posted("comment_id=7&text=%E8%B0%A2") == ("7", "谢")
    assert read_posted('{"contents": [{"text": "谢"}, 3]}') == ("谢",)
    assert read_posted("") == read_posted("\x00{") == ()
