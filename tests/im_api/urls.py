"""The API's own urls, with the handlers of errors that the root urls name."""

from im_api.urls import urlpatterns

handler400 = "im_api.errors.bad_request"
handler403 = "im_api.errors.permission_denied"
handler404 = "im_api.errors.page_not_found"
handler500 = "im_api.errors.server_error"

__all__ = ["urlpatterns"]
