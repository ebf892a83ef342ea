"""The address of a client is an IP address, or nothing."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from imhub.edge.client_address import ClientAddressMiddleware, get_client_address


def seen_behind(address: str) -> HttpRequest:
    """The request as what stands behind the middleware gets it."""
    seen: list[HttpRequest] = []

    def behind(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    ClientAddressMiddleware(behind)(RequestFactory().get("/", REMOTE_ADDR=address))
    return seen[0]


@pytest.mark.parametrize(
    ("given", "address"),
    [("10.0.0.7", "10.0.0.7"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8:0::1", "2001:db8::1")],
)
def test_an_address_is_one_without_its_zone(given: str, address: str) -> None:
    request = seen_behind(given)
    assert request.META["REMOTE_ADDR"] == address
    assert get_client_address(request) == address


@pytest.mark.parametrize("given", ["", "unix:", "x" * 500, "10.0.0.7, 10.0.0.8", "10.0.0.7\0"])
def test_what_is_no_address_is_none(given: str) -> None:
    request = seen_behind(given)
    assert request.META["REMOTE_ADDR"] == ""
    assert get_client_address(request) is None
