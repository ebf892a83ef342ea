"""How one answers as an account, in a line of its card."""

from __future__ import annotations

from django.utils.translation import gettext

from im_api.queries import AuthorizedAccount
from im_api.queries.sending.outlook import find_mode
from inbox import formatting


def format_answers(authorized: AuthorizedAccount) -> str:
    """Return how replies of the account go now. Raises HubNotReady."""
    mode, _ = find_mode(authorized)
    platform = formatting.format_platform(authorized.account.platform)
    if mode == "send":
        return gettext("Answered from here, at a person's pace")
    if mode == "window":
        return gettext("Answered in its window: a person presses Enter")
    return gettext("Answered on %(platform)s") % {"platform": platform}
