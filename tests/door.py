"""The HTTP door on a port of its own, with a SendGrid before it that signs its calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from temporalio.client import Client

from activities.register.database import Register
from activities.register.events import DeliveryEvents
from starter.http.app import create_app
from starter.http.serving import serve
from tests.ports import HOST, free_port
from tests.sendgrid_server import Answered, Webhook
from worker.settings import Settings


class Door:
    """The door on a port of its own, the register behind it, and SendGrid before it."""

    def __init__(self, port: int, register: Register, sendgrid: Webhook) -> None:
        self.port, self.register, self.sendgrid = port, register, sendgrid
        sendgrid.url = f"http://{HOST}:{port}/v1/webhooks/sendgrid"

    async def reports(self, *events: dict[str, Any], timestamp: int | None = None) -> Answered:
        return await asyncio.to_thread(self.sendgrid.call, list(events), timestamp)

    async def posted(self, body: bytes, headers: dict[str, str]) -> Answered:
        return await asyncio.to_thread(self.sendgrid.post, body, headers)

    async def asked(self, path: str, method: str = "GET", headers: dict[str, str] | None = None) -> tuple[int, str]:
        reader, writer = await asyncio.open_connection(HOST, self.port)
        said = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        writer.write(f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n{said}\r\n".encode())
        answer = (await reader.read()).decode()
        writer.close()
        await writer.wait_closed()
        return int(answer.split()[1]), answer

    @property
    def untold(self) -> list[str]:
        return [telling.event_id for telling in DeliveryEvents(self.register).untold()]


@asynccontextmanager
async def opened(client: Client, register: Register, settings: Settings, sendgrid: Webhook) -> AsyncIterator[Door]:
    door = Door(free_port(), register, sendgrid)
    serving = asyncio.create_task(serve(create_app(client, register, settings), HOST, door.port))
    try:
        async with asyncio.timeout(30):
            while True:
                try:
                    assert (await door.asked("/health"))[0] == 200
                    break
                except ConnectionRefusedError:
                    assert not serving.done(), serving.exception()
                    await asyncio.sleep(0.02)
        yield door
    finally:
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
