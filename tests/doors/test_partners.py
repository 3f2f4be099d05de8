"""An insurer takes part as itself: real HTTP both ways, real signatures, real complaints with their time skipped."""

import asyncio
import json
import logging
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.escalate.cloudevent import event_type
from activities.firm.load import load_firm
from activities.notify.names import folder_name
from activities.register.database import Register
from activities.register.partner_calls import CallResult, Direction, PartnerCalls
from activities.register.tables import PartnerCallRow
from starter.http.app import create_app
from starter.http.partner_events import accepted_types
from tests.door import opened
from tests.partner_server import Keys, PartnerServer
from tests.partners import OF_VALLON, firm_file, keys_of_exemple, with_partners
from tests.ports import HOST
from tests.sendgrid_server import ACCEPT, Answered, Webhook, refuse
from tests.stage import Stage, Told
from worker.conversion import data_converter
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.acts import CALL_ENTRIES

ANSWER = {"answer": "La garantie vol est acquise.", "documents": ["expertise.pdf"]}
OUR_DOOR_IS_BACK = timedelta(seconds=60)
AT_2A = {"previous_response_on": "2026-01-05"}


@dataclass
class Partnership:
    """Both sides: a stage of complaints, the insurer's machine, and the register behind our door."""

    stage: Stage
    insurer: PartnerServer
    register: Register
    settings: Settings
    threads: ThreadPoolExecutor
    """The insurer's own: the door, in this process too, needs those of the loop."""

    async def _apart(self, does: Callable[[], Answered]) -> Answered:
        return await asyncio.get_running_loop().run_in_executor(self.threads, does)

    async def says(self, name: str, told: Told, data: dict[str, Any], **changed: Any) -> Answered:
        """Have the insurer send one event, at the complaint's time."""
        changed = {"time": (await told.now()).isoformat(), **changed}
        return await self._apart(lambda: self.insurer.says(name, told.reference, data, **changed))

    async def sends(self, body: bytes, **how: Any) -> Answered:
        return await self._apart(lambda: self.insurer.sends(body, **how))

    async def sends_binary(self, event: dict[str, Any], **forged: str) -> Answered:
        return await self._apart(lambda: self.insurer.sends_binary(event, **forged))

    def outcomes(self) -> list[str]:
        """What came of the calls on our door, oldest first."""
        with self.register.reading() as session:
            rows = sa.select(PartnerCallRow.outcome).where(PartnerCallRow.direction == Direction.IN)
            return list(session.scalars(rows.order_by(PartnerCallRow.received_at)))

    def emails(self, told: Told) -> list[str]:
        """The e-mails to the insurer, by their names."""
        folder = self.settings.outbox / folder_name(told.reference) / "partners"
        return sorted(path.name for path in folder.glob("*.eml"))


@pytest.fixture
def insurer() -> Iterator[PartnerServer]:
    with PartnerServer(keys_of_exemple()) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, insurer: PartnerServer) -> Settings:
    plain = Settings(data_dir=tmp_path, task_queue=f"q-{tmp_path.name[-12:]}", durable=False)
    return with_partners(plain, tmp_path, insurer.url)


@pytest_asyncio.fixture(loop_scope="session")
async def partnership(
    environment: WorkflowEnvironment, settings: Settings, insurer: PartnerServer
) -> AsyncIterator[Partnership]:
    async with build_worker(environment.client, settings):
        register = Register(settings.register_address, durable=False)
        async with opened(environment.client, register, settings, Webhook()) as door:
            insurer.door = f"{HOST}:{door.port}"
            with ThreadPoolExecutor(32) as threads:
                yield Partnership(Stage(environment, settings), insurer, register, settings, threads)
        register.close()


def detail(answer: Answered) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(json.loads(answer.body)["detail"])


async def entries(told: Told) -> list[str]:
    return [entry["type"] for entry in (await told.settled())["journal"]]


# A 2a complaint, whose insurer helps


async def test_an_insurer_is_asked_and_answers_by_webhook(partnership: Partnership) -> None:
    told = await partnership.stage.opens(**AT_2A)
    assert partnership.insurer.kinds == ["help_requested"]
    [asked] = await told.entries("help_requested")
    assert (asked["data"]["by"], asked["data"]["to"]) == ("webhook", f"{HOST}:{partnership.insurer.port}")
    assert partnership.emails(told) == []

    await told.until_day(3)
    answer = await partnership.says("help_answered", told, ANSWER)
    assert answer.status == 202
    receipt = json.loads(answer.body)
    assert receipt["reference"] == told.reference
    assert "Martin" not in answer.body

    dossier = await told.settled()
    [request] = dossier["requests"]
    assert (request["status"], request["answer"], request["documents"]) == (
        "answered", "La garantie vol est acquise.", ["expertise.pdf"],
    )  # fmt: skip
    [entry] = await told.entries("partner_answered")
    assert (entry["by"], entry["id"]) == ("partner:assureur-exemple", receipt["event_id"])
    assert (await told.clock("partner_help"))["state"] == "kept"


async def test_late_then_silent_then_by_webhook(partnership: Partnership) -> None:
    told = await partnership.stage.opens(**AT_2A)
    help_clock = await told.clock("partner_help")
    await told.until(datetime.fromisoformat(help_clock["act_at"]) + timedelta(days=5))
    await told.settled()
    assert partnership.insurer.kinds == ["help_requested", "help_reminded", "help_reminded", "help_insisted"]
    # Who insists writes to their manager, who is a person.
    [insisted] = await told.entries("help_insisted")
    assert insisted["data"]["to"] == "direction.reclamations@assureur-exemple.example.org"
    assert (await partnership.says("help_answered", told, ANSWER)).status == 202
    assert (await told.settled())["requests"][0]["status"] == "answered"


async def test_a_partner_down_for_three_days_delays_nothing(partnership: Partnership) -> None:
    partnership.insurer.stop()
    told = await partnership.stage.opens(**AT_2A)
    assert [letter["kind"] for letter in (await told.settled())["letters"]] == ["acknowledgement"]
    assert await told.entries("help_requested") == []

    # Tried for an hour and a half, then written to: no call waits for three days.
    await told.until(await told.now() + timedelta(hours=2))
    await told.settled()
    assert len(await told.entries("partner_call_deferred")) == 3
    [asked] = await told.entries("help_requested")
    assert (asked["data"]["by"], asked["data"]["to"]) == ("email", "reclamations@assureur-exemple.example.org")
    assert len(partnership.emails(told)) == 1
    assert (await told.clock("partner_help"))["state"] == "running"

    await told.until_day(3)
    partnership.insurer.start()
    await told.until_clock("holding_letter", timedelta(hours=1))
    holding = next(letter for letter in (await told.settled())["letters"] if letter["kind"] == "holding")
    clock = await told.clock("holding_letter")
    assert (clock["state"], holding["sent_at"][:10]) == ("kept", clock["act_on"])


async def test_a_refusing_webhook_is_told_to_staff_once(partnership: Partnership) -> None:
    partnership.insurer.always = refuse(410)
    told = await partnership.stage.opens(**AT_2A)
    help_clock = await told.clock("partner_help")
    await told.until(datetime.fromisoformat(help_clock["act_at"]) + timedelta(days=5))
    await told.settled()
    assert partnership.insurer.heard == []
    assert len(partnership.emails(told)) == 4
    notices = [key for entry in await told.entries("staff_told") for key in entry["data"]["keys"]]
    assert len([key for key in notices if key.startswith("webhook/")]) == 1


# The insurer leads


async def test_the_dossier_goes_to_the_insurer_whole(partnership: Partnership) -> None:
    told = await partnership.stage.opens(received_by="insurer", source="lawyer")
    await told.settled()
    handed = next(heard for heard in partnership.insurer.heard if heard.kind == "dossier_handed_over")
    dossier = handed.event["data"]["dossier"]
    assert dossier["complaint"]["complainant"]["name"] == "Anne Martin"
    assert dossier["complaint"]["summary"] == "Indemnité vol refusée"
    assert {"level", "clocks", "letters", "journal"} <= set(dossier)
    assert "staff_told" not in {entry["type"] for entry in dossier["journal"]}
    await (await partnership.stage.opens(**AT_2A)).settled()
    asked = [heard for heard in partnership.insurer.heard if heard.kind != "dossier_handed_over"]
    assert [heard.kind for heard in asked if "dossier" not in heard.event["data"]] == ["help_requested"]


async def test_an_insurer_that_leads_says_that_it_has_answered(partnership: Partnership) -> None:
    told = await partnership.stage.opens(received_by="insurer", source="lawyer")
    answer = {"decision": "partly_upheld", "reasons": "La vétusté a été surestimée."}
    said = await partnership.says("response_given", told, answer)
    assert said.status == 202
    [entry] = await told.entries("response_given")
    assert (entry["by"], entry["data"]["sent_by"]) == ("partner:assureur-exemple", "staff")
    assert (await told.settled())["stage"] == "answered"


async def test_an_insurer_that_helps_does_not_answer_the_customer(partnership: Partnership) -> None:
    told = await partnership.stage.opens(**AT_2A)
    before = await entries(told)
    said = await partnership.says("response_given", told, {"decision": "rejected", "reasons": "…"})
    assert said.status == 422
    assert "help_answered" in detail(said)
    assert await entries(told) == before


@pytest.mark.parametrize(
    ("name", "event", "data"),
    [
        ("note_added", "note_added", {"text": "Expert nommé."}),
        ("mediator_seized", "mediator_seized", {"mediator_reference": "LMA-1"}),
        ("summons_served", "summons_served", {"court": "Tribunal judiciaire de Troyes"}),
    ],
)
async def test_what_else_an_insurer_may_say(
    partnership: Partnership, name: str, event: str, data: dict[str, str]
) -> None:
    told = await partnership.stage.opens()
    assert (await partnership.says(name, told, data)).status == 202
    [entry] = await told.entries(event)
    assert entry["by"] == "partner:assureur-exemple"
    assert entry["data"].get("addressed_to", "insurer") == "insurer"


async def test_the_binary_mode_is_understood_and_its_headers_are_signed(partnership: Partnership) -> None:
    told = await partnership.stage.opens()
    event = partnership.insurer.event("note_added", told.reference, {"text": "Expert nommé."})
    forged = await partnership.sends_binary(event, ce_id="another")
    assert forged.status == 403
    said = await partnership.sends_binary(event)
    assert said.status == 202
    assert len(await told.entries("note_added")) == 1


# What is refused changes nothing


async def test_forged_stale_foreign_and_malformed_calls_change_no_complaint(
    partnership: Partnership, caplog: pytest.LogCaptureFixture
) -> None:
    insurer, stage = partnership.insurer, partnership.stage
    own, other = await stage.opens(), await stage.opens(insurer="mutuelle-du-vallon")
    nobodys = await stage.opens(insurer=None)
    complaints = (own, other, nobodys)
    before = [await entries(told) for told in complaints]
    caplog.set_level(logging.INFO)

    def event(told: Told, data: dict[str, Any], name: str = "note_added", **changed: Any) -> bytes:
        return json.dumps(insurer.event(name, told.reference, data, **changed)).encode()

    secret_note = {"text": "Madame Martin au 06"}
    good = event(own, secret_note)
    now = int(time.time())

    # Forged: changed after signing, no signature, another's key, an unknown one, another instant.
    assert (await partnership.sends(good, X_Complaints_Signature=insurer.keys.header(b"else"))).status == 403
    assert (await partnership.sends(good, X_Complaints_Signature="")).status == 403
    of_vallon = Keys(dict(OF_VALLON))
    assert (await partnership.sends(good, X_Complaints_Signature=of_vallon.header(good))).status == 403
    as_exemple = of_vallon.header(good).replace("vallon-1", "exemple-1")
    assert (await partnership.sends(good, X_Complaints_Signature=as_exemple)).status == 403
    moved = insurer.keys.header(good, now - 900).replace(f"t={now - 900}", f"t={now}")
    assert (await partnership.sends(good, X_Complaints_Signature=moved)).status == 403
    assert (await partnership.sends(good, to="mutuelle-du-vallon")).status == 403
    # A key not yet, or no longer, in the firm's file.
    retired = Keys(insurer.keys.secrets, signs="exemple-2")
    assert (await partnership.sends(good, X_Complaints_Signature=retired.header(good))).status == 403
    # Stale, and from the future.
    assert (await partnership.sends(good, stamp=now - 601)).status == 403
    assert (await partnership.sends(good, stamp=now + 660)).status == 403
    # Foreign, unknown, and the door of no insurer: one answer.
    foreign = [
        await partnership.sends(event(other, secret_note)),
        await partnership.sends(event(nobodys, secret_note)),
        await partnership.sends(json.dumps(insurer.event("note_added", "REC-2026-NOBODY", secret_note)).encode()),
        await partnership.sends(good, to="compagnie-inconnue"),
    ]
    assert {(answer.status, answer.body) for answer in foreign} == {(404, foreign[0].body)}
    # Malformed, each naming its field.
    malformed = {
        "subject": event(own, secret_note, subject=None),
        "specversion": event(own, secret_note, specversion="0.3"),
        "time": event(own, secret_note, time="yesterday"),
        "id": event(own, secret_note, id=""),
        "data.by": event(own, {**secret_note, "by": "staff"}),
        "data.party": event(own, {**ANSWER, "party": "broker"}, "help_answered"),
        "data.addressed_to": event(own, {"addressed_to": "broker"}, "mediator_seized"),
        "data.sent_by": event(own, {"decision": "rejected", "reasons": "…", "sent_by": "system"}, "response_given"),
        "text": event(own, {}),
        "type": event(own, secret_note, "withdrawn"),
        "JSON": b"{" + b'"a":[' * 5_000,
        "one JSON object": b"[]",
    }
    for field, body in malformed.items():
        answer = await partnership.sends(body)
        assert (answer.status, field in detail(answer)) == (400, True), (field, answer)
        assert "Martin" not in answer.body
    assert (await partnership.sends(good, Content_Type="application/json")).status == 400
    # Too large.
    assert (await partnership.sends(b'{"a": "' + b"x" * 300_000 + b'"}')).status == 413

    assert [await entries(told) for told in complaints] == before
    noted = partnership.outcomes()
    assert noted.count("forged") == 7
    assert noted.count("stale") == 2
    assert noted.count("foreign") == 3
    assert noted.count("unknown_insurer") == 1
    assert noted.count("too_large") == 1
    assert noted.count("malformed") == len(malformed) + 1
    said = [record.getMessage() for record in caplog.records if record.name == "starter.http.partners"]
    assert len(said) == len(noted)
    assert "Martin" not in " ".join(said)
    # The same bytes, well signed, are taken: nothing above had used them up.
    assert (await partnership.sends(good)).status == 202


async def test_the_same_event_is_taken_once(partnership: Partnership) -> None:
    told = await partnership.stage.opens()
    event = partnership.insurer.event("note_added", told.reference, {"text": "Expert nommé."})
    body = json.dumps(event).encode()
    first = await partnership.sends(body)
    again = await partnership.sends(body, stamp=int(time.time()) - 60)
    other = await partnership.sends(json.dumps({**event, "data": {"text": "Expert récusé."}}).encode())
    elsewhere = await partnership.sends(json.dumps({**event, "source": "https://insurer.example/other"}).encode())
    assert [answer.status for answer in (first, again, other, elsewhere)] == [202, 200, 409, 202]
    assert again.body == first.body
    assert len(await told.entries("note_added")) == 2
    assert partnership.outcomes() == ["accepted", "replayed", "conflict", "accepted"]


async def test_the_same_event_many_times_at_once_is_one_entry(partnership: Partnership) -> None:
    told = await partnership.stage.opens()
    body = json.dumps(partnership.insurer.event("note_added", told.reference, {"text": "Une fois."})).encode()
    answers = await asyncio.gather(*(partnership.sends(body) for _ in range(8)))
    assert {answer.status for answer in answers} <= {200, 202}
    assert len({answer.body for answer in answers}) == 1
    assert len(await told.entries("note_added")) == 1


async def test_what_the_rules_refuse_is_answered_so_again(partnership: Partnership) -> None:
    told = await partnership.stage.opens()
    await told.submit("mediator_seized", addressed_to="insurer")
    before = await entries(told)
    body = json.dumps(partnership.insurer.event("mediator_seized", told.reference, {})).encode()
    refused, again = await partnership.sends(body), await partnership.sends(body)
    assert (refused.status, again.status) == (422, 422)
    assert detail(refused) == detail(again) != ""
    assert await entries(told) == before


async def test_too_many_calls_are_asked_to_wait_and_strangers_do_not_use_up_the_insurers(
    partnership: Partnership,
) -> None:
    told = await partnership.stage.opens()
    good = json.dumps(partnership.insurer.event("note_added", told.reference, {"text": "Ici."})).encode()
    forged = await asyncio.gather(*(partnership.sends(good, X_Complaints_Signature="t=1") for _ in range(24)))
    assert {answer.status for answer in forged} == {403, 429}
    assert (await partnership.sends(good)).status == 202
    many = [await partnership.sends(b"{}") for _ in range(70)]
    limited = next(answer for answer in many if answer.status == 429)
    assert int(limited.headers["retry-after"]) >= 1


async def test_without_temporal_the_insurer_is_asked_to_come_again_and_then_it_is_taken_once(
    partnership: Partnership,
) -> None:
    told = await partnership.stage.opens()
    body = json.dumps(partnership.insurer.event("note_added", told.reference, {"text": "Plus tard."})).encode()
    nowhere = await Client.connect("127.0.0.1:9", lazy=True, data_converter=data_converter)
    there = partnership.insurer.door
    async with opened(nowhere, partnership.register, partnership.settings, Webhook()) as door:
        partnership.insurer.door = f"{HOST}:{door.port}"
        away = await partnership.sends(body)
    partnership.insurer.door = there
    assert (away.status, away.headers["retry-after"]) == (503, str(int(OUR_DOOR_IS_BACK.total_seconds())))
    assert (await partnership.sends(body)).status == 202
    assert len(await told.entries("note_added")) == 1


async def test_a_register_without_tables_asks_the_insurer_to_come_again(
    partnership: Partnership, tmp_path: Path
) -> None:
    told = await partnership.stage.opens()
    empty = Register(f"sqlite:///{tmp_path / 'empty.db'}", durable=False)
    body = json.dumps(partnership.insurer.event("note_added", told.reference, {"text": "Plus tard."})).encode()
    client = partnership.stage.environment.client
    async with opened(client, empty, partnership.settings, Webhook()) as door:
        partnership.insurer.door = f"{HOST}:{door.port}"
        assert (await partnership.sends(body)).status == 503
        assert (await partnership.sends(body, X_Complaints_Signature="t=1")).status == 403
    empty.close()
    assert await told.entries("note_added") == []


# Rotation


async def test_keys_are_rotated_while_calls_are_under_way(partnership: Partnership, tmp_path: Path) -> None:
    insurer, told = partnership.insurer, await partnership.stage.opens(**AT_2A)
    path = partnership.settings.firm_file

    def signed_by(key_id: str) -> bytes:
        insurer.keys.signs = key_id
        return json.dumps(insurer.event("note_added", told.reference, {"text": f"par {key_id}"})).encode()

    async def both() -> list[int]:
        bodies = {key_id: signed_by(key_id) for key_id in ("exemple-1", "exemple-2")}
        headers = {key_id: Keys(insurer.keys.secrets, key_id).header(body) for key_id, body in bodies.items()}
        sent = [partnership.sends(body, X_Complaints_Signature=headers[key_id]) for key_id, body in bodies.items()]
        return [answer.status for answer in await asyncio.gather(*sent)]

    async def asked_by() -> str:
        """Have the complaint call on the insurer, and say which key signed."""
        before = len(insurer.heard)
        await partnership.stage.opens(**AT_2A)
        return insurer.heard[before].key_id

    assert (await both(), await asked_by()) == ([202, 403], "exemple-1")
    firm_file(path, insurer.url, ["exemple-1", "exemple-2"])
    assert (await both(), await asked_by()) == ([202, 202], "exemple-1")
    firm_file(path, insurer.url, ["exemple-2", "exemple-1"])
    assert (await both(), await asked_by()) == ([202, 202], "exemple-2")
    firm_file(path, insurer.url, ["exemple-2"])
    assert (await both(), await asked_by()) == ([403, 202], "exemple-2")
    assert insurer.refused == 0


def test_a_door_without_a_secret_does_not_open(
    environment: WorkflowEnvironment, settings: Settings, tmp_path: Path
) -> None:
    without = settings.model_copy(update={"partner_secrets": None})
    register = Register(f"sqlite:///{tmp_path / 'r.db'}", durable=False)
    with pytest.raises(ValueError, match="exemple-1, vallon-1"):
        create_app(environment.client, register, without)
    with pytest.raises(ValueError, match="exemple-1, vallon-1"):
        build_worker(environment.client, without)
    register.close()


async def test_the_register_knows_the_last_calls(partnership: Partnership) -> None:
    told = await partnership.stage.opens(**AT_2A)
    partnership.insurer.always = ACCEPT
    await partnership.says("help_answered", told, ANSWER)
    calls = PartnerCalls(partnership.register)
    [out], [came] = (calls.latest("assureur-exemple", way) for way in (Direction.OUT, Direction.IN))
    assert (out.type, out.outcome) == ("fr.123-courtage.complaint.help_requested.v1", CallResult.TAKEN)
    assert (came.reference, came.outcome) == (told.reference, CallResult.ACCEPTED)


# What an integrator does with docs/partners.md

PAGE = (Path(__file__).parents[2] / "docs" / "partners.md").read_text("utf-8")


def block(language: str, holding: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(str(each) for each in found if holding in each)


@pytest.mark.parametrize(
    "language",
    [
        "python",
        pytest.param(
            "sh",
            marks=pytest.mark.skipif(
                not (shutil.which("openssl") and shutil.which("curl")),
                reason="needs openssl and curl: apt-get install openssl curl",
            ),
        ),
    ],
)
async def test_the_examples_of_the_page_work_as_they_stand(
    partnership: Partnership, tmp_path: Path, language: str
) -> None:
    told = await partnership.stage.opens(**AT_2A)
    event = block("json", "help_answered").replace("REC-2026-7F3K9Q", told.reference)
    (tmp_path / "event.json").write_text(event, "utf-8")
    program = (
        [sys.executable, "-c", block("python", "hmac")] if language == "python" else ["sh", "-c", block("sh", "t=")]
    )
    secrets = partnership.insurer.keys.secrets
    variables = {
        "SECRET_HEX": secrets["exemple-1"].hex(),
        "KEY": "exemple-1",
        "URL": f"http://{partnership.insurer.door}/v1/partners/assureur-exemple/events",
    }
    done = await asyncio.to_thread(run, program, tmp_path, variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["reference"] == told.reference
    assert len(await told.entries("partner_answered")) == 1


async def test_the_page_names_every_event_and_no_other(partnership: Partnership) -> None:
    firm = load_firm(partnership.settings.firm_file)
    named = {f"fr.123-courtage.complaint.{name}.v1" for name in re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)}
    sent = {event_type(firm, name) for name in CALL_ENTRIES.values()}
    assert named == sent | set(accepted_types(firm))


async def test_a_signed_line_can_be_tried_and_partners_are_listed(partnership: Partnership, tmp_path: Path) -> None:
    told = await partnership.stage.opens(**AT_2A)
    file = tmp_path / "event.json"
    body = json.dumps(partnership.insurer.event("note_added", told.reference, {"text": "Essai."})).encode()
    file.write_bytes(body)
    assert partnership.settings.partner_secrets is not None
    variables = {
        "COMPLAINTS_FIRM_FILE": str(partnership.settings.firm_file),
        "COMPLAINTS_DATA_DIR": str(partnership.settings.data_dir),
        "COMPLAINTS_PARTNER_SECRETS": partnership.settings.partner_secrets.get_secret_value(),
        "COLUMNS": "250",
    }
    program = str(Path(sys.executable).with_name("complaints"))
    signing = [program, "partners", "sign", str(file), "--insurer", "assureur-exemple"]
    line = await asyncio.to_thread(run, [*signing, "--url", f"http://{partnership.insurer.door}"], tmp_path, variables)
    assert (line.returncode, line.stderr) == (0, "")
    # Read as curl would, which not every machine has.
    words = shlex.split(line.stdout)
    assert (words[0], words[-2:]) == ("curl", ["--data-binary", f"@{file}"])
    headers = dict(words[n + 1].split(": ", 1) for n, word in enumerate(words) if word == "-H")
    assert f"http://{partnership.insurer.door}/v1/partners/assureur-exemple/events" in words
    tried = await asyncio.to_thread(partnership.insurer.posts, body, headers)
    assert tried.status == 202
    assert len(await told.entries("note_added")) == 1

    listed = await asyncio.to_thread(run, [program, "partners", "--json"], tmp_path, variables)
    first = json.loads(listed.stdout)[0]
    assert first["webhook"] == {"url": partnership.insurer.url, "keys": ["exemple-1"]}
    assert (first["last_in"]["outcome"], first["last_out"]["outcome"]) == ("accepted", "taken")
    shown = await asyncio.to_thread(run, [program, "partners", "--lang", "en"], tmp_path, variables)
    assert f"accepted, {told.reference}" in shown.stdout
    without = await asyncio.to_thread(
        run, [program, "partners", "--lang", "fr"], tmp_path, {**variables, "COMPLAINTS_PARTNER_SECRETS": "{}"}
    )
    assert "exemple-1 (sans secret)" in without.stdout
    for secret in partnership.insurer.keys.secrets.values():
        assert secret.hex() not in listed.stdout + shown.stdout + line.stdout
    unknown = await asyncio.to_thread(run, [*signing[:-1], "nobody", "--lang", "en"], tmp_path, variables)
    assert (unknown.returncode, "nobody: no insurer" in unknown.stderr) == (1, True)


def run(program: list[str], folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_"))}
    return subprocess.run(
        program, cwd=folder, env=clean | variables, capture_output=True, text=True, encoding="utf-8", check=False,
        timeout=60,
    )  # fmt: skip
