"""The hub in memory that the tests of the API have."""

from tests.im_api.conftest import bare_hub, hub

__all__ = ["bare_hub", "hub"]
