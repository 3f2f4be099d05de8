"""The register's database is cut while complaints live: nothing is lost, and everything is recorded when it is back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.postgres import PostgresServer
from tests.stage import Stage, Told
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.dossier import Carried

ANSWER = {"decision": "rejected", "reasons": "Le vol n'a pas été déclaré dans les délais."}


@pytest_asyncio.fixture(loop_scope="session")
async def stage(environment: WorkflowEnvironment, postgres: PostgresServer, tmp_path: Path) -> AsyncIterator[Stage]:
    settings = Settings(
        data_dir=tmp_path,
        task_queue=f"q-{uuid.uuid4().hex[:8]}",
        durable=False,
        register_url=postgres.migrated(),
    )
    async with build_worker(environment.client, settings):
        yield Stage(environment, settings)


async def test_a_register_that_is_cut_delays_letters_and_loses_nothing(stage: Stage, postgres: PostgresServer) -> None:
    async with asyncio.timeout(180):
        told = await stage.opens()
        assert _recorded(stage, told) == await _carried(told)

        await asyncio.to_thread(postgres.stop)
        try:
            # People go on working: what they say is taken at once.
            for number in range(3):
                receipt = await told.submit("note_added", text=f"Note {number}")
                assert receipt["message"]
            await told.submit("response_given", **ANSWER)
            dossier = await told.dossier()
            assert dossier["stage"] == "answered"
            assert [each["kind"] for each in dossier["letters"]] == ["acknowledgement"], "no letter without its ledger"
        finally:
            await asyncio.to_thread(postgres.start)

        dossier = await _until_sent(told, "resolution")
        assert [each["status"] for each in dossier["letters"]] == ["sent", "sent"]
        await _until_recorded(stage, told)
        history = await told.handle.fetch_history()
        assert len(history.events) < 120, "a database that is away must not fill the history"


async def test_a_complaint_that_only_hears_while_the_register_is_away_is_recorded_when_it_is_back(
    stage: Stage, postgres: PostgresServer
) -> None:
    async with asyncio.timeout(180):
        told = await stage.opens()
        await asyncio.to_thread(postgres.stop)
        try:
            await told.submit("note_added", text="Le client a rappelé.")
            await _until_it_waits_for_the_register(told)
            await told.submit("note_added", text="Et encore.")
        finally:
            await asyncio.to_thread(postgres.start)
        await _until_recorded(stage, told)
        history = await told.handle.fetch_history()
        recorded = [e for e in history.events if e.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED]
        late = [e for e in recorded if e.activity_task_scheduled_event_attributes.activity_type.name == "record"]
        assert 1 <= len(late) <= 2, "one activity waits for the database, however often it is tried"


async def test_a_complaint_does_not_end_before_the_register_knows(stage: Stage, postgres: PostgresServer) -> None:
    async with asyncio.timeout(180):
        told = await stage.opens(complainant={"anonymous": True}, source="signalconso")
        await asyncio.to_thread(postgres.stop)
        try:
            await told.submit("response_given", **ANSWER)
            await told.submit("customer_accepts")
            assert (await told.dossier())["stage"] == "closed"
        finally:
            await asyncio.to_thread(postgres.start)
        result = await told.result()
        register = Register(stage.settings.register_address)
        kept = Dossiers(register).carried(told.reference)
        register.close()
        assert kept is not None
        assert len(kept.journal) == len(result["journal"])


def _recorded(stage: Stage, told: Told) -> Carried | None:
    register = Register(stage.settings.register_address)
    try:
        return Dossiers(register).carried(told.reference)
    finally:
        register.close()


async def _carried(told: Told) -> Carried:
    await told.settled()
    return Carried.model_validate(await told.handle.query("carried"))


async def _until_recorded(stage: Stage, told: Told) -> None:
    while _recorded(stage, told) != await _carried(told):  # noqa: ASYNC110 - another process has it
        await asyncio.sleep(0.2)


async def _until_sent(told: Told, kind: str) -> dict[str, Any]:
    while True:
        dossier = await told.dossier()
        if any(each["kind"] == kind and each["status"] == "sent" for each in dossier["letters"]):
            return dossier
        await asyncio.sleep(0.2)


async def _until_it_waits_for_the_register(told: Told) -> None:
    while True:
        pending = (await told.handle.describe()).raw_description.pending_activities
        if any(each.activity_type.name == "record" for each in pending):
            return
        await asyncio.sleep(0.1)
