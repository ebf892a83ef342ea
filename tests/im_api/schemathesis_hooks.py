"""What requests are made of, where the document says less than the API knows. Loaded by the schemathesis command."""

from typing import Any

import schemathesis
from hypothesis import strategies

schemathesis.openapi.format("cursor", strategies.sampled_from(["", "0", "00", "1", "200", "999999999999"]))
# Reached by every hub: one that is not costs half a second.
schemathesis.openapi.format("versions", strategies.sampled_from(["xiaoman=1", "xiaoman=0, shanye=0"]))


@schemathesis.hook
def filter_body(context: Any, body: Any) -> bool:
    """To a JSON schema 1.0 is an integer; to the API it is none. 0 is taken besides the times that are described."""
    before = body.get("before") if isinstance(body, dict) else None
    return not (isinstance(before, float) and before.is_integer()) and before != 0


@schemathesis.hook
def filter_query(context: Any, query: Any) -> bool:
    """As in a body, 0 is taken besides the times that are described."""
    return not any(str(query.get(name)) == "0" for name in ("since_time", "until_time")) if query else True
