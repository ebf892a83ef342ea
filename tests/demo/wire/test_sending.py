"""The demo's answers to what was sent, read by the crawler's own description of them."""

import pytest

from crawler.platforms.douyin.im.sending import SendState, parse_sent
from demo.switches import SendOutcome
from demo.wire import im, sending

MESSAGE_ID = "7600000000000000042"
READ_AS: dict[SendOutcome, SendState] = {
    "ok": "sent",
    "self_visible": "self_visible",
    "in_review": "in_review",
    "retry_mark": "refused",
    "check_failed": "refused",
    "blocked": "refused",
    "stranger_limit": "refused",
    "too_fast": "refused",
}


def test_every_answer_has_its_reading() -> None:
    assert READ_AS.keys() == sending.MESSAGES.keys()


@pytest.mark.parametrize("outcome", READ_AS)
def test_only_a_message_that_arrived_is_read_as_sent(outcome: SendOutcome) -> None:
    answer = sending.MESSAGES[outcome]
    read = parse_sent(im.response(im.SEND, sending.message_answer(answer, MESSAGE_ID, "c1"), "1000000000000001"))
    assert (read.state, read.code, read.words or "") == (READ_AS[outcome], answer.code, answer.words)
    assert read.message_id == (MESSAGE_ID if outcome == "ok" else None)
