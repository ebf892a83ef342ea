"""The messages of a login that a person asked for at the hub and that a worker's browser does."""

from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta

from sync.protocol.items import Millis
from sync.protocol.messages import Ack, Name, WireMessage

LoginState = Literal["qrcode_ready", "scanned", "code_required", "success", "wrong_account", "expired", "failed"]

CAN_LOG_IN: Final = "login"
"""The capability that a worker names when it follows `master:account:login`."""

PngUri = Annotated[str, Meta(pattern=r"^data:image/png;base64,[A-Za-z0-9+/=]+$", max_length=400_000)]
Words = Annotated[str, Meta(max_length=300)]
TypedCode = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]{4,8}$")]


class AccountLogin(WireMessage, frozen=True, kw_only=True):
    """The hub asks the worker to log the account in and to report on it under `session_id`, which names the login."""

    TYPE: ClassVar[str] = "master:account:login"
    account_id: Name
    session_id: Name
    method: Literal["qrcode"] = "qrcode"


class AccountLoginAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:account:login`: the order was taken. What becomes of it is reported."""

    TYPE: ClassVar[str] = "master:account:login:ack"


class LoginCode(WireMessage, frozen=True, kw_only=True):
    """The code that the platform sent to the owner, as a person typed it. It is never logged."""

    TYPE: ClassVar[str] = "master:account:login:code"
    session_id: Name
    code: TypedCode


class LoginCodeAck(Ack, frozen=True, kw_only=True):
    """The answer to `master:account:login:code`."""

    TYPE: ClassVar[str] = "master:account:login:code:ack"


class LoginReport(WireMessage, frozen=True, kw_only=True, omit_defaults=True):
    """Tells the hub how a login stands. `qrcode` is a picture to scan until `expires_at` (ms UTC); it is never logged.

    `hint`: the platform's own words on the code that it sent, such as the end of a telephone number.
    """

    TYPE: ClassVar[str] = "worker:login:status"
    session_id: Name
    account_id: Name
    state: LoginState
    qrcode: PngUri | None = None
    hint: Words | None = None
    expires_at: Millis | None = None
    error_message: Words | None = None


class LoginReportAck(Ack, frozen=True, kw_only=True):
    """The answer to `worker:login:status`."""

    TYPE: ClassVar[str] = "worker:login:status:ack"
