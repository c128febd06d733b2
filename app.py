"""The server: security headers, compression, health, the font, a guard for demonstrations. No data and no page lives here."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route

from pages.frame.server import GuardAndHeaders, content_security_policy, require_sign_in_beyond_this_machine
from pipeline.errors import BadRequest

ROOT = Path(__file__).resolve().parent
INNER_SCRIPT = ROOT / "pages" / "frame" / "main.py"
FONT = ROOT / "pages" / "frame" / "fonts" / "inter-latin.woff2"
COLLECT_EVERY_SECONDS = 60


async def healthz(request):
    """Alive. Says nothing about data, so it needs no role."""
    return JSONResponse({"status": "ok"})


async def font(request):
    """The one font of the screen, from this machine."""
    return FileResponse(FONT, media_type="font/woff2", headers={"Cache-Control": "public, max-age=31536000, immutable"})


@asynccontextmanager
async def lifespan(app):
    """Imports what the first page needs before the first visitor, then collects garbage on a timer instead of after every run."""
    await anyio.to_thread.run_sync(_warm_up)
    async with anyio.create_task_group() as background:
        background.start_soon(_collect_on_a_timer)
        try:
            yield
        finally:
            background.cancel_scope.cancel()


def _warm_up() -> None:
    # Imported here, not above: the modules register Streamlit caches, which need the running server.
    import plotly.io
    import plotly.tools  # noqa: F401

    import pages.frame.show
    import pages.frame.show_intake
    import pages.frame.show_lineage
    import pages.frame.show_log
    import pages.frame.show_patient
    import pages.frame.show_readmissions
    import pages.frame.show_runs  # noqa: F401
    import pipeline.serving.data_quality  # noqa: F401

    gc.collect()
    gc.freeze()


async def _collect_on_a_timer() -> None:
    while True:
        await anyio.sleep(COLLECT_EVERY_SECONDS)
        await anyio.to_thread.run_sync(gc.collect)


try:
    require_sign_in_beyond_this_machine()
except BadRequest as unsafe:
    print(unsafe, file=sys.stderr, flush=True)
    os._exit(unsafe.exit_code)  # Streamlit's own server would go on without this app

app = st.App(
    str(INNER_SCRIPT),
    routes=[Route("/healthz", healthz), Route("/fonts/inter-latin.woff2", font)],
    # Streamlit leaves its own scripts uncompressed: 10 MB on a first visit instead of 3.
    middleware=[
        Middleware(GuardAndHeaders, policy=content_security_policy()),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
    ],
    lifespan=lifespan,
)
