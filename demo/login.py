"""Sessions and login codes. Pure: the clock is passed in; the phone beside the browser acts by time alone."""

import secrets
from typing import Literal

from msgspec import Struct

CodeState = Literal["new", "scanned", "verify", "confirmed", "expired"]
COOKIES = ("sessionid", "sessionid_ss", "sid_tt", "sid_guard")
CHOSEN_AFTER = 0.5
"""The phone beside the browser has scanned after this part of its delay."""


class Code(Struct):
    """One shown login code. `phone`: the account of the phone that lies beside this browser, if any."""

    token: str
    issued_ms: int
    phone: str = ""
    scanned: bool = False
    account: str = ""
    used: bool = False
    sms: str = ""
    """The code of the second step, as the phone got it; empty without one."""
    verified: bool = False


class Logins:
    """The codes that were shown, and the sessions that are open (session -> account)."""

    def __init__(self, lifetime_s: float, phone_delay_s: float) -> None:
        self.lifetime_ms = int(lifetime_s * 1000)
        self.phone_delay_ms = int(phone_delay_s * 1000)
        self.codes: dict[str, Code] = {}
        self.sessions: dict[str, str] = {}

    def issue_code(self, now_ms: int, phone: str = "") -> Code:
        """Return a new code. Codes long gone are forgotten here. `now_ms` is ms UTC."""
        self.codes = {t: c for t, c in self.codes.items() if now_ms - c.issued_ms < 4 * self.lifetime_ms}
        code = Code(secrets.token_urlsafe(18), now_ms, phone)
        self.codes[code.token] = code
        return code

    def get_state(self, code: Code, now_ms: int, *, phone_away: bool) -> CodeState:
        """Return the state of a code. The phone beside the browser goes on by itself, unless it is away."""
        age_ms = now_ms - code.issued_ms
        if code.used or (age_ms >= self.lifetime_ms and not code.account):
            return "expired"
        if code.phone and not phone_away:
            code.scanned = code.scanned or age_ms >= self.phone_delay_ms * CHOSEN_AFTER
            if age_ms >= self.phone_delay_ms:
                code.account = code.account or code.phone
        if code.account:
            return "confirmed"
        return "scanned" if code.scanned else "new"

    def ask_second_step(self, code: Code) -> bool:
        """Return whether the code of a short message is still to be typed. The first call sends it to the phone."""
        code.sms = code.sms or f"{secrets.randbelow(1_000_000):06}"
        return not code.verified

    def get_short_message(self, account: str) -> str:
        """Return the newest code that the account's phone got; empty for none."""
        return next((code.sms for code in reversed(self.codes.values()) if code.account == account and code.sms), "")

    def open_session(self, code: Code) -> str:
        """Return the session of a confirmed code. A code opens one session."""
        code.used = True
        session = secrets.token_hex(16)
        self.sessions[session] = code.account
        return session

    def end_sessions(self, account: str) -> int:
        """End the account's sessions, and return how many there were."""
        ended = [s for s, a in self.sessions.items() if a == account]
        for session in ended:
            del self.sessions[session]
        return len(ended)
