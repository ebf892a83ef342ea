"""The description of the API and the page that shows it. Both are open, and come from memory."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, NamedTuple

import msgspec
import yaml
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.asyncio import async_unsafe
from django.utils.cache import get_conditional_response
from rest_framework.request import Request

from im_api.openapi.generate import make_document
from im_api.views.base import ApiViewSet


class Rendered(NamedTuple):
    body: bytes
    content_type: str
    etag: str


# Writes a text of several lines as one block. The one in C takes a third of the time, where it is built in.
_Dumper: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _write_text)


@cache
@async_unsafe("Making the document takes too long for the event loop")
def get_document(*, as_yaml: bool) -> Rendered:
    """Made once, in a thread, by the start of the hub: nothing in it changes while the process lives."""
    if as_yaml:
        document = msgspec.json.decode(get_document(as_yaml=False).body)
        body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True).encode()
    else:
        body = msgspec.json.format(msgspec.json.encode(make_document()), indent=1)
    digest = hashlib.blake2b(body, digest_size=16).hexdigest()
    return Rendered(body, "application/yaml" if as_yaml else "application/json", f'"{digest}"')


def prepare_documents() -> None:
    """Make both forms, so that no request has to wait for that. Takes a part of a second."""
    for as_yaml in (False, True):
        get_document(as_yaml=as_yaml)


class SchemaViewSet(ApiViewSet):
    """JSON; YAML for `?format=yaml` and for whoever accepts YAML by name."""

    authentication_classes = ()
    permission_classes = ()

    def retrieve(self, request: Request) -> HttpResponse | None:
        document = get_document(as_yaml=_wants_yaml(request._request))
        response = HttpResponse(document.body, content_type=document.content_type)
        response.headers["ETag"] = document.etag
        return get_conditional_response(request._request, etag=document.etag, response=response)


def _wants_yaml(request: HttpRequest) -> bool:
    accept = request.META.get("HTTP_ACCEPT", "").lower()
    by_name = "yaml" in accept and "json" not in accept
    return request.GET.get("format", "yaml" if by_name else "json") == "yaml"


class DocsViewSet(ApiViewSet):
    """A page for people, whatever they accept."""

    authentication_classes = ()
    permission_classes = ()

    def retrieve(self, request: Request) -> HttpResponse:
        return render(request._request, "docs.html")
