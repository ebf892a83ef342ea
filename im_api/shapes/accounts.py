"""An account, which clients call a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from im_api.access import GrantLevel
from im_api.queries import AuthorizedAccount, Liveness
from sync.protocol.messages import LoginStatus
from sync.protocol.text import visible

AccountStatus = Literal["active", "inactive", "pending", "banned"]
WorkerStatus = Literal["unassigned", "waiting", "crawling", "backoff", "offline", "error"]


class UserShape(Struct, frozen=True, kw_only=True):
    """`worker_error`: why the worker cannot read the account, in its own words, while it cannot. `seen_at`: surface ->
    when the worker last looked there and could read it."""

    user_id: str
    platform: str
    platform_user_id: str | None
    user_name: str | None
    avatar: str | None
    signature: str | None
    verified: bool | None
    follower_count: int | None
    following_count: int | None
    status: AccountStatus
    login_status: LoginStatus
    worker_status: WorkerStatus
    worker_error: str | None
    last_sync_time: int | None
    seen_at: Mapping[str, int]
    alias: str | None
    group: str | None
    color: str | None
    unread_count: int
    needs_reply_count: int
    grant: GrantLevel
    created_at: int
    updated_at: int

    def without_freshness(self) -> UserShape:
        """Return the parts that count as a change of the account: it is seen every few seconds, which is none."""
        return msgspec.structs.replace(self, last_sync_time=None, seen_at={})


def user(authorized: AuthorizedAccount, liveness: Liveness) -> UserShape:
    account, report, totals = authorized.account, authorized.view.report, authorized.view.totals
    profile = report.profile
    return UserShape(
        user_id=account.id,
        platform=account.platform,
        platform_user_id=profile.platform_user_id or account.platform_user_id,
        user_name=visible(profile.user_name) or visible(account.name),
        avatar=profile.avatar,
        signature=profile.signature,
        verified=profile.verified,
        follower_count=profile.follower_count,
        following_count=profile.following_count,
        status=account.status,
        login_status=report.login_status,
        worker_status=liveness.worker_status,
        worker_error=liveness.worker_error,
        last_sync_time=liveness.last_sync_time,
        seen_at=liveness.seen_at,
        alias=visible(account.alias),
        group=account.group,
        color=account.color,
        unread_count=totals.total_unread,
        needs_reply_count=totals.needs_reply,
        grant=authorized.grant,
        created_at=account.created_at,
        updated_at=account.updated_at,
    )
