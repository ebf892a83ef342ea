"""The inbox reads what the API reads: the same hub in memory."""

from tests.im_api.conftest import bare_hub, hub

__all__ = ["bare_hub", "hub"]
