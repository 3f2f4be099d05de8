"""The service as its processes: the embedded server, `complaints worker`, `complaints serve`, a collector of traces."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from temporalio.client import Client

from activities.access.api_keys import ApiKeys, Scope
from activities.register.database import Register
from tests.ports import HOST, free_port
from tests.staff.conftest import NOW
from worker.embedded import EmbeddedServer
from worker.namespace import prepare
from worker.settings import Settings

PROGRAM = Path(sys.executable).with_name("complaints")
PLANTED = ("Zéphyrine Quatrevaux", "quatrevaux@courriel.example", "POLICE-ZQ-778899", "vétusté du joint", "rancunière")


class Collector(ThreadingHTTPServer):
    """Takes spans as a collector does, over HTTP."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        collector = self

        class Taking(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.bodies.append(body)
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans.extend(scope.spans)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        super().__init__((HOST, free_port()), Taking)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"


@dataclass
class Service:
    """What runs, and what it says."""

    folder: Path
    client: Client
    door: str
    worker_page: str
    door_page: str
    key: str
    collector: Collector
    server: EmbeddedServer
    processes: dict[str, asyncio.subprocess.Process] = field(default_factory=dict)

    def log(self, process: str) -> str:
        return (self.folder / f"{process}.log").read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        said = self.log("worker") + self.log("serve")
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]

    async def asks(self, method: str, path: str, body: Any = None) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30) as client:
            headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"k-{os.urandom(4).hex()}"}
            return await client.request(method, self.door + path, json=body, headers=headers)

    async def shows(self, page: str, path: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=30) as client:
            return await client.get(page + path)


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


@pytest_asyncio.fixture(loop_scope="session")
async def service(tmp_path: Path, collector: Collector) -> AsyncIterator[Service]:
    server = EmbeddedServer(tmp_path / "temporal.db", free_port(), free_port())
    client = await server.start()
    await prepare(client, 90)
    settings = Settings(data_dir=tmp_path, durable=False)
    register = Register(settings.register_address, durable=False)
    register.migrate()
    key = ApiKeys(register).create("observed", [Scope.INTAKE, Scope.EVENTS, Scope.READ], NOW)[1]
    register.close()
    ports = {name: free_port() for name in ("worker", "serve", "door")}
    service = Service(
        tmp_path, client, f"http://{HOST}:{ports['door']}", f"http://{HOST}:{ports['worker']}",
        f"http://{HOST}:{ports['serve']}", key, collector, server,
    )  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMPLAINTS_", "TEMPORAL_"))}
    for name, words in (("worker", ["worker"]), ("serve", ["serve", "--port", str(ports["door"])])):
        environment = kept | {
            "TEMPORAL_ADDRESS": server.address,
            "COMPLAINTS_DATA_DIR": str(tmp_path),
            "COMPLAINTS_LOG_FORMAT": "json",
            "COMPLAINTS_OPERATIONS": f"{HOST}:{ports[name]}",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        with (tmp_path / f"{name}.log").open("wb") as log:
            service.processes[name] = await asyncio.create_subprocess_exec(
                str(PROGRAM), *words, env=environment, stdout=log, stderr=log
            )
    try:
        for page in (service.worker_page, service.door_page, service.door):
            await _comes_up(service, page)
        yield service
    finally:
        for process in service.processes.values():
            if process.returncode is None:
                process.terminate()
            await process.wait()
        await server.stop()


async def _comes_up(service: Service, page: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                assert (await service.shows(page, "/health")).status_code == 200
                return
            except httpx.TransportError:
                ended = [name for name, process in service.processes.items() if process.returncode is not None]
                assert not ended, [service.log(name) for name in ended]
                await asyncio.sleep(0.1)
