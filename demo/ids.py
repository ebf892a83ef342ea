"""Makes ids as the platform does. Pure."""

import base64
import hashlib
from random import Random


def make_snowflake(epoch_s: int, rng: Random) -> str:
    """Return 19 digits whose upper 32 bits are the epoch second of creation (UTC)."""
    return str((epoch_s << 32) | rng.getrandbits(32))


def make_sec_uid(uid: str) -> str:
    """Return the 55 characters that most endpoints use in place of the numeric uid."""
    digest = hashlib.sha256(f"sec:{uid}".encode()).digest()
    return "MS4wLjABAAAA" + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def encrypt_id(owner_uid: str, platform_id: str) -> str:
    """Return the `@…==` form: constant prefix per logged-in account, stable value, of no use as a key."""
    prefix = base64.b64encode(hashlib.sha256(f"prefix:{owner_uid}".encode()).digest()).decode()[:12]
    body = hashlib.sha512(f"{owner_uid}:{platform_id}".encode()).digest()[:40]
    return "@" + prefix + base64.b64encode(body).decode()


def make_client_id(rng: Random) -> str:
    """Return a uuid4 made of the given generator, so that a seed repeats it."""
    bits = f"{rng.getrandbits(128):032x}"
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


def conversation_id(uid_a: str, uid_b: str) -> str:
    """Return `0:1:<smaller>:<larger>`: the owner may be in either place."""
    first, second = sorted((uid_a, uid_b), key=int)
    return f"0:1:{first}:{second}"
