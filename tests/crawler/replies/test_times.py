"""How long the parts of a reply may take: each must end before whoever waits for it gives up."""

from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.reply import comment_window, comments, messages, window
from crawler.replies import desk
from sync.core.replies.steps import PRESSING_MS, TYPING_MS

TIMING = desk.ReplyTiming()


def test_the_worker_ends_a_reply_before_the_hub_gives_it_up() -> None:
    assert TIMING.typing < TYPING_MS / 1000
    assert TIMING.send < PRESSING_MS["send"] / 1000
    assert TIMING.window < PRESSING_MS["window"] / 1000


def test_the_platforms_answer_goes_before_the_page_and_leaves_the_page_time_to_show_what_became_of_it() -> None:
    evidence_s = Config().evidence_s
    for answer_s in (messages._ANSWER_COMES_S, comments._ANSWER_COMES_S):
        assert 2.0 <= answer_s <= evidence_s / 2


def test_a_message_is_looked_for_and_its_page_left_as_it_was_before_the_worker_gives_it_up() -> None:
    assert Config().evidence_s + messages._LEAVES_S < TIMING.send


def test_a_text_that_nobody_sends_is_out_of_its_window_and_the_draft_back_before_the_worker_gives_it_up() -> None:
    config = Config()
    assert config.window_s + window._GIVES_UP_S + messages._LEAVES_S < TIMING.window
    assert config.window_s + comment_window._GIVES_UP_S < TIMING.window


def test_what_is_stopped_leaves_its_page_as_it_was_before_that_is_closed() -> None:
    assert messages._LEAVES_S < desk._LAST_WORDS_S
    for module in (window, comment_window):
        assert module._HEARD_S < module._GIVES_UP_S < desk._LAST_WORDS_S
