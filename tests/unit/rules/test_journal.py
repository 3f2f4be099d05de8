"""Nothing is lost and nothing breaks: what cannot be accepted is an entry with its reason."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.dossier import Refused
from workflows.procedure.intake import InvalidComplaint, read_complaint

ANSWER = {"decision": "rejected", "reasons": "Hors garantie."}


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("not an object", "objet|object"),
        (None, "object"),
        ([1], "object"),
        ({}, "decision"),
        ({"decision": "maybe", "reasons": "x"}, "decision: expected 'upheld', 'partly_upheld' or 'rejected'"),
        ({**ANSWER, "offer": {"amount": "beaucoup", "terms": "x"}}, "offer.amount"),
        ({**ANSWER, "desicion": "x"}, "desicion"),
        ({**ANSWER, "at": "2026-12-01T10:00:00"}, "at: "),
        ({**ANSWER, "at": "2031-12-01T10:00:00+01:00"}, "futur"),
        ({**ANSWER, "at": "2026-11-01T10:00:00+01:00"}, "réception"),
    ],
)
def test_a_message_that_cannot_be_accepted_is_kept_with_its_reason(message: Any, says: str) -> None:
    story = Rehearsal()
    entry = story.dossier.hear("response_given", message, story.now)
    assert entry.status == "refused"
    assert any(part in (entry.reason or "") for part in says.split("|"))
    assert (story.view["refused"], story.view["needs_attention"], story.view["stage"]) == (1, True, "investigating")
    with pytest.raises(Refused):
        story.dossier.judge("response_given", message, story.now)


def test_a_refusal_never_repeats_what_was_sent() -> None:
    story = Rehearsal()
    entry = story.hear("response_given", decision="Anne Martin", reasons="x")
    assert "Martin" not in (entry.reason or "")


def test_an_unknown_event_is_kept_as_refused() -> None:
    assert Rehearsal().hear("responce_given", **ANSWER).status == "refused"


def test_the_contact_is_told_of_a_refusal_and_the_next_accepted_event_heeds_it() -> None:
    story = Rehearsal()
    story.hear("response_given")
    assert any(told.startswith("refused/") for told in story.told)
    story.hear("note_added", text="Vu.")
    assert not story.view["needs_attention"]
    assert story.view["refused"] == 1


def test_the_same_id_is_applied_once() -> None:
    story = Rehearsal()
    first = story.hear("response_given", **ANSWER, id="a-1")
    again = story.hear("response_given", **ANSWER, id="a-1")
    assert (first.status, again.status) == ("accepted", "duplicate")
    assert story.kinds() == ["acknowledgement", "resolution"]
    assert story.dossier.judge("response_given", {**ANSWER, "id": "a-1"}, story.now) is first


def test_an_id_of_a_refused_event_can_be_used_again_once_corrected() -> None:
    story = Rehearsal()
    story.hear("response_given", decision="rejected", id="a-1")
    assert story.hear("response_given", **ANSWER, id="a-1").status == "accepted"


def test_the_same_answer_twice_without_an_id_sends_one_letter_and_another_answer_a_second() -> None:
    story = Rehearsal()
    story.hear("response_given", **ANSWER)
    assert story.hear("response_given", **ANSWER).status == "refused"
    story.hear("response_given", decision="upheld", reasons="La compagnie revient sur sa position.")
    assert [letter.id for letter in story.case.letters] == [
        "REC-2026-TEST/1/acknowledgement/1",
        "REC-2026-TEST/1/resolution/1",
        "REC-2026-TEST/1/resolution/2",
    ]


def test_without_at_the_moment_it_was_taken_up_stands_and_is_marked() -> None:
    story = Rehearsal()
    assert story.hear("note_added", text="x").at_assumed
    assert not story.hear("note_added", text="y", at=story.now).at_assumed


def test_ten_thousand_characters_of_garbage_are_not_carried_along() -> None:
    story = Rehearsal()
    entry = story.dossier.hear("note_added", {"text": "x", "more": "y" * 10_000}, story.now)
    assert (entry.status, entry.data) == ("refused", {})


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (complaint(received_at="2026-11-23T09:00:00"), "received_at"),
        (complaint(received_at="2031-11-23T09:00:00+01:00"), "received_at: it lies in the future"),
        (complaint(received_at="0202-11-23T09:00:00+01:00"), "received_at"),
        (complaint(channel="fax"), "channel: expected"),
        (complaint(summary=""), "summary"),
        (complaint(complainant={"email": "a@example.org"}), "complainant"),
        (complaint(complainant={"name": "A", "email": "Anne Martin"}), "complainant.email"),
        (complaint(sent_on="2026-11-24"), "sent_on"),
        (complaint(reference="REC-OTHER"), "reference"),
        (complaint(recieved_by="broker"), "recieved_by"),
        ("text", "one JSON object"),
    ],
)
def test_bad_input_names_the_field_and_never_its_value(message: Any, says: str) -> None:
    with pytest.raises(InvalidComplaint) as caught:
        read_complaint([message], "REC-2026-TEST", paris(MONDAY))
    assert says in str(caught.value)
    assert "Martin" not in str(caught.value)


def test_an_unknown_source_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidComplaint, match="lawyer"):
        Rehearsal(complaint(source="notary"))


def test_the_closed_european_platform_opens_at_2b_and_is_flagged() -> None:
    story = Rehearsal(complaint(source="eu_odr"))
    assert story.view["level"] == "2b"
    assert any(told.startswith("source_closed/") for told in story.told)


def test_what_is_missing_is_asked_for_and_stops_no_clock() -> None:
    story = Rehearsal(complaint(policy_number=None, insurer=None))
    assert any(told.startswith("missing/") for told in story.told)
    assert story.clock("holding_letter").state == "running"


def test_days_past_the_known_calendar_are_an_entry_and_a_notice_never_an_exception() -> None:
    story = Rehearsal()
    calendar = story.case.procedure.calendar
    short = story.case.procedure.model_copy(
        update={"calendar": calendar.model_copy(update={"last": date(2026, 12, 31)}), "version": "short"}
    )
    story.dossier.pin(short, "calendar", story.now)
    entry = story.dossier.hear("summons_served", {"addressed_to": "broker", "served_on": "2026-11-23"}, story.now)
    assert story.clock("court_appearance").due_on == date(2026, 12, 8)
    story.now += timedelta(days=30)
    entry = story.dossier.hear("summons_served", {"addressed_to": "insurer"}, story.now)
    assert entry.status == "accepted"
    assert story.case.pin_wish == "round"
    story.dossier.pin(short, "round", story.now)
    assert "calendar_exhausted" in story.view["attention"]
    assert any("calendar" in notice for notice in story.case.notices)
    whole = next(iter(story.dossier.procedures.values()))
    story.dossier.pin(whole, "calendar", story.now)
    assert "calendar_exhausted" not in story.view["attention"]
    assert story.clock("court_appearance").due_on == date(2027, 1, 7)


@pytest.mark.parametrize("name", ["bogus", "letter_sent", "clock_breached"])
def test_a_signal_of_any_name_is_refused_and_never_taken_for_an_act_when_the_journal_is_folded(name: str) -> None:
    story = Rehearsal()
    assert story.hear(name, clock="holding_letter/1/1").status == "refused"
    note = story.hear("note_added", text="x")
    story.hear("recorded_in_error", event_id=note.id, reason="Autre dossier")
    assert story.clock("holding_letter").state == "running"
    assert story.worked_out_again() == story.view
