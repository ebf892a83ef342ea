"""The API's own urls, with the handlers of errors that the root urls name."""

from im_api.urls import urlpatterns

handler400 = "im_api.error_responses.bad_request"
handler403 = "im_api.error_responses.permission_denied"
handler404 = "im_api.error_responses.page_not_found"
handler500 = "im_api.error_responses.server_error"

__all__ = ["urlpatterns"]
