"""`python -m bench.rivals.plain PORT FILE`: sends the answers of FILE, whoever asks, as fast as the server can.

FILE: JSON, path -> [status, [[name, value], ...], body]. The server is configured as `manage.py serve` is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Answers = Mapping[str, tuple[dict[str, Any], dict[str, Any]]]


def load_answers(file: Path) -> Answers:
    """Return the two messages of each answer by its path."""
    answers = {}
    for path, (status, headers, body) in json.loads(file.read_text("utf-8")).items():
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        start = {"type": "http.response.start", "status": status, "headers": encoded}
        answers[path] = (start, {"type": "http.response.body", "body": body.encode()})
    return answers


def main(port: int, file: Path) -> None:
    import django

    django.setup()
    import uvicorn

    from imhub.launcher.processes import listen
    from imhub.management.commands.serve import make_config

    answers = load_answers(file)

    async def plain(scope: Any, _receive: Any, send: Any) -> None:
        start, body = answers[scope["path"]]
        await send(start)
        await send(body)

    config = make_config()
    config.app, config.lifespan, config.known = plain, "off", None
    uvicorn.Server(config).run(sockets=[listen("127.0.0.1", port)])


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
