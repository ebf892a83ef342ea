from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy

if TYPE_CHECKING:
    from im_api.queries.sending.saved_transfer import RepliesPart


class ImApiConfig(AppConfig):
    name = "im_api"
    verbose_name = _lazy("IM API")

    def ready(self) -> None:
        from im_api import signals

        signals.connect()

    @property
    def export_part(self) -> RepliesPart:
        """Return what an export has of the API's users: their saved replies."""
        from im_api.queries.sending.saved_transfer import RepliesPart

        return RepliesPart()
