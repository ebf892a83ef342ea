"""A computer that becomes a worker by a code."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from im_api.queries.login.computers import Paired


class PairBody(Struct, frozen=True, kw_only=True):
    """`code`: six characters, as the accounts page shows them; blanks, dashes and small letters do not matter."""

    code: Annotated[str, Meta(max_length=40)]


class PairedShape(Struct, frozen=True):
    """`token` is shown this once; it is the credential of the worker socket."""

    worker: str
    label: str
    token: str


def paired(given: Paired) -> PairedShape:
    return PairedShape(worker=given.worker, label=given.label, token=given.token)
