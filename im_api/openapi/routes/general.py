from im_api.openapi import examples
from im_api.openapi.describe import Operation, SuccessfulAnswer, item
from im_api.shapes.status import StatusAnswer

OPERATIONS = {
    "GET health": Operation(
        summary="Say that the hub answers",
        description="Open to everybody. Whether its data are loaded is said by `/healthz`.",
        answers=(item(examples.HEALTH, versions="none"),),
    ),
    "GET version": Operation(
        summary="Tell the version of the API",
        description="Open to everybody.",
        answers=(item(examples.VERSION, versions="none"),),
    ),
    "GET /api/im": Operation(
        summary="List the routes of the API",
        answers=(item(examples.ROUTE_LIST, versions="none"),),
    ),
    "GET /api/v1/status": Operation(
        summary="Show the hub itself: its workers, what it holds, what it received",
        description="For the owner. The keys of this answer are camelCase.",
        answers=(SuccessfulAnswer(type=StatusAnswer, example=examples.STATUS, versions="none"),),
    ),
    "GET /metrics": Operation(
        summary="Measure the hub, for Prometheus",
        description="For the owner.",
        answers=(SuccessfulAnswer(type=str, example=examples.METRICS, versions="none", media_type="text/plain"),),
    ),
}
