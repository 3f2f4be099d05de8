"""Calls of insurers in the register: one event once, whatever races; and nothing that a database cannot keep."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from activities.register.database import Register
from activities.register.partner_calls import (
    Answer,
    CallResult,
    Direction,
    Earlier,
    PartnerCalls,
    Received,
    SentCall,
)
from activities.register.tables import PartnerCallRow

NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)
CALL = Received("assureur-exemple", "REC-2026-1", "fr.x.complaint.note_added.v1", "https://i.example", "e-1", "d" * 64)
ANSWER = Answer(202, {"reference": "REC-2026-1", "message": "Enregistré."})


def test_an_event_is_claimed_once_and_answered_as_the_first_time(register: Register) -> None:
    calls = PartnerCalls(register)
    assert calls.earlier(CALL) is None
    assert calls.claim(CALL, NOW) is None
    assert calls.claim(CALL, NOW) == calls.earlier(CALL) == Earlier("d" * 64, None)
    calls.settle(CALL, CallResult.ACCEPTED, ANSWER)
    assert calls.earlier(replace(CALL, digest="other")) == Earlier("d" * 64, ANSWER)
    [kept] = calls.latest("assureur-exemple", Direction.IN, 10)
    assert (kept.outcome, kept.received_at, kept.reference) == (CallResult.ACCEPTED, NOW, "REC-2026-1")


def test_of_many_at_the_same_moment_one_claims_it(register: Register) -> None:
    calls = PartnerCalls(register)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: calls.claim(CALL, NOW), range(16)))
    assert found.count(None) == 1


def test_the_same_id_of_another_insurer_or_source_is_another_event(register: Register) -> None:
    calls = PartnerCalls(register)
    assert calls.claim(CALL, NOW) is None
    assert calls.claim(replace(CALL, insurer="mutuelle-du-vallon"), NOW) is None
    assert calls.claim(replace(CALL, source="https://other.example"), NOW) is None


def test_what_changes_nothing_is_noted_and_claims_nothing(register: Register) -> None:
    calls = PartnerCalls(register)
    for result in (CallResult.FORGED, CallResult.FORGED, CallResult.FOREIGN):
        calls.note(CALL, result, NOW)
    calls.note(Received(None), CallResult.UNKNOWN_INSURER, NOW)
    assert calls.earlier(CALL) is None
    assert len(calls.latest("assureur-exemple", Direction.IN, 10)) == 3


def test_what_people_send_can_be_kept(register: Register) -> None:
    calls = PartnerCalls(register)
    odd = replace(CALL, reference="REC\0\ud800", event_id="e\0\ud800")
    assert calls.claim(odd, NOW) is None
    assert calls.claim(odd, NOW) == Earlier("d" * 64, None)


def test_the_last_call_either_way(register: Register) -> None:
    calls = PartnerCalls(register)
    for minute, result in enumerate((CallResult.DEFERRED, CallResult.TAKEN)):
        sent = SentCall(
            "assureur-exemple", "REC-2026-1", "fr.x.complaint.help_requested.v1", "REC-2026-1/ask/#3", result
        )
        calls.note_sent([sent], NOW + timedelta(minutes=minute))
    assert [call.outcome for call in calls.latest("assureur-exemple", Direction.OUT)] == [CallResult.TAKEN]
    assert calls.latest("assureur-exemple", Direction.IN) == []
    assert calls.latest("mutuelle-du-vallon", Direction.OUT) == []


def test_an_unsettled_event_has_no_answer_rather_than_null(register: Register) -> None:
    PartnerCalls(register).claim(CALL, NOW)
    with register.reading() as session:
        none = sa.select(sa.func.count()).select_from(PartnerCallRow).where(PartnerCallRow.answer.is_(None))
        assert session.scalar(none) == 1
