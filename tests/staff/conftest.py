"""A firm at work: the real server, a worker, the door, people with accounts and systems with keys."""

import asyncio
import http.client
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from activities.access.accounts import Accounts
from activities.access.api_keys import ApiKeys
from activities.access.roles import Role
from activities.access.sessions import Sessions
from activities.register.database import Register
from starter.client import Complaints
from starter.http.staff.visitors import SESSION_COOKIE
from tests.door import opened
from tests.ports import HOST
from tests.sendgrid_server import Webhook
from tests.stage import Stage, Told
from worker.hosting import build_worker
from worker.settings import Settings

PASSWORD = "un mot de passe assez long"  # noqa: S105
INSURER = "assureur-exemple"
NOW = datetime.now(UTC)


@dataclass
class Office:
    """Where people work: a door on a port, and what lies behind it."""

    port: int
    register: Register
    stage: Stage
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def person(self, contact: str, *roles: Role) -> str:
        """Give a person an account, and say what they sign in with."""
        insurer = INSURER if Role.PARTNER in roles else None
        login = f"{contact}@123courtage.example"
        Accounts(self.register).create(
            login, f"Personne {contact}", roles, datetime.now(UTC),
            contact=contact, insurer=insurer, password=PASSWORD,
        )  # fmt: skip
        return login

    def session(self, account: str) -> "Browser":
        """Sign an account in without its password."""
        sessions = Sessions(self.register)
        said = sessions.open(account, datetime.now(UTC))
        found = sessions.known(said, datetime.now(UTC))
        assert found
        return Browser(self, {SESSION_COOKIE: said}, found.token)

    def visitor(self) -> "Browser":
        """Somebody who is not signed in."""
        return Browser(self, {}, "")

    def key(self, role: Role) -> str:
        keys = ApiKeys(self.register)
        insurer = INSURER if role is Role.PARTNER else None
        return keys.create(f"of-{role.value}", [], datetime.now(UTC), role=role, insurer=insurer)[1]

    async def complaint(self, **changes: Any) -> Told:
        """Open a complaint and wait until the register has heard of it."""
        if "reference" not in changes:
            told = await self.stage.opens(**changes)
        else:
            client = self.stage.environment.client
            complaints = Complaints(client, self.stage.settings.task_queue)
            told = Told(self.stage, complaints.handle(await complaints.open(self.stage.complaint(**changes))))
            await complaints.dossier(told.reference)  # which waits until it is open
        await told.settled()
        return told


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def at(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Browser:
    """What a browser sends, without one: its cookies, and the token of its forms."""

    office: Office
    cookies: dict[str, str]
    token: str

    async def asks(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: str | None = None
    ) -> Answer:
        said = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(headers or {})}
        return await asyncio.get_running_loop().run_in_executor(
            self.office.threads, _call, self.office.port, method, path, said, body
        )

    async def gets(self, path: str) -> Answer:
        return await self.asks("GET", path)

    async def posts(self, path: str, **fields: str) -> Answer:
        form = urlencode({"token": self.token, **{name.replace("__", "."): value for name, value in fields.items()}})
        return await self.asks("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, form)

    async def hidden(self, path: str, name: str) -> str:
        """Give what a hidden field of a page holds."""
        found = re.search(rf'name="{name}" value="([^"]*)"', (await self.gets(path)).text)
        assert found, f"{path} has no {name}"
        return found[1]


def _call(port: int, method: str, path: str, headers: dict[str, str], body: str | None) -> Answer:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, body.encode() if body is not None else None, headers)
        answer = connection.getresponse()
        stream = answer.getheader("content-type", "").startswith("text/event-stream")
        text = (answer.readline() if stream else answer.read()).decode("utf-8", "replace")
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)
    finally:
        connection.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, task_queue=f"q-{tmp_path.name[-14:]}", durable=False)


@pytest.fixture
def register(settings: Settings) -> Iterator[Register]:
    register = Register(settings.register_address, durable=False)
    register.migrate()
    yield register
    register.close()


@pytest_asyncio.fixture(loop_scope="session")
async def office(environment: WorkflowEnvironment, settings: Settings, register: Register) -> AsyncIterator[Office]:
    async with (
        build_worker(environment.client, settings),
        opened(environment.client, register, settings, Webhook()) as door,
    ):
        found = Office(door.port, register, Stage(environment, settings))
        with found.threads:
            yield found
