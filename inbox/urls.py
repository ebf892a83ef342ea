"""The addresses for people. An id may contain any printable character, and takes all that is left of the path."""

from django.urls import re_path

from inbox import preferences
from inbox.views import accounts as owner
from inbox.views import main as web
from inbox.views import sign_in
from inbox.views import works as web_works

urlpatterns = [
    re_path(r"^\Z", web.home, name="home"),
    re_path(r"^c/(?P<item_id>[\s\S]+?)/?\Z", web.conversation, name="conversation"),
    re_path(r"^d/(?P<item_id>[\s\S]+?)/?\Z", web.discussion, name="discussion"),
    re_path(r"^works/?\Z", web_works.works, name="works"),
    re_path(r"^works/older/(?P<account_id>[^/]+)/?\Z", web_works.older_works, name="older-works"),
    re_path(r"^works/(?P<item_id>[\s\S]+?)/?\Z", web_works.work, name="work"),
    re_path(r"^accounts/?\Z", web.accounts, name="accounts"),
    re_path(r"^accounts/add/?\Z", owner.add, name="account-add"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/edit/?\Z", owner.edit, name="account-edit"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/people/?\Z", owner.people, name="account-people"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/pause/?\Z", owner.pause, name="account-pause"),
    re_path(r"^me/?\Z", web.me, name="me"),
    re_path(r"^preferences/?\Z", preferences.preferences, name="preferences"),
    re_path(r"^login/?\Z", sign_in.login, name="login"),
    re_path(r"^logout/?\Z", sign_in.logout, name="logout"),
]
