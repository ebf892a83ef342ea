"""The desk alone, without a hub: what it remembers of accounts."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC

from immutables import Map
from msgspec.structs import replace

from sync.core.account.view import View
from sync.core.replies.held import hold_replies
from sync.core.replies.steps import HoldEnded
from sync.directory import AccountInfo, Directory
from sync.protocol.messages import WireMessage
from sync.replies.desk import ReplyDesk
from tests.sync.builders import ACCOUNT, NOW
from tests.sync.core.replies.builders import a_pressed_reply, a_reply, after, sent_by


class NoWorkers:
    """Nobody is connected."""

    def lease_of(self, account: AccountInfo) -> int | None:
        return None

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False

    def capabilities_of(self, name: str) -> frozenset[str] | None:
        return None

    def assignments_changed(self) -> None:
        pass


def an_account() -> AccountInfo:
    return AccountInfo(
        id=ACCOUNT,
        platform="douyin",
        name="Roses",
        platform_user_id=None,
        status="active",
        worker=None,
        lease_epoch=1,
        alias=None,
        group=None,
        color=None,
        config={},
        created_at=NOW,
        updated_at=NOW,
    )


def a_view_whose_reply_waits_for_its_turn() -> View:
    replies = [after(a_pressed_reply(1), sent_by()), after(a_reply(2), HoldEnded())]
    return replace(View(account_id=ACCOUNT, fresh_ms=0, version=20), **hold_replies(Map(), replies))


async def test_a_deleted_account_is_not_kept_in_memory() -> None:
    views = {ACCOUNT: a_view_whose_reply_waits_for_its_turn()}
    directory = [Directory(accounts={ACCOUNT: an_account()})]
    desk = ReplyDesk(lambda _job: True, views.__getitem__, lambda: directory[-1], NoWorkers(), lambda: NOW, UTC)
    desk.begin(views.values())
    desk.tick()
    held = weakref.ref(views.pop(ACCOUNT))
    directory.append(Directory())
    desk.tick()
    gc.collect()
    assert held() is None
