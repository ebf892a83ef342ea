"""Structs -> bytes, and which representation a request gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

HTML: Final = "text/html"

encode: Final = msgspec.json.Encoder().encode


class JSONRenderer(BaseRenderer):
    """UTF-8 JSON of msgspec Structs and plain data; indented where a person reads it."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8; the media type has no such parameter

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        indent = (renderer_context or {}).get("indent")
        body = encode(data)
        return msgspec.json.format(body, indent=indent) if indent else body


class Negotiation(DefaultContentNegotiation):
    """HTML for whoever asks for it by name, JSON for all others: no `Accept` is an error."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[Any, str]:
        html = wants_html(request.META.get("HTTP_ACCEPT", ""), request._request.GET.get("format"))
        first, *others = renderers
        renderer = next((other for other in others if html and other.media_type == HTML), first)
        return renderer, renderer.media_type


def wants_html(accept: str, wanted_format: str | None) -> bool:
    """`accept`: the header. HTML only for whoever wants it more than JSON."""
    if wanted_format in ("api", "json"):
        return wanted_format == "api"
    accept = accept.lower()
    if HTML not in accept:  # nearly always
        return False
    weights = dict(map(_parse_weight, accept.split(",")))
    return weights.get(HTML, 0.0) > weights.get(JSONRenderer.media_type, 0.0)


def _parse_weight(part: str) -> tuple[str, float]:
    """`text/html;q=0.9` -> ("text/html", 0.9). What cannot be read is not wanted."""
    name, *parameters = (word.strip() for word in part.split(";"))
    quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0
