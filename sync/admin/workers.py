"""The workers, and their tokens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sync.admin import live
from sync.admin.pages import ask, is_confirmed, show_secret
from sync.core.account.account_state import AccountState
from sync.models import Worker
from sync.protocol.confidential import is_loopback
from sync.worker.tokens import new_worker_token

ONLINE = AccountState("Online", "ok")
NOT_CONNECTED = AccountState("Not running", "act")


@admin.register(Worker)
class WorkerAdmin(admin.ModelAdmin):
    """The list of workers and the page of one, with what the running hub knows of them."""

    list_display = (
        "name",
        "online",
        "host",
        "version",
        "crawls",
        "max_accounts",
        "tasks",
        "memory",
        "cpu",
        "heartbeat",
        "token",
    )
    search_fields = ("name",)
    fields = ("name", "label", "max_accounts", "online", "host", "version", "crawls", "heartbeat", "token")
    readonly_fields = ("online", "host", "version", "crawls", "heartbeat", "token")
    actions = ("new_token",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        return Worker.objects.annotate(assigned=Count("accounts")).order_by("name")

    # -- what is shown

    @admin.display(description=_lazy("state"))
    def online(self, worker: Worker) -> SafeString:
        if live.find_hub() is None:
            return live.draw_state(live.NOT_RUNNING)
        if live.presence_of(worker.name) is not None:
            return live.draw_state(ONLINE)
        return live.draw_state(NOT_CONNECTED)

    @admin.display(description=_lazy("computer"))
    def host(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        return (presence.host if presence else "") or live.UNKNOWN

    @admin.display(description=_lazy("version"))
    def version(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        return (presence.version if presence else "") or live.UNKNOWN

    @admin.display(description=_lazy("crawls / assigned"))
    def crawls(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        assigned = getattr(worker, "assigned", 0)
        return f"{len(presence.accounts) if presence else 0} / {assigned}"

    @admin.display(description=_lazy("tasks"))
    def tasks(self, worker: Worker) -> int | str:
        presence = live.presence_of(worker.name)
        return presence.active_tasks if presence else live.UNKNOWN

    @admin.display(description=_lazy("memory"))
    def memory(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        return f"{presence.memory_mb:.0f} MB" if presence else live.UNKNOWN

    @admin.display(description=_lazy("CPU"))
    def cpu(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        return f"{presence.cpu_percent:.0f} %" if presence else live.UNKNOWN

    @admin.display(description=_lazy("last heard of"))
    def heartbeat(self, worker: Worker) -> str:
        presence = live.presence_of(worker.name)
        if presence is not None:
            return live.format_ago_now(presence.last_heartbeat_at)
        seen = worker.last_seen_at
        return live.format_ago_now(int(seen.timestamp() * 1000) if seen else None)

    @admin.display(description=_lazy("token"))
    def token(self, worker: Worker) -> str:
        if worker.token_rotated_at is None:
            return _("none: it cannot connect")
        ago = live.format_ago_now(int(worker.token_rotated_at.timestamp() * 1000))
        return _("made %(ago)s") % {"ago": ago}

    # -- tokens

    @admin.action(description=_lazy("New token …"), permissions=["change"])
    def new_token(self, request: HttpRequest, workers: QuerySet[Worker]) -> HttpResponse | None:
        """Ask, then replace the token of one worker and show the new one once."""
        if len(workers) != 1:
            messages.error(request, _("Choose one worker: each token is shown once, on a page of its own."))
            return None
        worker = workers[0]
        if not is_confirmed(request):
            return ask(
                request,
                workers,
                action="new_token",
                title=_("A new token for %(worker)s?") % {"worker": worker},
                says=_("Its token of now is refused at once: the worker stops until it is started with the new one."),
                button=_("Make a new token"),
            )
        return self._show_token(request, worker)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._show_token(request, obj)

    def _show_token(self, request: HttpRequest, worker: Worker) -> HttpResponse:
        with transaction.atomic():
            token = new_worker_token(worker)
            self.log_change(request, worker, "got a new token")
        return show_secret(
            request,
            worker,
            title=_("The token of %(worker)s") % {"worker": worker},
            secret=token,
            says=_("It is shown this once and kept nowhere. Start the worker on its computer with:"),
            command=make_command(request, token),
        )

    # -- forms

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that cannot be changed. The token holds the name, so that stays."""
        return self.readonly_fields if obj is None else ("name", *self.readonly_fields)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fields(request, obj) if obj is not None else ("name", "label", "max_accounts")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is lost with each worker, in words."""
        lines = []
        for worker in objs:
            names = ", ".join(str(account) for account in worker.accounts.all()) or _("none")
            line = _("%(worker)s and its token. Accounts that are then without a worker: %(names)s")
            lines.append(line % {"worker": worker, "names": names})
        return lines, {_("workers"): len(lines)}, set(), []

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        live.warn_without_hub(request)
        return super().changelist_view(request, {"title": _("Workers"), **(extra_context or {})})


def make_command(request: HttpRequest, token: str) -> str:
    """Return the commands for the shell of the worker's computer.

    The token is not an argument: those are seen by every process there.
    """
    public = settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"
    hub = public.replace("http", "ws", 1)
    host = split_domain_port(public.partition("://")[2])[0].strip("[]")
    insecure = "" if hub.startswith("wss:") or is_loopback(host) else " --insecure"
    run = f".venv/bin/python manage.py runworker crawlers --hub {hub}/ws/worker/{insecure}"
    return f"export IMHUB_WORKER_TOKEN={token}\n{run}"
