"""The door: one hub per process, started by the first scope of any kind.

lifespan, /healthz     here
GET /api/…             inline on the event loop (im_api.inline)
/static/…              from memory, once Django has answered it
other HTTP             Django's own ASGI handler, a bounded number at once
/ws/worker/            sync.worker.consumer
/ws/im/                im_api.push
"""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imhub.settings")

from django.core.asgi import get_asgi_application

django_application: Any = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import re_path

from alerts.service import AlertService
from im_api import access
from im_api.inline import InlineReads, get_shared_memo
from im_api.openapi.views import prepare_documents
from im_api.push.consumer import ClientConsumer
from im_api.push.feed import PushFeed
from im_api.queries.health.coverage_totals import CoverageTotals
from im_api.queries.store_memory import MemoryUpkeep
from im_api.views.metrics import PROCESS, CoverageCollector
from imhub.edge.close_codes import CloseCodes
from imhub.edge.collector import Collector
from imhub.edge.handshakes import Handshakes
from imhub.edge.kept_files import KeptFiles
from imhub.edge.known_answers import KnownAnswers
from imhub.edge.limits import AllowedHosts, LimitedBodies
from imhub.edge.metrics import EdgeCollector, MemoCollector
from imhub.edge.request_counts import CountedRequests, RequestCounts
from imhub.edge.startup_gate import StartupGate, refuse_websocket
from imhub.edge.threads import Gate, RequestThreads
from sync.hub import Hub, get_hub
from sync.worker.consumer import WorkerConsumer

refuse_others: Any = refuse_websocket
workers = WorkerConsumer.as_asgi(get_ports=lambda: get_hub().worker_ports())
push = PushFeed()
memory = MemoryUpkeep()
alerts = AlertService()
coverage = CoverageTotals()
gate = Gate(settings.THREADS, settings.UNKNOWN_CREDENTIALS_PER_MINUTE)
requests = RequestCounts()
others = LimitedBodies(RequestThreads(django_application, gate))
reads = InlineReads(KeptFiles(others, is_fixed=not settings.DEBUG))
known = KnownAnswers(reads, requests)
collector = Collector(lambda: requests.total)
edge = EdgeCollector(gate, push)
PROCESS.register(requests)
PROCESS.register(edge)
PROCESS.register(CoverageCollector(coverage))
PROCESS.register(MemoCollector(get_shared_memo()))

application = StartupGate(
    ProtocolTypeRouter(
        {
            "http": CountedRequests(reads, requests),
            "websocket": AllowedHosts(
                CloseCodes(
                    Handshakes(
                        URLRouter(
                            [
                                re_path(r"^ws/worker/?$", workers),
                                re_path(r"^ws/im/?$", ClientConsumer.as_asgi(feed=push)),
                                re_path(r"", refuse_others),
                            ]
                        ),
                        gate,
                    )
                )
            ),
        }
    ),
    prepare=prepare_documents,
    settle=collector.settle,
    make_hub=lambda: Hub(
        listeners=(access.reload,),
        chores=(access.flush_last_used, memory.prune, collector.look, coverage.refresh),
        followers=(push, memory, alerts),
        login_listeners=(push.login_changed,),
        services=(alerts.run,),
        sharers=(push.share,),
    ),
)
