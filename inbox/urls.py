"""The addresses for people. An id may contain any printable character, and takes all that is left of the path."""

from django.urls import re_path

from inbox import preferences
from inbox.views import (
    account_forms,
    accounts,
    alerts,
    comments_by_work,
    computers,
    devices,
    inbox,
    logins,
    me,
    sign_in,
)

urlpatterns = [
    re_path(r"^\Z", inbox.inbox, name="home"),
    re_path(r"^c/(?P<item_id>[\s\S]+?)/?\Z", inbox.conversation, name="conversation"),
    re_path(r"^d/(?P<item_id>[\s\S]+?)/?\Z", inbox.comment_thread, name="discussion"),
    re_path(r"^n/(?P<group_id>[\s\S]+?)/?\Z", inbox.notices, name="notices"),
    re_path(r"^works/?\Z", comments_by_work.works, name="works"),
    re_path(r"^works/older/(?P<account_id>[^/]+)/?\Z", comments_by_work.older_works, name="older-works"),
    re_path(r"^works/(?P<item_id>[\s\S]+?)/?\Z", comments_by_work.work, name="work"),
    re_path(r"^accounts/?\Z", accounts.accounts, name="accounts"),
    re_path(r"^accounts/add/?\Z", account_forms.add, name="account-add"),
    re_path(r"^accounts/computers/add/?\Z", computers.add, name="computer-add"),
    re_path(r"^accounts/computers/(?P<name>[^/]+)/?\Z", computers.show, name="computer"),
    re_path(r"^accounts/computers/(?P<name>[^/]+)/code/?\Z", computers.renew, name="computer-renew"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/edit/?\Z", account_forms.edit, name="account-edit"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/computer/?\Z", account_forms.move, name="account-move"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/people/?\Z", account_forms.people, name="account-people"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/sending/?\Z", account_forms.sending, name="account-sending"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/pause/?\Z", account_forms.pause, name="account-pause"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/login/?\Z", logins.login, name="account-login"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/login/code/?\Z", logins.code, name="account-login-code"),
    re_path(r"^accounts/(?P<account_id>[^/]+)/login/link/?\Z", logins.link, name="account-login-link"),
    re_path(r"^scan/(?P<secret>[\w-]{16,64})/?\Z", logins.scan, name="scan"),
    re_path(r"^alerts/?\Z", alerts.alerts, name="alerts"),
    re_path(r"^alerts/people/?\Z", alerts.add_people, name="alert-people"),
    re_path(r"^alerts/programs/?\Z", alerts.add_program, name="alert-program"),
    re_path(r"^alerts/watch/?\Z", alerts.set_watch, name="alert-watch"),
    re_path(r"^alerts/(?P<place_id>\d{1,18})/?\Z", alerts.place, name="alert-place"),
    re_path(r"^alerts/(?P<place_id>\d{1,18})/act/?\Z", alerts.act, name="alert-act"),
    re_path(r"^alerts/devices/?\Z", devices.devices, name="devices"),
    re_path(r"^manifest\.webmanifest\Z", devices.manifest, name="manifest"),
    re_path(r"^service-worker\.js\Z", devices.service_worker, name="service-worker"),
    re_path(r"^me/?\Z", me.me, name="me"),
    re_path(r"^preferences/?\Z", preferences.preferences, name="preferences"),
    re_path(r"^login/?\Z", sign_in.login, name="login"),
    re_path(r"^logout/?\Z", sign_in.logout, name="logout"),
]
