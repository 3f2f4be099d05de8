"""The API for systems over real HTTP, on real complaints: who is let in, what is done once, what is refused and how."""

import asyncio
import http.client
import itertools
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.access.api_keys import ApiKey, ApiKeys, Scope
from activities.register.database import Register
from starter.http.api.answers import DossierAnswer, ReceiptView
from starter.http.api.bodies import LARGEST
from tests.door import opened
from tests.ports import HOST, free_port
from tests.sendgrid_server import Webhook
from tests.stage import Stage, Told
from worker.conversion import data_converter
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.calendar import paris_date

PROGRAM = Path(sys.executable).with_name("complaints")
NOTE = {"id": "n-1", "type": "note_added", "text": "Le client a rappelé."}
ROUTES: list[tuple[Scope | None, str, str]] = [
    (Scope.INTAKE, "POST", "/v1/complaints"),
    (Scope.EVENTS, "POST", "/v1/complaints/REC-2026-NONE/events"),
    (Scope.READ, "GET", "/v1/complaints"),
    (Scope.READ, "GET", "/v1/complaints/REC-2026-NONE"),
    (Scope.READ, "GET", "/v1/complaints/REC-2026-NONE/changes"),
    (Scope.READ, "GET", "/v1/agenda"),
    (Scope.READ, "GET", "/v1/due?received=2026-12-19"),
    (Scope.LETTERS, "GET", "/v1/complaints/REC-2026-NONE/letters"),
    (Scope.LETTERS, "GET", "/v1/letters/REC-2026-NONE/holding/1"),
    (Scope.REGISTER, "GET", "/v1/register?year=2026"),
    (None, "GET", "/v1/openapi.json"),
]
"""Every route of the API, and the scope that opens it; None: any key."""
RIGHT_OF = dict.fromkeys(("/v1/complaints", "/v1/agenda", "/v1/due?received=2026-12-19"), "right `")
"""Lists need less than the scope `read` gives: their refusal names that right."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def problem(self) -> str:
        """The sentence of a refusal, which must be a whole problem of RFC 9457."""
        assert self.headers["content-type"] == "application/problem+json", (self.status, self.body)
        said = self.json
        assert said["status"] == self.status
        assert said["title"]
        return str(said["detail"])


def call(
    port: int, method: str, path: str, key: str | None, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    said = {"Authorization": f"Bearer {key}"} if key else {}
    sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    try:
        connection.request(method, path, sent, said | (headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@dataclass
class Api:
    """A system that calls, with a key of every scope unless it names another."""

    port: int
    key: str
    register: Register
    stage: Stage
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(24))
    """Its own: the door, in this process too, needs those of the loop."""

    async def asks(self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await asyncio.get_running_loop().run_in_executor(
            self.threads, lambda: call(self.port, method, path, self.key if key is None else key, body, named)
        )

    async def opens(self, **changes: Any) -> Told:
        answer = await self.asks("POST", "/v1/complaints", self.stage.complaint(**changes))
        assert answer.status == 201, answer.body
        told = Told(self.stage, self.stage.environment.client.get_workflow_handle(answer.json["reference"]))
        await self.until_recorded(told)
        return told

    async def until_recorded(self, told: Told) -> None:
        """Wait until the complaint is at rest; its last state is then in the register."""
        give_up_at = time.monotonic() + 60
        while (await self.asks("GET", f"/v1/complaints/{told.reference}")).status != 200:
            assert time.monotonic() < give_up_at
        await told.settled()

    def makes(self, name: str, *scopes: Scope, **how: Any) -> tuple[ApiKey, str]:
        return ApiKeys(self.register).create(name, scopes, datetime.now(UTC), **how)


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, task_queue=f"q-{tmp_path.name[-14:]}", durable=False)


@pytest.fixture
def register(configured: Settings) -> Iterator[Register]:
    register = Register(configured.register_address, durable=False)
    register.migrate()
    yield register
    register.close()


@pytest_asyncio.fixture(loop_scope="session")
async def api(environment: WorkflowEnvironment, configured: Settings, register: Register) -> AsyncIterator[Api]:
    async with (
        build_worker(environment.client, configured),
        opened(environment.client, register, configured, Webhook()) as door,
    ):
        _, key = ApiKeys(register).create("crm-lyon", list(Scope), datetime.now(UTC))
        found = Api(door.port, key, register, Stage(environment, configured))
        with found.threads:
            yield found


# Opening


async def test_a_complaint_is_opened_and_found_where_the_answer_says(api: Api) -> None:
    answer = await api.asks("POST", "/v1/complaints", api.stage.complaint())
    assert answer.status == 201
    reference = answer.json["reference"]
    assert answer.headers["location"] == f"/v1/complaints/{reference}"
    found = await api.asks("GET", answer.headers["location"])
    assert (found.status, found.headers["x-complaints-source"]) == (200, "complaint")
    assert found.json["level"] == "1"


@pytest.mark.parametrize(
    ("changes", "field_named"),
    [
        ({"summary": None}, "summary"),
        ({"channel": "pigeon"}, "channel"),
        ({"received_at": "2096-11-20T16:45:00+01:00"}, "received_at"),
        ({"complainant": {"name": "Anne Martin", "email": "anne.martin"}}, "complainant.email"),
        ({"misspelt": 1}, "misspelt"),
        ({"reference": "a/b"}, "reference"),
    ],
)
async def test_what_is_no_complaint_is_refused_naming_the_field_and_no_value(
    api: Api, changes: dict[str, Any], field_named: str
) -> None:
    answer = await api.asks("POST", "/v1/complaints", api.stage.complaint(**changes), Idempotency_Key="k-1")
    assert answer.status == 400
    assert field_named in answer.problem
    assert not re.search("Martin|martin|pigeon", answer.problem)
    # And the key is free for the corrected one.
    assert (await api.asks("POST", "/v1/complaints", api.stage.complaint(), Idempotency_Key="k-1")).status == 201


async def test_the_same_call_again_is_the_same_complaint_and_another_body_is_refused(api: Api) -> None:
    body = api.stage.complaint()
    first = await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")
    again = await api.asks("POST", "/v1/complaints", dict(reversed(body.items())), Idempotency_Key="k-1")
    assert (first.status, again.status, again.json) == (201, 200, first.json)
    other = await api.asks("POST", "/v1/complaints", {**body, "summary": "Autre"}, Idempotency_Key="k-1")
    assert other.status == 409
    assert "Idempotency-Key" in other.problem
    # Another system's key of the same words is another key; a second key of the same system is not.
    _, of_another = api.makes("crm-paris", Scope.INTAKE)
    _, successor = api.makes("crm-lyon", Scope.INTAKE)
    elsewhere = await api.asks("POST", "/v1/complaints", body, of_another, Idempotency_Key="k-1")
    assert (elsewhere.status, elsewhere.json != first.json) == (201, True)
    assert (await api.asks("POST", "/v1/complaints", body, successor, Idempotency_Key="k-1")).json == first.json


async def test_twenty_at_the_same_moment_are_one_complaint(api: Api) -> None:
    body = api.stage.complaint()
    answers = await asyncio.gather(
        *(api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1") for _ in range(20))
    )
    assert len({answer.json["reference"] for answer in answers}) == 1
    assert sorted({answer.status for answer in answers}) == [200, 201]
    assert await started(api) == 1


async def started(api: Api) -> int:
    """Count what was started on this test's task queue, once visibility has caught up with one."""
    query = f"TaskQueue='{api.stage.settings.task_queue}' AND WorkflowType='Complaint'"
    for _ in range(200):
        if (await api.stage.environment.client.count_workflows(query)).count:
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)  # for a second one, which there must not be
    return (await api.stage.environment.client.count_workflows(query)).count


async def test_a_reference_of_the_senders_own_is_kept_and_opened_once(api: Api) -> None:
    own = f"CRM-{api.stage.settings.task_queue}"
    body = api.stage.complaint(reference=own)
    assert (await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")).json == {"reference": own}
    assert (await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")).status == 200
    for headers in ({}, {"Idempotency_Key": "k-2"}, {"Idempotency_Key": "k-2"}):
        refused = await api.asks("POST", "/v1/complaints", body, **headers)
        assert (refused.status, "reference" in refused.problem) == (409, True)


_DIES = """
import asyncio, os, signal, sys
from starter import client
from starter.cli.app import app
opened = client.Complaints.open
async def dies(self, *given, **named):
    if sys.argv[1] == "after":
        await opened(self, *given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
client.Complaints.open = dies
app(["serve", "--port", sys.argv[2]])
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_door_killed_before_or_after_the_start_answers_the_repeated_call_with_one_complaint(
    api: Api, moment: str
) -> None:
    settings, body, port = api.stage.settings, api.stage.complaint(), free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_"))}
    environment = kept | {
        "TEMPORAL_ADDRESS": api.stage.environment.client.service_client.config.target_host,
        "COMPLAINTS_DATA_DIR": str(settings.data_dir.absolute()),
        "COMPLAINTS_TASK_QUEUE": settings.task_queue,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    door = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _DIES, moment, str(port), env=environment, stdout=subprocess.PIPE
    )
    assert door.stdout
    assert b"http://" in await door.stdout.readline()

    def fails() -> None:
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            try:
                call(port, "POST", "/v1/complaints", api.key, body, {"Idempotency-Key": "k-1"})
            except ConnectionRefusedError:
                time.sleep(0.05)  # it does not listen yet
            except (ConnectionError, http.client.HTTPException):
                return
        raise AssertionError("the door did not die")

    await asyncio.get_running_loop().run_in_executor(api.threads, fails)
    assert await door.wait() == -signal.SIGKILL
    again = await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")
    assert again.status == (201 if moment == "before" else 200)
    once_more = await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")
    assert (once_more.status, once_more.json) == (200, again.json)
    assert await started(api) == 1


# Events


async def test_an_event_is_recorded_once_and_says_who_sent_it(api: Api) -> None:
    told = await api.opens()
    path = f"/v1/complaints/{told.reference}/events"
    first = await api.asks("POST", path, NOTE)
    assert first.status == 202
    receipt = ReceiptView.model_validate(first.json)
    assert (receipt.reference, receipt.event_id) == (told.reference, "n-1")
    assert (await api.asks("POST", path, NOTE)).json == first.json
    by_header = await api.asks("POST", path, {"type": "note_added", "text": "Deux"}, Idempotency_Key="n-2")
    assert by_header.json["event_id"] == "n-2"
    named = await api.asks("POST", path, {**NOTE, "id": "n-3", "by": "Inès Caron"})
    assert named.status == 202
    notes = [(entry["id"], entry["by"]) for entry in await told.entries("note_added")]
    assert notes == [("n-1", "api:crm-lyon"), ("n-2", "api:crm-lyon"), ("n-3", "Inès Caron")]


async def test_an_event_that_cannot_be_is_refused_and_leaves_no_trace(api: Api) -> None:
    told = await api.opens()
    path = f"/v1/complaints/{told.reference}/events"
    before = len((await told.dossier())["journal"])
    for body, status, said in (
        ({"id": "e", "type": "mediation_ended", "outcome": "opinion"}, 422, ""),
        ({"id": "e", "type": "note_added"}, 422, "text"),
        ({"id": "e", "type": "complaint_classified", "cause": "none-such"}, 422, "cause"),
        ({"id": "e", "type": "shouted"}, 400, "type"),
        ({"id": "e"}, 400, "type"),
        ({"type": "note_added", "text": "x"}, 400, "id"),
        ({"id": 7, "type": "note_added", "text": "x"}, 400, "id"),
        ({"id": "\n", "type": "note_added", "text": "x"}, 400, "id"),
    ):
        answer = await api.asks("POST", path, body)
        assert (answer.status, said in answer.problem) == (status, True), (body, answer.body)
    differs = await api.asks("POST", path, NOTE, Idempotency_Key="n-2")
    assert (differs.status, "Idempotency-Key" in differs.problem) == (400, True)
    assert len((await told.dossier())["journal"]) == before
    for nowhere in ("REC-2026-NONE", "%00", "x" * 600):
        assert (await api.asks("POST", f"/v1/complaints/{nowhere}/events", NOTE)).status == 404


async def test_another_workflow_of_the_namespace_is_no_complaint(api: Api) -> None:
    other = f"other-{api.stage.settings.task_queue}"
    handle = await api.stage.environment.client.start_workflow("Other", id=other, task_queue="nobody")
    assert (await api.asks("POST", f"/v1/complaints/{other}/events", NOTE)).status == 404
    assert (await api.asks("GET", f"/v1/complaints/{other}")).status == 404
    await handle.terminate()


async def test_a_closed_complaint_is_reopened_by_an_event(api: Api) -> None:
    told = await api.opens()
    path = f"/v1/complaints/{told.reference}/events"
    assert (await api.asks("POST", path, {"id": "w-1", "type": "withdrawn"})).json["stage"] == "closed"
    await told.result()
    assert (await api.asks("POST", path, {**NOTE, "id": "n-9"})).status == 202


# Reading


async def test_a_dossier_is_read_again_only_when_something_was_recorded(api: Api) -> None:
    told = await api.opens()
    path = f"/v1/complaints/{told.reference}"
    first = await api.asks("GET", path)
    DossierAnswer.model_validate(first.json)
    same = await api.asks("GET", path, If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", first.headers["etag"])
    await api.asks("POST", f"{path}/events", NOTE)
    changed = await api.asks("GET", path, If_None_Match=first.headers["etag"])
    assert (changed.status, changed.headers["etag"] != first.headers["etag"]) == (200, True)
    assert (await api.asks("GET", "/v1/complaints/REC-2026-NONE")).status == 404
    assert (await api.asks("GET", f"{path}?lang=xx")).status == 422


async def test_complaints_are_listed_by_pages_and_by_what_is_asked_of_them(api: Api) -> None:
    opened_ones = [await api.opens() for _ in range(3)]
    second_level = await api.opens(previous_response_on="2026-01-05")
    references = {told.reference for told in [*opened_ones, second_level]}
    found: list[str] = []
    path = "/v1/complaints?limit=3"
    while path:
        page = (await api.asks("GET", path)).json
        found += [each["reference"] for each in page["complaints"]]
        path = f"/v1/complaints?limit=3&cursor={page['next']}" if page["next"] else ""
    assert (len(found), set(found)) == (4, references)

    async def listed(query: str) -> set[str]:
        answer = await api.asks("GET", f"/v1/complaints?{query}")
        assert answer.status == 200, answer.body
        assert "Martin" not in answer.body.decode()
        return {each["reference"] for each in answer.json["complaints"]}

    helped = await api.asks("GET", f"/v1/complaints/{second_level.reference}")
    assert DossierAnswer.model_validate(helped.json).requests
    assert await listed("level=2a") == {second_level.reference}
    assert await listed("level=4") == await listed("overdue=true") == await listed("contact=c-999") == set()
    await api.asks("POST", f"/v1/complaints/{second_level.reference}/events", {"id": "w", "type": "withdrawn"})
    await second_level.result()
    assert await listed("state=closed") == await listed("stage=closed") == {second_level.reference}
    assert await listed("state=all") == references
    assert await listed("") == references - {second_level.reference}
    for wrong in ("level=5", "stage=x", "contact=Anne", "state=x", "limit=0", "limit=201", "overdue=perhaps"):
        refused = await api.asks("GET", f"/v1/complaints?{wrong}")
        assert (refused.status, wrong.partition("=")[0] in refused.problem) == (422, True)
    for cursor in ("x", "W10", quote("é"), "WyIyMDI2LTAxLTAxIiwgMV0"):
        assert "cursor" in (await api.asks("GET", f"/v1/complaints?cursor={cursor}")).problem


async def test_the_agenda_has_what_comes_due_within_its_days(api: Api) -> None:
    told = await api.opens()
    far = (await api.asks("GET", "/v1/agenda?days=60")).json
    assert ([each["reference"] for each in far["complaints"]], far["complete"]) == ([told.reference], True)
    due_in = datetime.fromisoformat(far["complaints"][0]["next_deadline"]).date() - paris_date(datetime.now(UTC))
    near = (await api.asks("GET", f"/v1/agenda?days={due_in.days - 1}")).json
    assert (near["days"], near["complaints"]) == (due_in.days - 1, [])
    assert (await api.asks("GET", "/v1/agenda?days=401")).status == 422


async def test_the_simulator_says_what_the_command_line_says(api: Api) -> None:
    asked = ["--received", "2026-12-19", "--sent", "2026-12-18", "--results", "2027-01-12"]
    printed = await asyncio.to_thread(
        subprocess.run, [str(PROGRAM), "due", *asked, "--json"], capture_output=True, check=True
    )
    answer = await api.asks("GET", "/v1/due?received=2026-12-19&sent=2026-12-18&results=2027-01-12")
    assert answer.json == json.loads(printed.stdout)
    for query, said in (
        ("", "received"), ("received=2026-02-30", "received"), ("received=1812-01-01", "received"),
        ("received=2026-12-19&sent=2026-12-20", "sent"), ("received=2026-12-19&results=2026-12-18", "results"),
    ):  # fmt: skip
        refused = await api.asks("GET", f"/v1/due?{query}")
        assert refused.status in (400, 422)
        assert said in refused.problem


async def test_letters_are_listed_and_read_as_they_were_sent(api: Api) -> None:
    told = await api.opens()
    [letter] = (await api.asks("GET", f"/v1/complaints/{told.reference}/letters")).json["letters"]
    assert (letter["kind"], letter["status"], letter["media_type"]) == ("acknowledgement", "sent", "message/rfc822")
    sent = await api.asks("GET", letter["href"])
    assert (sent.status, sent.headers["content-type"]) == (200, "message/rfc822")
    assert b"anne.martin@example.org" in sent.body
    assert sent.headers["etag"] == f'"{letter["sha256"]}"'
    for nowhere in ("/v1/letters/none", f"/v1/letters/{quote(letter['id'])}x", "/v1/complaints/REC-NONE/letters"):
        assert (await api.asks("GET", nowhere)).status == 404


async def test_the_register_has_a_line_for_each_complaint_of_the_year(api: Api) -> None:
    references = {(await api.opens()).reference for _ in range(3)}
    year = api.stage.today.year
    first = (await api.asks("GET", f"/v1/register?year={year}&limit=2")).json
    rest = (await api.asks("GET", f"/v1/register?year={year}&limit=2&cursor={first['next']}")).json
    assert (len(first["lines"]), len(rest["lines"]), rest["next"]) == (2, 1, None)
    assert {line["reference"] for line in first["lines"] + rest["lines"]} == references
    assert first["lines"][0]["complainant"] == "Anne Martin"
    assert (await api.asks("GET", f"/v1/register?year={year - 1}")).json["lines"] == []
    assert (await api.asks("GET", "/v1/register")).status == 422


# Who is let in


async def test_every_key_opens_the_routes_of_its_scopes_and_no_other(api: Api) -> None:
    for scope in Scope:
        _, key = api.makes("one-scope", scope)
        for wanted, method, path in ROUTES:
            answer = await api.asks(method, path, {} if method == "POST" else None, key)
            let_in = wanted in (scope, None)
            assert (answer.status != 403) is let_in, (scope, method, path, answer.status)
            assert answer.status != 401
            if not let_in:
                assert str(RIGHT_OF.get(path, wanted)) in answer.problem
    _, none = api.makes("no-scope")
    assert [(await api.asks(method, path, None, none)).status for _, method, path in ROUTES] == [403] * 10 + [200]


async def test_without_a_valid_key_nothing_is_open(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    expired = api.makes("old", *Scope, expires_at=datetime.now(UTC) - timedelta(seconds=1))[1]
    revoked, said = api.makes("gone", *Scope)
    ApiKeys(api.register).revoke(revoked.id, datetime.now(UTC))
    with caplog.at_level(logging.DEBUG):
        for _, method, path in ROUTES:
            for key in ("", "none", expired, said, api.key[:-1]):
                answer = await api.asks(method, path, {} if method == "POST" else None, key)
                assert (answer.status, answer.headers.get("www-authenticate")) == (401, "Bearer"), (path, answer.body)
                assert answer.problem.startswith("Authorization")
    for key in (expired, said, api.key):
        assert key.rpartition("_")[2] not in caplog.text


async def test_who_has_no_key_cannot_use_up_what_is_a_keys(api: Api) -> None:
    answers = [(await api.asks("GET", "/v1/agenda", key="none")) for _ in range(130)]
    limited = [answer for answer in answers if answer.status == 429]
    assert limited
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in limited)
    assert (await api.asks("GET", "/v1/agenda")).status == 200


async def test_the_description_is_whole_and_names_every_route(api: Api) -> None:
    described = (await api.asks("GET", "/v1/openapi.json")).json
    assert described["openapi"].startswith("3.1")
    named = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert len(named) == len(ROUTES) - 1
    text = json.dumps(described)
    for ref in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert ref in described["components"]["schemas"]
    assert "HTTPValidationError" not in text
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation["security"] == [{"HTTPBearer": []}]
            assert {"401", "403", "429", "503"} <= operation["responses"].keys()


# What is away


@pytest.mark.slow
async def test_a_complaint_that_temporal_has_forgotten_is_read_repeated_and_reopened(api: Api) -> None:
    body, client = api.stage.complaint(), api.stage.environment.client
    opened_now = await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")
    path = f"/v1/complaints/{opened_now.json['reference']}"
    told = Told(api.stage, client.get_workflow_handle(opened_now.json["reference"]))
    await api.asks("POST", f"{path}/events", {"id": "w-1", "type": "withdrawn"})
    await told.result()
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=told.reference)
        )
    )
    give_up_at = time.monotonic() + 60
    while (found := await api.asks("GET", path)).headers["x-complaints-source"] != "register":
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.05)
    assert (found.status, found.json["closed_by"]) == (200, "withdrawn")
    again = await api.asks("POST", "/v1/complaints", body, Idempotency_Key="k-1")
    assert (again.status, again.json) == (200, opened_now.json)
    assert (await api.asks("POST", f"{path}/events", NOTE)).status == 202
    reopened = await api.asks("GET", path)
    assert reopened.headers["x-complaints-source"] == "complaint"
    assert [entry["id"] for entry in reopened.json["journal"]][: len(found.json["journal"])] == [
        entry["id"] for entry in found.json["journal"]
    ]


async def test_when_temporal_is_away_the_register_answers_and_what_changes_waits(
    api: Api, configured: Settings
) -> None:
    told = await api.opens()
    nowhere = await Client.connect(f"{HOST}:{free_port()}", lazy=True, data_converter=data_converter)
    async with opened(nowhere, api.register, configured, Webhook()) as door:
        alone = Api(door.port, api.key, api.register, api.stage, api.threads)
        path = f"/v1/complaints/{told.reference}"
        began = time.monotonic()
        found = await alone.asks("GET", path)
        assert (found.status, found.headers["x-complaints-source"]) == (200, "register")
        assert DossierAnswer.model_validate(found.json).as_of is not None
        assert (await alone.asks("GET", path, If_None_Match=found.headers["etag"])).status == 304
        assert len((await alone.asks("GET", "/v1/complaints")).json["complaints"]) == 1
        unknown, event, intake = await asyncio.gather(
            alone.asks("GET", "/v1/complaints/REC-2026-NONE"),
            alone.asks("POST", f"{path}/events", NOTE),
            alone.asks("POST", "/v1/complaints", api.stage.complaint(), Idempotency_Key="k-1"),
        )
        for refused in (unknown, event, intake):
            assert (refused.status, int(refused.headers["retry-after"]) > 0) == (503, True)
            assert refused.problem
        assert time.monotonic() - began < 120
    assert (await api.asks("POST", f"{path}/events", NOTE)).status == 202
    assert (await api.asks("POST", "/v1/complaints", api.stage.complaint(), Idempotency_Key="k-1")).status == 201


async def test_when_the_register_is_away_nobody_is_let_in_and_all_are_told_to_come_again(
    environment: WorkflowEnvironment, tmp_path: Path, configured: Settings
) -> None:
    absent = Register(f"sqlite:///{tmp_path / 'absent' / 'register.db'}")
    absent.close()
    (tmp_path / "absent").rmdir()
    async with opened(environment.client, absent, configured, Webhook()) as door:
        shown = {"Authorization": f"Bearer ck_{'0' * 12}_{'0' * 64}"}
        status, answer = await door.asked("/v1/agenda", headers=shown)
        assert (status, "retry-after" in answer.lower()) == (503, True)
    absent.close()


# Garbage

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=12), inside, max_size=4),
    max_leaves=12,
)
_fields = st.sampled_from([
    "received_at", "sent_on", "channel", "received_by", "source", "complainant", "representative", "policy_number",
    "insurer", "product", "summary", "previous_response_on", "reference", "id", "type", "by", "at", "text", "decision",
])  # fmt: skip
_bodies = (
    st.binary(max_size=200)
    | _json.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(_fields, _json, max_size=8).map(lambda value: json.dumps(value).encode())
    | st.dictionaries(_fields, st.text(max_size=300), max_size=8).map(
        lambda value: json.dumps({"type": "note_added", "id": "x", **value}).encode()
    )
)
_queries = st.dictionaries(
    st.sampled_from(
        ["level", "stage", "contact", "overdue", "state", "cursor", "limit", "days", "received", "sent", "year", "lang"]
    ),
    st.text(max_size=40) | st.integers().map(str) | st.dates().map(str),
    max_size=4,
).map(lambda said: "&".join(f"{name}={quote(value, safe='', errors='replace')}" for name, value in said.items()))
_words = st.text(min_size=1, max_size=30).map(lambda word: quote(word, safe="", errors="replace"))


async def test_no_body_and_no_query_makes_the_door_fail(api: Api) -> None:
    told = await api.opens()
    events = f"/v1/complaints/{told.reference}/events"
    keys = itertools.cycle([api.makes("fuzz", *Scope)[1] for _ in range(60)])  # each has a rate of its own

    def sound(method: str, path: str, body: bytes | None = None) -> None:
        answer = call(api.port, method, path, next(keys), body)
        assert answer.status < 500, (path, body, answer.body)
        assert answer.status not in (401, 403, 429)
        if answer.status >= 400:
            assert answer.problem, (path, body)

    @settings(max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    @given(_bodies, _queries, _words)
    def tried(body: bytes, query: str, word: str) -> None:
        for path in ("/v1/complaints", events):
            sound("POST", path, body)
        for path in ("/v1/complaints", "/v1/agenda", "/v1/due", "/v1/register", f"/v1/complaints/{told.reference}"):
            sound("GET", f"{path}?{query}")
        for path in (f"/v1/complaints/{word}", f"/v1/complaints/{word}/letters", f"/v1/letters/{word}"):
            sound("GET", path)
        sound("POST", f"/v1/complaints/{word}/events", json.dumps(NOTE).encode())

    await asyncio.get_running_loop().run_in_executor(api.threads, tried)
    deep, large = b"[" * 100_000, b'{"summary": "' + b"x" * LARGEST + b'"}'
    for body, status in ((deep, 400), (large, 413), (b'{"summary": NaN}', 400), (b'{"a": "\\ud800"}', 400)):
        for path in ("/v1/complaints", events):
            answer = await api.asks("POST", path, body)
            assert (answer.status, bool(answer.problem)) == (status, True)
    nested = {"a": json.loads("[" * 50 + "]" * 50)}
    assert (await api.asks("POST", events, nested)).status == 400


# What the documentation promises


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash: apt-get install curl bash"
)
async def test_the_documented_calls_drive_a_complaint_from_plain_http(api: Api, tmp_path: Path) -> None:
    documented = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text()
    [script] = re.findall(r"```sh\n(.*?)```", documented, re.DOTALL)
    received = api.stage.complaint()["received_at"]
    script = script.replace("2026-11-20T16:45:00+01:00", received)
    environment = {"PATH": os.environ["PATH"], "URL": f"http://{HOST}:{api.port}", "KEY": api.key}
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-euo", "pipefail", "-c", script],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    reference = json.loads((tmp_path / "opened.json").read_text())["reference"]
    dossier = (await api.asks("GET", f"/v1/complaints/{reference}")).json
    DossierAnswer.model_validate(dossier)
    assert (dossier["stage"], dossier["closed_by"]) == ("closed", "customer_accepts")
    assert "resolution" in [letter["kind"] for letter in dossier["letters"]]


# Keys on the command line


def test_a_key_is_made_shown_once_listed_and_revoked(configured: Settings, register: Register) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    environment = kept | {
        "COMPLAINTS_DATA_DIR": str(configured.data_dir), "COMPLAINTS_LANG": "en",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }  # fmt: skip

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), "keys", *words], env=environment, capture_output=True, text=True, check=False
        )

    assert run("list").stdout.startswith("No key")
    made = run("create", "crm-lyon", "--scope", "read", "--scope", "intake", "--days", "30")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    found = ApiKeys(register).known(key, datetime.now(UTC))
    assert found is not None
    assert found.scopes == {Scope.READ, Scope.INTAKE}
    assert found.expires_at == found.created_at + timedelta(days=30)
    listed = run("list", "--json")
    assert [(each["id"], each["valid"]) for each in json.loads(listed.stdout)] == [(found.id, True)]
    assert key.rpartition("_")[2] not in listed.stdout + run("list").stdout
    assert run("revoke", found.id).returncode == 0
    assert ApiKeys(register).known(key, datetime.now(UTC)) is None
    assert run("revoke", found.id).returncode == 1
    assert run("create", "Anne Martin", "--scope", "read").returncode == 2
    assert run("create", "crm-lyon").returncode == 2
