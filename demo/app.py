"""The demo site as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from demo.site import Site
from demo.views import control, creator, im, media, phone, www
from demo.views.html import unknown
from demo.views.request_log import RequestLog

STATIC = Path(__file__).parent / "static"
PREFIXES = ("", "/for/{phone}")


async def root(_request: Request) -> Response:
    """Lead `/` to the control room."""
    return RedirectResponse("/control/")


def make_app(site: Site) -> Starlette:
    """Return the application that serves `site`. Its fans act while the application runs."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(site.run_fans()), asyncio.create_task(site.keep_saving())]
        yield
        for task in tasks:
            task.cancel()
        site.save()

    log = Middleware(RequestLog, counts=site.requests)
    app = Starlette(routes=make_routes(), lifespan=lifespan, exception_handlers={404: unknown}, middleware=[log])
    app.router.redirect_slashes = False  # the platform's own redirects are the only ones
    app.state.site = site
    return app


def make_routes() -> list[BaseRoute]:
    """Return the routes of the whole site, with and without `/for/<account>`."""
    routes: list[BaseRoute] = [Route("/", root), *control.ROUTES, *phone.ROUTES, *media.ROUTES]
    for prefix in PREFIXES:
        routes += [*creator.make_routes(prefix), *www.make_routes(prefix), *im.make_routes(prefix)]
    return [*routes, Mount("/static", StaticFiles(directory=STATIC))]
