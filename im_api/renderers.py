"""Structs -> bytes, and which representation a request gets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

encode: Final = msgspec.json.Encoder().encode


class JSONRenderer(BaseRenderer):
    """UTF-8 JSON of msgspec Structs and plain data; indented where a person reads it."""

    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8; the media type has no such parameter

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,  # noqa: ARG002
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
        format_suffix: str | None = None,  # noqa: ARG002
    ) -> tuple[Any, str]:
        html = wants_html(request.META.get("HTTP_ACCEPT", ""), request._request.GET.get("format"))
        first, *others = renderers
        renderer = next((other for other in others if html and other.media_type == "text/html"), first)
        return renderer, renderer.media_type


def wants_html(accept: str, wanted_format: str | None) -> bool:
    return wanted_format == "api" or (wanted_format != "json" and "text/html" in accept.lower())
