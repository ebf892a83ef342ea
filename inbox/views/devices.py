"""Serves what makes the inbox an app on a phone: its manifest, its service worker, and alerts on this device."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from alerts.devices import BadSubscription, Subscription, has_device, public_key, subscribe, unsubscribe
from im_api.queries.account_overview import get_now
from inbox.preferences import in_language
from inbox.views.frame import get_principal

WORKER: Final = Path(__file__).resolve().parents[1] / "static" / "inbox" / "device" / "service_worker.js"
_decoder: Final = msgspec.json.Decoder(Subscription)


@require_safe
@in_language
def manifest(request: HttpRequest) -> HttpResponse:
    """Tell how the app is called and looks when it is installed."""
    sizes = {"192x192": "icon-192.png", "512x512": "icon-512.png"}
    icons = [{"src": static(f"imhub/{name}"), "sizes": size, "type": "image/png"} for size, name in sizes.items()]
    about = {
        "name": "IM Hub",
        "short_name": "IM Hub",
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#F4F5F7",
        "theme_color": "#3F4FD0",
        "icons": icons,
    }
    return JsonResponse(about, content_type="application/manifest+json")


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Give the service worker at the root, so that it serves all pages. It is looked for anew each time."""
    answer = HttpResponse(WORKER.read_text(encoding="utf-8"), content_type="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_http_methods(["GET", "POST", "DELETE"])
@never_cache
@login_required
@in_language
def devices(request: HttpRequest) -> HttpResponse:
    """Begin (POST) or end (DELETE) alerts on this browser; the body is its subscription.

    GET: the key to subscribe with, and with `endpoint` whether that browser is told already.
    """
    user_id = get_principal(request).user_id
    if request.method == "GET":
        endpoint = request.GET.get("endpoint", "")
        return JsonResponse({"key": public_key(), "is_on": bool(endpoint) and has_device(user_id, endpoint)})
    try:
        subscription = _decoder.decode(request.body)
        if request.method == "DELETE":
            unsubscribe(user_id, subscription.endpoint)
        else:
            label = request.headers.get("User-Agent", "")
            subscribe(user_id, subscription, label, get_language() or "en", get_now())
    except (msgspec.MsgspecError, BadSubscription) as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"is_on": request.method == "POST"})
