"""The agenda as a calendar: what people subscribe to over HTTP, and what `complaints agenda --ics` prints."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.testing import WorkflowEnvironment

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.watch import Watch
from starter.render.icalendar import Event, agenda_feed, calendar
from tests.door import Door, opened
from tests.ports import HOST
from tests.register.lives import renamed, state
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from tests.sendgrid_server import Webhook
from worker.settings import Settings
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import ClockName, Language

PROGRAM = Path(sys.executable).with_name("complaints")
TOKEN = "a-token-of-the-test-0123456789"  # noqa: S105
CONTENT_LINE = re.compile(r"[A-Z0-9-]+(;[A-Z0-9-]+=[^\x00-\x1f\";:,]+)*:[^\x00-\x08\x0a-\x1f\x7f]*")
"""RFC 5545, 3.1: a name, parameters, a value without control characters."""


def read(feed: bytes) -> list[str]:
    """Read a calendar strictly (RFC 5545, 3.1 and 3.6): line ends, folding, nesting; give its unfolded lines."""
    assert feed.endswith(b"\r\n")
    raw = feed[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\r" not in line and b"\n" not in line for line in raw)
    for each in raw:
        each.decode()  # no character is cut in two
    lines = re.sub(r"\r\n[ \t]", "", feed.decode()).split("\r\n")[:-1]
    inside: list[str] = []
    for line in lines:
        assert CONTENT_LINE.fullmatch(line), line
        name, _, value = line.partition(":")
        if name == "BEGIN":
            inside.append(value)
        elif name == "END":
            assert inside.pop() == value
        else:
            assert inside
    assert inside == []
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    return lines


def values(lines: list[str], name: str) -> list[str]:
    return [line.partition(":")[2] for line in lines if re.split("[;:]", line)[0] == name]


def event(reference: str = "REC-2026-7F3K9Q", due_on: date = MONDAY) -> Event:
    key = f"{reference}/holding_letter/1/1"
    return Event(key, reference, "2a", ClockName.HOLDING_LETTER, due_on, datetime(2026, 11, 23, 8, 0, 7, 5, tzinfo=UTC))


# The calendar


@given(st.lists(st.text(max_size=120), max_size=4), st.sampled_from(Language))
def test_whatever_a_reference_holds_the_calendar_can_be_read(references: list[str], language: Language) -> None:
    listed = [event(reference) for reference in references]
    feed = calendar(listed, language)
    read(feed)
    found = icalendar.Calendar.from_ical(feed)
    assert len(found.walk("VEVENT")) == len(references)
    assert all(each.decoded("DTSTART") == MONDAY for each in found.walk("VEVENT"))


def test_an_event_lasts_its_day_and_says_reference_clock_and_level() -> None:
    lines = read(calendar([event()], Language.FR))
    assert values(lines, "SUMMARY") == ["REC-2026-7F3K9Q · lettre d'attente · niveau 2a"]
    assert "DTSTART;VALUE=DATE:20261123" in lines
    assert values(lines, "UID") == ["REC-2026-7F3K9Q/holding_letter/1/1@complaints"]
    assert values(lines, "DTSTAMP") == ["20261123T080007Z"]
    assert values(read(calendar([event()], Language.EN)), "SUMMARY") == ["REC-2026-7F3K9Q · holding letter · level 2a"]


def test_a_calendar_without_deadlines_has_a_component_all_the_same() -> None:
    lines = read(calendar([], Language.FR))
    assert "BEGIN:VTIMEZONE" in lines
    assert "BEGIN:VEVENT" not in lines


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    yield register
    register.close()


def recorded(register: Register, story: Rehearsal, reference: str) -> None:
    Dossiers(register).record(renamed(state(story), reference))


def test_of_each_open_complaint_the_next_deadline_stands_there_while_it_is_near(register: Register) -> None:
    story = Rehearsal()
    recorded(register, story, "REC-2026-0001")
    tenth = date(2026, 12, 7)
    lines = read(agenda_feed(Watch(register), tenth - timedelta(days=3), 3, Language.FR))
    assert values(lines, "UID") == ["REC-2026-0001/holding_letter/1/1@complaints"]
    assert values(read(agenda_feed(Watch(register), tenth - timedelta(days=4), 3, Language.FR)), "UID") == []
    story.until(paris(tenth, 17))
    recorded(register, story, "REC-2026-0001")
    lines = read(agenda_feed(Watch(register), tenth, 90, Language.FR))
    assert [uid for uid in values(lines, "UID") if "holding" in uid] == []
    story.hear("withdrawn")
    story.until(tenth + timedelta(days=1))
    recorded(register, story, "REC-2026-0001")
    assert values(read(agenda_feed(Watch(register), tenth, 400, Language.FR)), "UID") == []


def test_a_date_worked_out_again_moves_the_event_and_not_its_identity() -> None:
    uid, start = (
        {
            values(read(calendar([event(due_on=due_on)], Language.FR)), name)[-1]
            for due_on in (MONDAY, date(2026, 12, 1))
        }
        for name in ("UID", "DTSTART")
    )
    assert len(uid) == 1
    assert len(start) == 2


def test_nobody_is_named_in_it(register: Register) -> None:
    recorded(register, Rehearsal(), "REC-2026-0001")
    feed = agenda_feed(Watch(register), MONDAY, 90, Language.FR).decode()
    for personal in ("Martin", "anne", "AUTO-2024", "Personne 1", "Indemnit"):
        assert personal not in feed


# Over HTTP


@asynccontextmanager
async def door(environment: WorkflowEnvironment, register: Register, token: str | None) -> AsyncIterator[Door]:
    settings = Settings(agenda_token=token, data_dir=Path(str(register.url.database)).parent)
    async with opened(environment.client, register, settings, Webhook(HOST)) as found:
        yield found


async def test_without_a_token_in_the_settings_there_is_no_such_page(
    environment: WorkflowEnvironment, register: Register
) -> None:
    async with door(environment, register, None) as found:
        for path in ("/v1/agenda.ics", "/v1/agenda.ics?token=", f"/v1/agenda.ics?token={TOKEN}"):
            assert (await found.asked(path))[0] == 404


async def test_whoever_has_the_token_reads_it_and_asks_for_it_again_without_reading_it_twice(
    environment: WorkflowEnvironment, register: Register
) -> None:
    today = paris_date(datetime.now(UTC))
    received = {"received_at": paris(today, 0).isoformat(), "sent_on": today.isoformat()}
    recorded(register, Rehearsal(complaint(**received)), "REC-2026-0001")
    async with door(environment, register, TOKEN) as found:
        for path in ("/v1/agenda.ics", "/v1/agenda.ics?token=another", "/v1/agenda.ics?days=3"):
            status, refusal = await found.asked(path)
            assert (status, "REC-" in refusal) == (403, False)
        status, answer = await found.asked(f"/v1/agenda.ics?token={TOKEN}")
        assert status == 200
        head, _, body = answer.partition("\r\n\r\n")
        assert "content-type: text/calendar; charset=utf-8" in head.lower()
        assert values(read(body.encode()), "UID") == ["REC-2026-0001/holding_letter/1/1@complaints"]
        tag = re.search(r'etag: ("[0-9a-f]+")', head, re.IGNORECASE)
        assert tag is not None
        again = {"Authorization": f"Bearer {TOKEN}", "If-None-Match": tag[1]}
        assert (await found.asked("/v1/agenda.ics", headers=again))[0] == 304
        assert (await found.asked(f"/v1/agenda.ics?token={TOKEN}&days=2"))[1].count("VEVENT") == 0
        assert (await found.asked(f"/v1/agenda.ics?token={TOKEN}&contact=c-999"))[1].count("VEVENT") == 0
        assert (await found.asked(f"/v1/agenda.ics?token={TOKEN}&days=4000"))[0] == 422


# On the command line


def run(register: Register, *words: str) -> subprocess.CompletedProcess[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COMPLAINTS_", "TEMPORAL_", "LC_", "LANG"))}
    settings = {"COMPLAINTS_REGISTER_URL": f"sqlite:///{register.url.database}", "COMPLAINTS_LANG": "en"}
    return subprocess.run([str(PROGRAM), "agenda", *words], env=kept | settings, capture_output=True, check=False)


def test_the_command_prints_the_calendar_or_writes_it_to_a_file_and_needs_no_server(
    register: Register, tmp_path: Path
) -> None:
    today = paris_date(datetime.now(UTC))
    received = {"received_at": paris(today, 0).isoformat(), "sent_on": today.isoformat()}
    recorded(register, Rehearsal(complaint(**received)), "REC-2026-0001")
    done = run(register, "--ics", "--days", "30")
    assert (done.returncode, done.stderr) == (0, b"")
    assert values(read(done.stdout), "SUMMARY") == ["REC-2026-0001 · holding letter · level 1"]
    file = tmp_path / "agenda.ics"
    assert run(register, "--ics", "--days", "30", "--out", str(file)).stdout == b""
    assert file.read_bytes() == done.stdout


def test_where_there_is_no_register_the_command_says_what_to_run(tmp_path: Path) -> None:
    absent = Register(f"sqlite:///{tmp_path / 'none.db'}")
    done = run(absent, "--ics")
    absent.close()
    assert done.returncode == 1
    assert b"complaints setup" in done.stderr
