"""Random input, near enough to what is right to get past the first check. The same seed makes the same."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any
from urllib.parse import quote

JUNK: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    -(2**70),
    1e308,
    0.1,
    "",
    "x" * 5000,
    "\x00",
    "\ud800",
    "茶 🍵 ｆｕｌｌ",
    "../../etc/passwd",
    "'; drop table x; --",
    "<script>alert(1)</script>",
    "9" * 40,
    [],
    {},
    [[]],
    {"": {"": ""}},
    ["x"] * 500,
)
DEEP = "[" * 3000 + "]" * 3000


def a_seed() -> int:
    """`FUZZ_SEED=<n>` plays a failure again."""
    seed = int(os.environ.get("FUZZ_SEED") or random.randrange(10**9))
    print(f"FUZZ_SEED={seed}")
    return seed


def fuzz_json(rng: random.Random, value: Any) -> str:
    """`value` with one to four faults, as text."""
    value = deepcopy(value)
    for _ in range(rng.randint(1, 4)):
        value = _spoil(rng, value)
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5 or _has_surrogate(value))
    return rng.choice(_TEXT_FAULTS)(rng, text) if rng.random() < 0.2 else text


def _has_surrogate(value: Any) -> bool:
    return "\\ud" in json.dumps(value)


def _spoil(rng: random.Random, value: Any) -> Any:
    """One place in it, at any depth, becomes something else."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        name = rng.choice(list(value))
        fault = rng.random()
        if fault < 0.1:
            del value[name]
        elif fault < 0.2:
            value[str(rng.choice(JUNK))[:50]] = value[name]
        else:
            value[name] = _spoil(rng, value[name])
        return value
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        value[at] = _spoil(rng, value[at])
        return value + value[:1] if rng.random() < 0.2 else value
    return deepcopy(rng.choice(JUNK))


def _cut(rng: random.Random, text: str) -> str:
    return text[: rng.randrange(len(text) + 1)]


def _insert(rng: random.Random, text: str) -> str:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(('"', "{", "]", "\\", "\x00", "NaN", "1e999", DEEP, "\u2028")) + text[at:]


def _swap(rng: random.Random, text: str) -> str:
    letters = list(text)
    for _ in range(min(5, len(letters))):
        letters[rng.randrange(len(letters))] = chr(rng.randrange(1, 0xD800))
    return "".join(letters)


_TEXT_FAULTS: tuple[Callable[[random.Random, str], str], ...] = (_cut, _insert, _swap)


def fuzz_address(rng: random.Random, path: str, ids: list[str], names: list[str]) -> str:
    """A route with an id and parameters that may be right, each."""
    an_id = rng.choice(ids) if rng.random() < 0.5 else quote(_word(rng), safe="")
    path = path.replace("{account_id}", rng.choice(ids)).replace("{id}", an_id)
    words = [rng.choice(ids), "true", "1", "0", "200", "text", "all", "茶"]
    pairs = [
        (rng.choice(names), rng.choice(words) if rng.random() < 0.6 else _word(rng)) for _ in range(rng.randint(0, 4))
    ]
    query = "&".join(f"{name}={quote(word, safe='')}" for name, word in pairs)
    return f"/api/im/{path}{'/' if rng.random() < 0.1 else ''}?{query}"


def _word(rng: random.Random) -> str:
    word = rng.choice(JUNK) if rng.random() < 0.5 else "".join(chr(rng.randrange(1, 0x3000)) for _ in range(8))
    return str(word).encode("utf-8", "replace").decode()[:300]
