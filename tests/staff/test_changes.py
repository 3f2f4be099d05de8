"""A complaint's changes as server-sent events: each arrives, none is missed by coming back, and the door can close."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from activities.access.roles import Role
from tests.staff.conftest import Office

_PATIENCE = 30


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
        for answer in answers:
            assert await anext(answer.aiter_lines()) == "retry: 2000"
        refused = await client.get(path, headers=headers)
        assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
        for stream in streams:
            await stream.__aexit__(None, None, None)


@pytest.mark.parametrize("after", ["999999", "x", "-1"])
async def test_a_place_that_was_never_reached_is_no_reason_to_hear_nothing(office: Office, after: str) -> None:
    told, key = await office.complaint(), office.key(Role.AUDITOR)
    async with asyncio.timeout(_PATIENCE), following(office, told.reference, key, after) as events:
        await told.submit("note_added", id="n", text="x")
        assert (await anext(events))["data"]["reference"] == told.reference
