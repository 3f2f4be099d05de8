"""The page of a process for whoever operates it: whether it lives, whether it can work, its metrics.

It listens on an address of its own (`COMPLAINTS_OPERATIONS`), which customers and staff do not reach.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import httpx
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client

from activities.register.counts import Counts, counts
from activities.register.database import Register
from starter.http.health import health_routes
from starter.http.problems import answer_with_problems
from starter.http.serving import serve

_COUNTED_AGAIN_AFTER_SECONDS = 30.0
_log = logging.getLogger(__name__)


class Business(Collector):
    """The metrics of complaints, counted in the register; asked often, it answers what it counted a moment ago."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._counted: Counts | None = None
        self._at = float("-inf")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the families; without the register, that it is away and nothing else."""
        found = self._current()
        yield GaugeMetricFamily("complaints_register_up", "Whether the register answers", int(found is not None))
        if found is None:
            return
        open_ones = GaugeMetricFamily("complaints_open", "Open complaints", labels=["level"])
        for level, count in sorted(found.open_by_level.items()):
            open_ones.add_metric([level], count)
        yield open_ones
        yield GaugeMetricFamily("complaints_due_today", "Open complaints with a deadline left today", found.due_today)
        yield GaugeMetricFamily("complaints_overdue", "Open complaints with a clock not kept", found.overdue)
        yield GaugeMetricFamily(
            "complaints_need_attention", "Open complaints that a person must see to", found.need_attention
        )
        yield GaugeMetricFamily("complaints_events_refused", "Events refused, over all complaints", found.refused)
        letters = GaugeMetricFamily("complaints_letters", "Letters to customers", labels=["kind", "status"])
        for (kind, status), count in sorted(found.letters.items()):
            letters.add_metric([kind, status], count)
        yield letters
        silent = GaugeMetricFamily("complaints_partner_silent", "Requests for help past their day", labels=["insurer"])
        for insurer, count in sorted(found.silent.items()):
            silent.add_metric([insurer], count)
        yield silent

    def _current(self) -> Counts | None:
        if time.monotonic() - self._at > _COUNTED_AGAIN_AFTER_SECONDS or self._counted is None:
            self._at = time.monotonic()
            try:
                self._counted = counts(self._register, datetime.now(UTC))
            except SQLAlchemyError as error:
                _log.warning("the register does not answer: %s", type(error).__name__)
                self._counted = None
        return self._counted


def operations_app(client: Client, register: Register, of_temporal: str, *, business: bool) -> FastAPI:
    """Make the page; `of_temporal`: where the SDK's metrics are; `business`: those of complaints beside them.

    One process of an installation shows the business: each of several would count it again.
    """
    app = FastAPI(title="operations", docs_url=None, redoc_url=None, openapi_url=None)
    answer_with_problems(app, lambda _request, _problem: None)
    app.include_router(health_routes(client, register))
    app.state.end_streams = lambda: None
    registry = CollectorRegistry(auto_describe=False)
    if business:
        registry.register(Business(register))

    @app.get("/metrics")
    async def metrics() -> Response:
        ours = await asyncio.to_thread(generate_latest, registry)
        return Response(ours + await _from(of_temporal), media_type=CONTENT_TYPE_LATEST)

    return app


async def _from(address: str) -> bytes:
    try:
        async with httpx.AsyncClient(timeout=3) as client:
            return (await client.get(f"http://{address}/metrics")).content
    except httpx.HTTPError:
        return b""


@asynccontextmanager
async def operated(app: FastAPI, address: str) -> AsyncIterator[None]:
    """Serve the page at `host:port` meanwhile.

    Raises:
        CannotListen: the port is taken.

    """
    host, _, port = address.rpartition(":")
    serving = asyncio.create_task(serve(app, host or "127.0.0.1", int(port)))
    await asyncio.sleep(0)
    try:
        if serving.done():
            await serving
        yield
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
