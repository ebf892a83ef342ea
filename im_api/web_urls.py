from django.urls import re_path

from im_api import web

urlpatterns = [
    re_path(r"^\Z", web.home, name="home"),
    re_path(r"^live/?\Z", web.live, name="live"),
    re_path(r"^login/?\Z", web.login, name="login"),
    re_path(r"^logout/?\Z", web.logout, name="logout"),
]
