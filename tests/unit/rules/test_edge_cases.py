"""Edge cases of the procedure on the pure rules; each number is a row of `docs/edge-cases.md`."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tests import rehearsal
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris, procedure_of
from workflows.procedure import owed
from workflows.procedure.calendar import at_time, end_of_day
from workflows.procedure.one_letter import one_letter
from workflows.procedure.orders import LetterFacts
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import LetterKind, LetterStatus

ANSWER = {"decision": "rejected", "reasons": "Hors garantie."}
LAWYER = {"name": "Maître Petit", "email": "petit@example.org", "mandate": True}
TEN_DAYS, FORTY_DAYS = date(2026, 12, 7), date(2027, 1, 20)
TWO_MONTHS, WINDOW_END = date(2027, 1, 23), date(2027, 11, 23)
BEFORE_MIDNIGHT = timedelta(minutes=1)


def received(instant: datetime, **changes: Any) -> Rehearsal:
    """Open a complaint received, and sent, at `instant`."""
    return Rehearsal(complaint(received_at=instant.isoformat(), sent_on=None, **changes))


def states(story: Rehearsal) -> dict[str, str]:
    """Give the state of each clock by its key."""
    return {clock.key: clock.state.value for clock in story.case.clocks}


# 1: resolved on day 10 itself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered_at", "state"),
    [
        (end_of_day(TEN_DAYS) - BEFORE_MIDNIGHT, "kept"),
        (end_of_day(TEN_DAYS) - timedelta(microseconds=1), "kept"),
        (end_of_day(TEN_DAYS), "breached"),
    ],
)
def test_day_10_lasts_until_24_00_and_what_counts_is_when_the_answer_was_given(
    answered_at: datetime, state: str
) -> None:
    story = Rehearsal()
    story.carrier = LetterStatus.FAILED  # or the holding letter of the afternoon would have kept the clock
    story.until(TEN_DAYS + timedelta(days=1))
    assert story.clock("holding_letter").state == "breached"
    story.carrier = LetterStatus.SENT
    story.hear("response_given", **ANSWER, at=answered_at)
    assert story.clock("holding_letter").state == state
    assert story.clock("holding_letter").recorded_late is (state == "kept")
    assert len(story.entries("clock_breached")) == 1, "the breach entry stays"


def test_an_answer_of_the_last_evening_recorded_later_finds_the_holding_letter_sent_that_afternoon() -> None:
    story = Rehearsal().until(TEN_DAYS + timedelta(days=1))
    story.hear("response_given", **ANSWER, at=end_of_day(TEN_DAYS) - BEFORE_MIDNIGHT)
    assert story.kinds() == ["acknowledgement", "holding", "resolution"]
    assert (story.clock("holding_letter").state, story.clock("promised_date").state) == ("kept", "kept")
    assert not story.entries("clock_breached")


# 2, 3, 4, 5: which days and hours count ------------------------------------------------------------------------------


def test_a_bridge_of_feasts_is_skipped_day_by_day_each_with_its_reason() -> None:
    clock = received(paris(date(2027, 5, 5))).clock("holding_letter")  # the eve of Ascension
    assert clock.due_on == date(2027, 5, 21)
    assert [(day.date, day.why) for day in clock.skipped if day.date.weekday() < 5] == [
        (date(2027, 5, 6), "Ascension"),
        (date(2027, 5, 17), "Lundi de Pentecôte"),
    ]


def test_two_feasts_on_one_day_are_skipped_once() -> None:
    # In 2059 Ascension falls on 8 May. 6, 7, 9, 12 to 16, 20 and 21 May are the ten days.
    clock = received(paris(date(2059, 5, 5))).clock("holding_letter")
    assert clock.due_on == date(2059, 5, 21)
    days = [day.date for day in clock.skipped]
    assert days.count(date(2059, 5, 8)) == 1
    assert len(days) == len(set(days))


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 27)])
def test_thursday_evening_christmas_and_its_weekend_share_one_due_date(day: date) -> None:
    story = received(paris(day, 20))
    assert story.clock("holding_letter").starts_on == day, "the clock starts on the day of receipt, open or not"
    assert story.clock("holding_letter").due_on == date(2027, 1, 11)


@pytest.mark.parametrize(
    ("instant", "starts_on"),
    [
        (datetime(2026, 11, 27, 23, 59, tzinfo=at_time(MONDAY, time()).tzinfo), date(2026, 11, 27)),
        (datetime(2026, 11, 28, 0, 1, tzinfo=at_time(MONDAY, time()).tzinfo), date(2026, 11, 28)),
        (datetime(2026, 11, 27, 22, 59, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 11, 27, 23, 30, tzinfo=UTC), date(2026, 11, 28)),
        (datetime(2026, 7, 10, 22, 30, tzinfo=UTC), date(2026, 7, 11)),  # summer time: two hours ahead
    ],
)
def test_the_civil_date_in_paris_of_the_receipt_decides_whatever_the_hour_or_the_zone(
    instant: datetime, starts_on: date
) -> None:
    story = received(instant)
    assert story.clock("holding_letter").starts_on == starts_on
    assert story.clock("final_answer").starts_on == starts_on, "sending unknown: the receipt stands for it"


@pytest.mark.parametrize(
    ("day", "due_on", "ends_at"),
    [
        (date(2027, 3, 26), date(2027, 4, 12), datetime(2027, 4, 12, 22, tzinfo=UTC)),
        (date(2026, 10, 19), date(2026, 11, 2), datetime(2026, 11, 2, 23, tzinfo=UTC)),
    ],
)
def test_across_the_clock_change_it_is_due_at_the_local_end_of_day(day: date, due_on: date, ends_at: datetime) -> None:
    story = received(paris(day, 9))
    clock = story.clock("holding_letter")
    assert (clock.due_on, clock.ends_at) == (due_on, ends_at)
    assert paris(due_on, 16) <= clock.act_at <= paris(due_on, 16, 30), "the letter leaves by Paris clocks"
    story.until(ends_at - BEFORE_MIDNIGHT)
    assert clock.state == "kept"


# 6, 7, 9: sending and receipt, phone, incomplete file -----------------------------------------------------------------


def test_posted_on_the_first_and_received_on_the_eighth_the_two_families_start_apart() -> None:
    story = Rehearsal(
        complaint(received_at=paris(date(2027, 3, 8), 9).isoformat(), sent_on="2027-03-01", channel="post")
    )
    starts = {clock.clock.value: clock.starts_on for clock in story.case.clocks}
    assert {starts["holding_letter"], starts["status_letter"]} == {date(2027, 3, 8)}
    assert {starts["acknowledgement"], starts["final_answer"], starts["mediation_window"]} == {date(2027, 3, 1)}
    assert not story.view["sent_on_assumed"]


def test_without_a_date_of_posting_the_receipt_stands_and_says_so() -> None:
    story = Rehearsal(complaint(sent_on=None, channel="post"))
    assert (story.view["sent_on"], story.view["sent_on_assumed"]) == (MONDAY.isoformat(), True)


def test_a_call_that_is_settled_at_once_owes_no_letter_but_the_invitation_to_write() -> None:
    story = Rehearsal(complaint(channel="phone", sent_on=None))
    story.hear("response_given", decision="upheld", reasons="Réglé au téléphone.", sent_by="staff", channel="phone")
    story.hear("customer_accepts", at=story.now + timedelta(minutes=1))
    assert (story.view["stage"], story.view["level"]) == ("closed", "1")
    assert story.kinds() == ["written_invitation"]
    assert states(story) == {
        "holding_letter/1/1": "kept", "status_letter/1/1": "kept", "resolution_letter/1/1": "dropped",
    }  # fmt: skip


def test_after_a_call_the_commitments_run_from_the_call_and_the_letters_leave_by_it() -> None:
    story = Rehearsal(complaint(channel="phone", sent_on=None)).until(paris(TEN_DAYS, 17))
    assert story.letters() == [("written_invitation", MONDAY), ("holding", TEN_DAYS)]


def test_what_is_missing_is_asked_for_once_and_moves_no_date() -> None:
    complete, incomplete = Rehearsal(), Rehearsal(complaint(policy_number=None, insurer=None))
    assert incomplete.view["clocks"] == complete.view["clocks"]
    incomplete.until(date(2026, 12, 1))
    incomplete.hear("details_given", policy_number="AUTO-2024-118", insurer="Assureur Exemple")
    for story in (complete, incomplete):
        story.until(paris(FORTY_DAYS, 17))
    assert incomplete.view["clocks"] == complete.view["clocks"]
    assert incomplete.letters() == complete.letters()
    assert sum(told.startswith("missing/") for told in incomplete.told) == 1
    assert incomplete.view["insurer"] == "assureur-exemple"


# 10, 11, 44: rejections -----------------------------------------------------------------------------------------------


def test_a_rejection_does_not_give_the_law_two_more_months() -> None:
    story = Rehearsal().until(date(2027, 1, 15))
    story.hear("response_given", **ANSWER, sent_by="staff", channel="phone")  # no writing: the answer is still owed
    story.hear("customer_rejects")
    assert (story.view["level"], story.clock("final_answer").due_on) == ("2a", TWO_MONTHS)
    story.until(TWO_MONTHS + timedelta(days=1))
    assert "two_months" in story.kinds()
    assert story.clock("final_answer").state == "breached"


@pytest.mark.parametrize("rejected_on", [date(2027, 3, 1), date(2028, 1, 10)], ids=["within the year", "after it"])
def test_a_rejection_after_the_closing_reopens_the_same_complaint_at_2a(rejected_on: date) -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    if rejected_on < WINDOW_END:
        story.hear("customer_accepts", at=story.now + timedelta(seconds=1))
    story.until(rejected_on)
    assert story.view["stage"] == "closed"
    entry = story.hear("customer_rejects")
    assert (entry.status, story.view["level"], story.view["round"]) == ("accepted", "2a", 2)
    assert story.view["stage"] == "investigating"
    assert story.clock("holding_letter").starts_on == rejected_on
    assert story.clock("mediation_window").due_on == WINDOW_END, "the mediator's year is not given twice"
    assert story.worked_out_again() == story.view


def test_reopened_after_the_mediators_year_it_closes_with_its_answer() -> None:
    story = Rehearsal()
    story.hear("response_given", **ANSWER)
    story.until(date(2028, 1, 10))
    story.hear("customer_rejects")
    story.hear("response_given", decision="upheld", reasons="Geste commercial.")
    assert (story.view["stage"], story.view["closed_by"]) == ("closed", "window_ended")
    assert story.kinds()[-1] == "resolution"


def test_two_rejections_then_an_acceptance_in_writing_ends_every_clock_and_is_kept_as_proof() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    for _ in range(2):
        story.hear("response_given", **ANSWER)
        story.until(story.now + timedelta(days=2))
        story.hear("customer_rejects")
    story.until(date(2026, 12, 15))
    accepted = story.hear("customer_accepts", received_on="2026-12-14", by="c-101", id="lettre-du-14")
    assert (story.view["stage"], story.view["closed_by"], story.view["level"]) == ("closed", "customer_accepts", "2a")
    assert not story.case.running()
    assert (accepted.status, accepted.data) == ("accepted", {"received_on": "2026-12-14"})
    before = story.kinds()
    story.until(date(2028, 1, 1))
    assert story.kinds() == before, "nothing leaves after the end"


# 12, 14, 15: the other Party, several sources -------------------------------------------------------------------------


def test_a_silent_insurer_delays_no_letter_of_ours() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(paris(FORTY_DAYS, 17))
    assert story.letters() == [("acknowledgement", MONDAY), ("holding", TEN_DAYS), ("status", FORTY_DAYS)]
    assert [kind for kind, _ in story.calls] == ["ask", "remind", "remind", "insist", "insist", "insist"]
    assert {story.clock(name).state.value for name in ("holding_letter", "status_letter")} == {"kept"}


def test_help_that_could_not_be_asked_for_is_not_asked_for_once_the_answer_is_given() -> None:
    story = Rehearsal(complaint(insurer=None)).until(date(2026, 12, 1))
    story.dossier.hear("source_joined", {"source": "lawyer", "received_by": "broker"}, story.now)
    [wish] = story.case.partner_wishes
    problem = {"key": wish.key, "problem": "la compagnie n'est pas connue"}
    story.dossier.act("partner_unreachable", story.now, story.now, problem)
    story.do_what_is_owed()
    assert "partner_unreachable" in story.view["attention"]
    story.hear("response_given", **ANSWER)
    story.hear("details_given", insurer="assureur-exemple")
    assert story.calls == []
    assert not story.view["needs_attention"]


@pytest.mark.parametrize("lawyer_first", [True, False])
def test_a_lawyer_and_the_mediator_on_one_day_make_it_level_3_and_both_are_kept(lawyer_first: bool) -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    events: list[tuple[str, dict[str, Any]]] = [
        ("source_joined", {"source": "lawyer", "received_by": "broker"}),
        ("mediator_seized", {"addressed_to": "broker"}),
    ]
    for kind, fields in events if lawyer_first else reversed(events):
        assert story.hear(kind, **fields).status == "accepted"
    assert (story.view["level"], story.view["sources"]) == ("3", ["customer", "lawyer"])
    story.hear("mediation_ended", outcome="withdrawn")
    assert story.view["level"] == "2b", "the lawyer counts when the mediator is done"


def test_a_court_stands_above_the_mediator_and_a_joining_source_changes_nothing() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="insurer")
    story.hear("summons_served", addressed_to="broker")
    story.hear("source_joined", source="acpr", received_by="insurer")
    assert (story.view["level"], story.view["handling_party"]) == ("4", "broker")
    assert story.view["sources"] == ["lawyer", "acpr"]


def test_what_the_insurer_received_is_recorded_here_as_help_with_the_answer_it_gave() -> None:
    story = Rehearsal(complaint(source="lawyer", received_by="insurer")).until(date(2026, 12, 9))
    assert (story.view["handling_party"], story.view["supporting_party"]) == ("insurer", "broker")
    assert story.kinds() == ["transfer"]
    story.hear("response_given", **ANSWER, sent_by="staff", sent_on="2026-12-08", channel="email")
    assert story.view["stage"] == "answered"
    assert story.clock("final_answer").state == "kept"
    assert story.kinds() == ["transfer"], "the insurer wrote itself"


def test_what_the_broker_received_from_a_lawyer_stays_with_the_broker() -> None:
    story = Rehearsal(complaint(source="lawyer", received_by="broker"))
    assert (story.view["handling_party"], story.view["supporting_party"]) == ("broker", "insurer")
    assert story.clock("holding_letter").state == "running"


# 16, 17, 18, 20: the mediator -----------------------------------------------------------------------------------------


def test_a_mediator_seized_before_two_months_leaves_the_answer_owed_and_hands_back_what_ran() -> None:
    story = Rehearsal().until(date(2026, 12, 2))
    story.hear("mediator_seized", addressed_to="broker")
    assert story.clock("final_answer").state == "running"
    assert story.hear("response_given", **ANSWER).status == "accepted"
    assert story.kinds()[-1] == "resolution", "the customer is answered all the same"
    story.hear("mediation_ended", outcome="premature")
    assert (story.view["level"], story.view["stage"]) == ("1", "answered")
    story.until(date(2027, 2, 1))
    assert not story.entries("clock_breached")


def test_at_two_months_the_customer_is_written_to_even_while_the_mediator_is_seized() -> None:
    story = Rehearsal().until(date(2026, 12, 2))
    story.hear("mediator_seized", addressed_to="broker")
    story.until(date(2027, 1, 25))
    assert story.kinds() == ["acknowledgement", "two_months"]


def test_a_mediator_seized_after_two_months_of_silence_forgives_neither_the_breach_nor_the_answer() -> None:
    story = Rehearsal().until(date(2027, 2, 1))
    assert story.clock("final_answer").state == "breached"
    story.hear("mediator_seized", addressed_to="broker")
    assert (story.view["level"], story.view["stage"], story.view["overdue"]) == ("3", "mediation", True)
    assert story.clock("mediator_reply").due_on == date(2027, 3, 8)
    story.hear("response_given", **ANSWER)
    assert story.kinds()[-1] == "resolution"
    assert story.clock("final_answer").state == "breached"
    assert not story.view["overdue"]


@pytest.mark.parametrize("outcome", ["inadmissible", "opinion"])
def test_a_mediator_seized_after_the_year_is_recorded_and_a_restoring_end_closes_it_again(outcome: str) -> None:
    story = Rehearsal()
    story.hear("response_given", **ANSWER)
    story.until(date(2028, 1, 10))
    assert story.view["stage"] == "closed"
    assert story.hear("mediator_seized", addressed_to="broker").status == "accepted"
    assert (story.view["level"], story.view["stage"]) == ("3", "mediation")
    story.until(date(2028, 1, 20))
    story.hear("mediation_ended", outcome=outcome)
    assert story.view["stage"] == "closed"
    assert story.view["level"] == ("1" if outcome == "inadmissible" else "3")
    assert story.worked_out_again() == story.view


@pytest.mark.parametrize("next_event", ["summons_served", "mediator_seized"])
def test_an_answer_whose_days_reach_beyond_the_known_calendar_has_kept_its_letter_once_the_days_are_known(
    next_event: str,
) -> None:
    story = Rehearsal().until(date(2027, 9, 23))
    story.hear("withdrawn")
    story.until(date(2028, 12, 22))
    story.hear("response_given", **ANSWER)
    assert story.view["stage"] == "closed", "the mediator's year is over"
    assert not [clock for clock in story.case.clocks if clock.clock == "resolution_letter"], "its days are not known"
    story.hear(next_event, addressed_to="broker")
    story.until(date(2029, 2, 1))
    assert story.clock("resolution_letter").state == "kept"
    assert story.worked_out_again() == story.view


@pytest.mark.parametrize(("favours", "accepted"), [("complainant", True), ("complainant", False), ("broker", None)])
def test_an_opinion_after_eight_months_closes_and_says_for_whom_and_whether_it_was_followed(
    favours: str, accepted: bool | None
) -> None:
    story = Rehearsal().until(date(2027, 1, 18))
    story.hear("response_given", **ANSWER)
    story.until(date(2027, 4, 1))
    story.hear("mediator_seized", addressed_to="broker")
    for day in (date(2027, 6, 30), date(2027, 9, 28)):
        story.until(day)
        story.hear("note_added", text="Le médiateur prolonge son examen.")
    # Past the year of the window too: a mediation under way is waited for, however long it takes.
    story.until(date(2027, 12, 1))
    assert (story.view["stage"], story.clock("mediation_window").state) == ("mediation", "kept")
    ended = story.hear("mediation_ended", outcome="opinion", opinion_favours=favours, accepted=accepted)
    assert (story.view["stage"], story.view["closed_by"]) == ("closed", "mediation_opinion")
    assert ended.data["opinion_favours"] == favours
    assert ended.data.get("accepted") is accepted


# 21, 22: the court ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_mediation", [False, True])
def test_a_summons_stops_every_clock_and_each_says_why(in_mediation: bool) -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    if in_mediation:
        story.hear("mediator_seized", addressed_to="broker")
    story.hear("summons_served", addressed_to="broker")
    assert (story.view["level"], story.view["stage"]) == ("4", "litigation")
    assert all(clock.reason for clock in story.case.clocks if clock.state == "dropped")
    assert story.clock("final_answer").reason == "assignation en justice"
    assert any(told.startswith("summons/") and "responsabilité" in told for told in story.told), "the insurer of ours"


def test_a_summons_on_the_insurer_is_followed_here_without_pleading() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("summons_served", addressed_to="insurer")
    assert (story.view["handling_party"], story.view["supporting_party"]) == ("insurer", None)
    assert story.calls == [("hand_over", "insurer")], "all we have goes to the Party that pleads"
    before = story.kinds()
    story.until(date(2028, 6, 1))
    assert (story.view["stage"], story.kinds()) == ("litigation", before), "open as long as the court needs"
    story.hear("litigation_ended", outcome="Jugement")
    assert story.view["stage"] == "closed"


# 23: the person in charge ---------------------------------------------------------------------------------------------


def test_three_contacts_one_after_the_other_are_each_announced_and_no_date_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    three = [{**rehearsal.CONTACTS[0], "id": f"c-10{n}", "name": f"Personne {n}"} for n in (1, 2, 3)]
    monkeypatch.setattr(rehearsal, "CONTACTS", three)
    story = Rehearsal().until(date(2026, 11, 25))
    due = {clock.key: clock.due_on for clock in story.case.clocks}
    for day in (date(2026, 11, 25), date(2026, 11, 27)):
        story.until(day)
        story.hear("contact_reassigned", reason="Absence")
    assert story.view["contact"]["id"] == "c-103"
    assert [(letter.kind.value, letter.contact) for letter in story.case.letters] == [
        ("acknowledgement", "c-101"), ("contact_change", "c-102"), ("contact_change", "c-103"),
    ]  # fmt: skip
    assert story.due_dates(due) == due
    assert story.hear("note_added", text="Reçu à l'ancienne adresse", by="c-101").status == "accepted"


# 24, 25: results early or late ----------------------------------------------------------------------------------------


def test_results_on_day_38_leave_no_status_letter_but_the_law_still_wants_the_answer() -> None:
    story = Rehearsal().until(date(2027, 1, 18))
    story.hear("results_known", **ANSWER)
    assert story.clock("resolution_letter").due_on == date(2027, 1, 25)
    story.until(date(2027, 1, 25))
    assert story.kinds() == ["acknowledgement", "holding", "two_months"], "no letter says that nothing was found"
    assert story.clock("final_answer").state == "breached"
    story.hear("response_given", **ANSWER)
    assert story.clock("resolution_letter").state == "kept"


@pytest.mark.parametrize("letter_left", [True, False])
def test_results_on_day_3_spare_the_holding_letter_only_if_the_resolution_letter_left(letter_left: bool) -> None:
    story = Rehearsal().until(date(2026, 11, 26))
    story.hear("results_known", **ANSWER)
    assert story.clock("resolution_letter").due_on == date(2026, 12, 3)
    if letter_left:
        story.until(date(2026, 12, 3))
        story.hear("response_given", **ANSWER)
    story.until(paris(TEN_DAYS, 17))
    assert ("holding" in story.kinds()) is not letter_left


# 27, 28: withdrawal, heirs, mandate -----------------------------------------------------------------------------------


def test_an_authority_that_joined_later_keeps_the_customer_from_withdrawing() -> None:
    story = Rehearsal()
    story.hear("source_joined", source="dgccrf", received_by="broker")
    assert story.hear("withdrawn").status == "refused"


def test_a_withdrawn_complaint_keeps_its_journal_its_level_and_sends_nothing_more() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(date(2026, 12, 1))
    story.hear("withdrawn")
    story.until(date(2028, 1, 1))
    assert (story.view["closed_by"], story.view["level"]) == ("withdrawn", "2b")
    assert story.kinds() == ["acknowledgement", "withdrawal"]
    assert [kind for kind, _ in story.calls] == ["ask", "take_back"]
    assert not story.view["needs_attention"]


def test_heirs_take_a_complaint_over_and_no_clock_stops() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    before = states(story)
    heir = {"name": "Paul Martin", "kind": "heir", "email": "paul@example.org"}
    assert story.hear("details_given", complainant=heir).status == "accepted"
    assert states(story) == before
    assert (story.recipient.name, story.recipient.email) == ("Paul Martin", "paul@example.org")


def test_an_agent_without_a_mandate_is_told_nothing_until_the_mandate_is_there() -> None:
    story = Rehearsal(complaint(representative={**LAWYER, "mandate": False}))
    assert story.recipient.name == "Anne Martin"
    assert any(told.startswith("no_mandate/") for told in story.told)
    story.hear("details_given", representative=LAWYER)
    assert (story.recipient.name, story.recipient.on_behalf_of) == ("Maître Petit", "Anne Martin")


# 29, 30, 31: the same again, out of order, too late -------------------------------------------------------------------


def test_the_same_complaint_by_another_way_joins_the_file_and_the_first_date_counts() -> None:
    story = Rehearsal().until(date(2026, 11, 30))
    first = {clock.key: clock.due_on for clock in story.case.clocks}
    again = story.hear("written_complaint_received", received_on="2026-11-30", channel="post")
    assert again.status == "refused"
    story.hear("source_joined", source="SignalConso", received_by="broker")
    assert (story.view["level"], story.view["sources"]) == ("2b", ["customer", "signalconso"])
    assert story.due_dates(first) == first


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("note_added", {"text": "x"}, "accepted"),
        ("partner_answered", {"party": "insurer", "answer": "x"}, "accepted"),
        ("estimate_given", {"expected_on": "2027-03-01", "situation": "x"}, "refused"),
        ("customer_accepts", {}, "refused"),
        ("withdrawn", {}, "refused"),
        ("mediation_ended", {"outcome": "opinion"}, "refused"),
        ("litigation_ended", {"outcome": "x"}, "refused"),
        ("calendar_changed", {"reason": "x"}, "refused"),
        ("contact_reassigned", {"reason": "x"}, "refused"),
    ],
)
def test_what_comes_after_the_end_is_recorded_with_its_fate_and_the_end_stands(
    kind: str, fields: dict[str, Any], status: str
) -> None:
    story = Rehearsal()
    story.hear("withdrawn")
    entry = story.hear(kind, **fields)
    assert (entry.status, story.view["stage"], story.view["closed_by"]) == (status, "closed", "withdrawn")
    assert story.dossier.journal.count(entry) == 1
    assert story.worked_out_again() == story.view


# 34: the calendar changes ---------------------------------------------------------------------------------------------


def with_a_closure(procedure: Procedure, *days: date) -> Procedure:
    """Give the procedure of a firm that has decided to close on these days."""
    closures = procedure.calendar.closures | dict.fromkeys(days, "Pont décidé en cours d'année")
    calendar = procedure.calendar.model_copy(update={"version": "with a bridge", "closures": closures})
    return procedure.model_copy(update={"version": "with a bridge", "calendar": calendar})


def test_a_changed_calendar_moves_an_open_complaint_only_by_a_journaled_act(monkeypatch: pytest.MonkeyPatch) -> None:
    story = Rehearsal().until(date(2026, 11, 30))
    edited = with_a_closure(procedure_of(MONDAY, MONDAY), date(2026, 12, 4))
    monkeypatch.setattr(rehearsal, "procedure_of", lambda first, last: edited)
    story.hear("note_added", text="Le cabinet fermera le 4 décembre.")
    assert story.clock("holding_letter").due_on == TEN_DAYS, "editing the file alone moves nothing"

    entry = story.hear("calendar_changed", reason="Fermeture du 4 décembre décidée", by="c-101")
    assert story.clock("holding_letter").due_on == date(2026, 12, 8)
    assert story.clock("status_letter").due_on == date(2027, 1, 21)
    assert [day.why for day in story.clock("holding_letter").skipped if day.date == date(2026, 12, 4)] == [
        "Pont décidé en cours d'année"
    ]
    assert story.clock("final_answer").due_on == TWO_MONTHS, "a closure of the firm moves no date of the law"
    assert story.clock("acknowledgement").due_on == date(2026, 12, 4), "what was done is done"
    [pinned] = [e for e in story.entries("procedure_pinned") if e.data["because"] == "calendar"]
    assert story.dossier.journal.index(pinned) > story.dossier.journal.index(entry)
    assert pinned.data["version"] == "with a bridge"
    assert story.view["procedure"] == "with a bridge"
    story.until(paris(date(2026, 12, 8), 17))
    assert story.letters()[-1] == ("holding", date(2026, 12, 8))
    assert story.worked_out_again() == story.view


def test_a_changed_calendar_leaves_what_is_over_and_what_is_closed_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    late, closed = Rehearsal(), Rehearsal()
    late.until(date(2027, 2, 1))
    closed.hear("withdrawn")
    before = closed.view["clocks"]
    edited = with_a_closure(procedure_of(MONDAY, MONDAY), date(2026, 12, 4))
    monkeypatch.setattr(rehearsal, "procedure_of", lambda first, last: edited)
    late.hear("calendar_changed", reason="Fermeture")
    assert (late.clock("holding_letter").state, late.clock("holding_letter").due_on) == ("kept", TEN_DAYS)
    assert late.clock("final_answer").state == "breached"
    assert closed.hear("calendar_changed", reason="Fermeture").status == "refused"
    assert closed.view["clocks"] == before


def test_an_abolished_closure_brings_the_letter_forward_and_what_is_then_late_leaves_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shipped = procedure_of(MONDAY, MONDAY)
    edited = with_a_closure(shipped, date(2026, 12, 4), date(2026, 12, 7))
    monkeypatch.setattr(rehearsal, "procedure_of", lambda first, last: edited)
    story = Rehearsal().until(date(2026, 12, 8))
    assert story.clock("holding_letter").due_on == date(2026, 12, 9)
    monkeypatch.setattr(rehearsal, "procedure_of", lambda first, last: shipped)
    story.hear("calendar_changed", reason="Les fermetures sont annulées")
    assert story.clock("holding_letter").due_on == TEN_DAYS
    assert story.letters()[-1] == ("holding", date(2026, 12, 8))


# 35, 36: nobody was awake ---------------------------------------------------------------------------------------------


def test_asleep_over_several_due_dates_it_writes_one_letter_and_records_the_breaches_in_legal_order() -> None:
    story = Rehearsal()
    story.now = paris(date(2027, 2, 1))  # nothing ran in between: the worker was down
    story.dossier.let_time_pass(story.now)
    story.do_what_is_owed()
    assert story.letters() == [("acknowledgement", MONDAY), ("status", date(2027, 2, 1))]
    assert [entry.data["clock"] for entry in story.entries("clock_breached")] == [
        "holding_letter/1/1", "status_letter/1/1", "final_answer/1/1",
    ]  # fmt: skip
    for entry, due_on in zip(story.entries("clock_breached"), (TEN_DAYS, FORTY_DAYS, TWO_MONTHS), strict=True):
        assert entry.at == end_of_day(due_on), "the true instant of the breach"
        assert entry.recorded_at == story.now, "and when it was seen"
    letter = story.case.letters[-1]
    assert letter.due_on is not None
    assert letter.sent_at is not None
    assert letter.due_on < letter.sent_at.date(), "it left late, and shows it"
    assert sorted(map(str, letter.serves)) == ["final_answer", "holding_letter", "status_letter"]


def test_clocks_that_passed_in_one_sleep_are_recorded_in_the_order_of_their_dates() -> None:
    # Received on 24 March 2026, two months end on 24 May, before the forty business days of 26 May.
    story = received(paris(date(2026, 3, 24)))
    story.now = paris(date(2026, 6, 15))
    story.dossier.let_time_pass(story.now)
    assert [entry.data["clock"] for entry in story.entries("clock_breached")] == [
        "holding_letter/1/1", "final_answer/1/1", "status_letter/1/1",
    ]  # fmt: skip


def test_found_in_a_mailbox_twelve_business_days_late_it_is_acted_on_at_once() -> None:
    story = Rehearsal(
        complaint(received_at=paris(date(2026, 11, 5), 9).isoformat(), sent_on="2026-11-05"), now=paris(MONDAY, 11)
    )
    assert story.clock("holding_letter").due_on == date(2026, 11, 20)
    assert story.letters() == [("holding", MONDAY)]
    assert states(story)["holding_letter/1/1"] == "breached"
    assert story.view["received_at"].startswith("2026-11-05"), "the true receipt stands"


# 37: dates at the edge of the calendar --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "two_months", "window"),
    [
        (date(2026, 12, 31), date(2027, 2, 28), date(2027, 12, 31)),
        (date(2028, 2, 29), date(2028, 4, 29), date(2029, 2, 28)),
        (date(2027, 12, 30), date(2028, 2, 29), date(2028, 12, 30)),
        (date(2027, 7, 31), date(2027, 9, 30), date(2028, 7, 31)),
    ],
)
def test_months_and_years_end_on_the_same_day_or_the_last_of_the_month(
    day: date, two_months: date, window: date
) -> None:
    story = received(paris(day))
    assert story.clock("final_answer").due_on == two_months
    assert (story.clock("mediation_window").opens_on, story.clock("mediation_window").due_on) == (two_months, window)


def test_a_complaint_never_outlives_the_days_it_knows() -> None:
    story = Rehearsal()
    for year in (2028, 2030, 2032):
        story.until(date(year, 6, 1))
        assert story.case.procedure.calendar.last > date(year, 12, 31)
    assert "calendar_exhausted" not in story.view["attention"]


# 41, 43: to whom what is promised -------------------------------------------------------------------------------------


def facts_of_the_resolution_letter(story: Rehearsal) -> LetterFacts:
    """Give what the resolution letter of a complaint would be written from."""
    story.dossier.hear("response_given", ANSWER, story.now)
    plan = one_letter(story.case, owed.letter_of_resolution(story.case, story.now), story.now)
    assert plan is not None
    assert plan.order is not None
    assert plan.order.kind is LetterKind.RESOLUTION
    return plan.order.facts


@pytest.mark.parametrize("consumer", [True, False])
def test_a_letter_knows_whether_the_complainant_is_a_consumer(consumer: bool) -> None:
    person = {"name": "Garage Martin", "email": "garage@example.org", "consumer": consumer}
    story = Rehearsal(complaint(complainant=person)).until(date(2026, 12, 1))
    assert facts_of_the_resolution_letter(story).consumer is consumer


def test_a_professional_taken_for_a_consumer_is_put_right_by_details() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("details_given", complainant={"name": "Garage Martin", "email": "g@example.org", "consumer": False})
    assert not facts_of_the_resolution_letter(story).consumer


def test_an_anonymous_report_is_answered_on_the_platform_and_closes_without_a_letter() -> None:
    story = Rehearsal(complaint(source="signalconso", complainant={"anonymous": True}, sent_on=None))
    assert (story.view["level"], story.kinds()) == ("2b", [])
    story.until(date(2026, 12, 9))
    story.hear("response_given", **ANSWER)
    assert (story.clock("final_answer").state, story.clock("resolution_letter").state) == ("kept", "kept")
    story.until(date(2027, 12, 1))
    assert (story.view["stage"], story.kinds()) == ("closed", [])
    assert not story.view["needs_attention"]


def test_anonymous_and_never_answered_the_law_is_breached_and_persons_are_told() -> None:
    story = Rehearsal(complaint(source="signalconso", complainant={"anonymous": True})).until(date(2027, 2, 1))
    assert story.kinds() == []
    assert story.clock("final_answer").state == "breached"
    assert any(told.startswith("breach/final_answer") for told in story.told)


def test_a_reporter_who_gives_a_name_later_gets_the_letters_from_then_on() -> None:
    story = Rehearsal(complaint(source="signalconso", complainant={"anonymous": True})).until(date(2026, 11, 25))
    assert story.clock("holding_letter").state == "dropped"
    story.hear("details_given", complainant={"name": "Anne Martin", "email": "anne@example.org"})
    assert (story.clock("holding_letter").state, story.clock("holding_letter").due_on) == ("running", TEN_DAYS)
    story.until(paris(TEN_DAYS, 17))
    assert story.kinds()[-1] == "holding"
