"""The dashboard for Grafana in `docs/` asks for what `/metrics` tells."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from imhub import asgi
from imhub.edge.door import Door
from sync.hub import Hub
from tests.im_api.conftest import check_refusal
from tests.im_api.test_status import with_a_worker

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana-dashboard.json"


def list_expressions(panel: dict[str, Any]) -> list[str]:
    inner = [one for row in panel.get("panels", []) for one in list_expressions(row)]
    return [target["expr"] for target in panel.get("targets", [])] + inner


async def test_every_metric_of_the_dashboard_exists(
    olivia: httpx.AsyncClient, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_a_worker(hub)
    monkeypatch.setattr(asgi.edge, "door", Door(1, 1))
    told = (await olivia.get("/metrics")).text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE))
    parts = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
    names = {name + part for name, kind in kinds.items() for part in parts.get(kind, ("",))}
    expressions = list_expressions(json.loads(DASHBOARD.read_text("utf-8")))
    wanted = {name for one in expressions for name in re.findall(r"\b(?:imhub|process|python)_\w+", one)}
    assert len(wanted) > 20
    assert wanted - names == set()


@pytest.mark.parametrize("credentials", ["Token wrong", "Token alice-", "Bearer olivia", "Basic b2xpdmlhOng="])
@pytest.mark.django_db(transaction=True)
async def test_the_metrics_are_refused_to_whoever_is_not_known(nobody: httpx.AsyncClient, credentials: str) -> None:
    check_refusal(await nobody.get("/metrics", headers={"Authorization": credentials}), 401)
