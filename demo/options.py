"""The options of the site."""

from msgspec import Struct

DEFAULT_PORT = 8100


class Options(Struct, frozen=True, kw_only=True):
    """The options of one site. Times are seconds.

    `scenario`: a name, or the path of a world as JSON. `fans_interval_s` 0: no fans.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    scenario: str = "demo"
    seed: int = 7
    fans_interval_s: float | None = None
    qr_lifetime_s: float = 150.0
    phone_delay_s: float = 2.0
    state: str = ""
    """A file that keeps the world over restarts; without it everything since the start is forgotten."""
    switches: tuple[str, ...] = ()
    """`account:name=value`, or `*:name=value` for all."""
