"""A complaint's changes as server-sent events: each arrives, none is missed by coming back, and the door can close."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from activities.access.accounts import Accounts
from activities.access.api_keys import ApiKeys
from activities.access.roles import Role
from activities.register.database import Register
from starter.http import changes
from tests.door import opened
from tests.ports import HOST
from tests.sendgrid_server import Webhook
from tests.staff.conftest import Office
from worker.settings import Settings

_PATIENCE = 300


@asynccontextmanager
async def following(office: Office, reference: str, key: str, after: str = "") -> AsyncIterator[AsyncIterator[Any]]:
    headers = {"Authorization": f"Bearer {key}"} | ({"Last-Event-ID": after} if after else {})
    async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        path = f"{office.url}/v1/complaints/{reference}/changes"
        async with client.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield _events(answer)


async def _events(answer: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    event: dict[str, Any] = {}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name in ("event", "id", "data"):
            event[name] = value
        elif not line and "data" in event:
            yield {**event, "data": json.loads(event["data"])}
            event = {}


async def test_what_happens_is_told_and_coming_back_misses_nothing(office: Office) -> None:
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    async with asyncio.timeout(_PATIENCE):
        async with following(office, told.reference, key) as events:
            first = await anext(events)
            assert (first["event"], first["data"]["stage"]) == ("changed", "investigating")
            await told.submit("results_known", id="r", decision="upheld", reasons="Oui.")
            while (later := await anext(events))["data"]["stage"] != "results_known":
                pass
        await told.submit("response_given", id="a", decision="upheld", reasons="Oui.")
        async with following(office, told.reference, key, later["id"]) as events:
            while (last := await anext(events))["data"]["stage"] != "answered":
                assert int(last["id"]) > int(later["id"])


async def test_one_caller_follows_a_few_at_a_time(office: Office) -> None:
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        path, headers = f"{office.url}/v1/complaints/{told.reference}/changes", {"Authorization": f"Bearer {key}"}
        streams = [client.stream("GET", path, headers=headers) for _ in range(20)]
        answers = [await stream.__aenter__() for stream in streams]
        held = [answer.aiter_lines() for answer in answers]  # one that is dropped ends its stream
        for lines in held:
            assert await anext(lines) == "retry: 2000"
        refused = await client.get(path, headers=headers)
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        for stream in streams:
            await stream.__aexit__(None, None, None)


async def test_whoever_may_follow_no_longer_hears_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "ASKS_AGAIN_AFTER_SECONDS", 0.5)
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    office.person("c-007", Role.HANDLER)
    person = office.session("c-007")
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        by_key = {"Authorization": f"Bearer {key}"}
        by_cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in person.cookies.items())}
        for path, headers, end in (
            (f"/v1/complaints/{told.reference}/changes", by_key, _revoke),
            (f"/staff/complaints/{told.reference}/live", by_cookie, _end_account),
        ):
            async with client.stream("GET", office.url + path, headers=headers) as answer:
                lines = answer.aiter_lines()
                assert await anext(lines) == "retry: 2000"
                end(office)
                async for _ in lines:  # until it ends by itself, or the time is over
                    pass
            assert (await client.get(office.url + path, headers=headers)).status_code in (401, 303)


def _revoke(office: Office) -> None:
    keys = ApiKeys(office.register)
    for key in keys.listed():
        keys.revoke(key.id, datetime.now(UTC))


def _end_account(office: Office) -> None:
    Accounts(office.register).disable("c-007", datetime.now(UTC))


async def test_streams_end_when_the_door_closes(
    environment: WorkflowEnvironment, office: Office, settings: Settings, register: Register
) -> None:
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    headers = {"Authorization": f"Bearer {key}"}
    async with asyncio.timeout(_PATIENCE), httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        async with opened(environment.client, register, settings, Webhook()) as door:
            path = f"http://{HOST}:{door.port}/v1/complaints/{told.reference}/changes"
            stream = client.stream("GET", path, headers=headers)
            lines = (await stream.__aenter__()).aiter_lines()
            assert await anext(lines) == "retry: 2000"
        # The door is closed: nothing but what was under way is still to come.
        assert len([line async for line in lines]) < 20
        await stream.__aexit__(None, None, None)


@pytest.mark.parametrize("after", ["999999", "x", "-1"])
async def test_a_place_that_was_never_reached_is_no_reason_to_hear_nothing(office: Office, after: str) -> None:
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    async with asyncio.timeout(_PATIENCE), following(office, told.reference, key, after) as events:
        await told.submit("note_added", id="n", text="x")
        assert (await anext(events))["data"]["reference"] == told.reference
