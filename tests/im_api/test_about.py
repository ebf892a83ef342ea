"""What the product says of itself, and where that comes from."""

from typing import Any

import httpx

import imhub
from tests.im_api.conftest import get


async def test_the_version_is_the_product_s(nobody: httpx.AsyncClient) -> None:
    assert (await get(nobody, "/health"))["version"] == imhub.__version__


async def test_the_platforms_are_those_of_the_settings(nobody: httpx.AsyncClient, settings: Any) -> None:
    settings.PLATFORMS = ["douyin", "another"]
    assert (await get(nobody, "/version"))["supported_platforms"] == ["douyin", "another"]
