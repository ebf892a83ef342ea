from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

handler400 = "im_api.error_responses.bad_request"
handler403 = "inbox.views.errors.permission_denied"
handler404 = "inbox.views.errors.page_not_found"
handler500 = "im_api.error_responses.server_error"

urlpatterns = [
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("", include("inbox.urls")),
    path("", include("im_api.urls")),
]
