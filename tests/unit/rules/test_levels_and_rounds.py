"""The table of levels, the rounds, the mediator, the court, and their ends, on the pure rules."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.rehearsal import MONDAY, Rehearsal, complaint, paris

ANSWER = {"decision": "rejected", "reasons": "Hors garantie."}
LAWYER = {"name": "Maître Petit", "email": "petit@example.org", "mandate": True}


@pytest.mark.parametrize(
    ("changes", "level", "stage", "handled", "helped"),
    [
        ({}, "1", "investigating", "broker", None),
        ({"received_by": "insurer"}, "1", "investigating", "broker", None),
        ({"previous_response_on": "2026-11-02"}, "2a", "investigating", "broker", "insurer"),
        ({"source": "lawyer"}, "2b", "investigating", "broker", "insurer"),
        ({"source": "acpr", "received_by": "insurer"}, "2b", "investigating", "insurer", "broker"),
        ({"source": "HALDE"}, "2b", "investigating", "broker", "insurer"),
        ({"source": "journalist", "previous_response_on": "2026-11-02"}, "2b", "investigating", "broker", "insurer"),
        ({"source": "mediator"}, "3", "mediation", "broker", "insurer"),
        ({"source": "mediator", "received_by": "insurer"}, "3", "mediation", "insurer", "broker"),
        ({"source": "court"}, "4", "litigation", "broker", None),
        ({"source": "court", "received_by": "insurer"}, "4", "litigation", "insurer", None),
    ],
)
def test_the_table_of_levels(changes: dict[str, Any], level: str, stage: str, handled: str, helped: str | None) -> None:
    view = Rehearsal(complaint(**changes)).view
    assert (view["level"], view["stage"], view["handling_party"], view["supporting_party"]) == (
        level,
        stage,
        handled,
        helped,
    )


def test_a_rejection_opens_a_second_round_at_2a_with_the_insurer_asked_for_help() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    story.until(date(2026, 12, 10))
    story.hear("customer_rejects", received_on="2026-12-09")
    assert (story.view["level"], story.view["round"], story.view["stage"]) == ("2a", 2, "investigating")
    assert story.calls == [("ask", "insurer")]
    assert story.clock("holding_letter").starts_on == date(2026, 12, 9)
    assert story.clock("final_answer").starts_on == MONDAY, "the law's clocks never restart"
    assert [c.round for c in story.case.clocks if c.clock == "final_answer"] == [1]


def test_a_second_rejection_opens_no_round_and_names_the_mediator() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    for _ in range(2):
        story.hear("response_given", **ANSWER)
        story.until(story.now + timedelta(days=3))
        story.hear("customer_rejects")
    assert (story.view["level"], story.view["round"], story.view["stage"]) == ("2a", 2, "answered")
    assert story.kinds()[-1] == "exhausted"
    story.hear("customer_rejects")
    assert story.view["round"] == 2


def test_at_2b_a_rejection_opens_a_second_round_and_stays_2b() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    story.hear("customer_rejects")
    assert (story.view["level"], story.view["round"]) == ("2b", 2)


def test_a_rejection_before_any_answer_waits_and_changes_nothing() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    entry = story.hear("customer_rejects")
    assert (entry.status, story.view["level"], story.view["stage"]) == ("waiting", "1", "investigating")
    assert any(told.startswith("waiting/") for told in story.told)
    story.until(date(2026, 12, 3))
    story.hear("response_given", **ANSWER)
    assert entry.status == "waiting", "it spoke of no answer: this one came later"
    assert story.view["stage"] == "answered"


def test_a_waiting_rejection_is_applied_when_an_earlier_answer_is_recorded() -> None:
    story = Rehearsal().until(date(2026, 12, 3))
    entry = story.hear("customer_rejects", received_on="2026-12-02")
    story.hear("response_given", **ANSWER, sent_by="staff", sent_on="2026-11-30", at=paris(date(2026, 11, 30), 11))
    assert entry.status == "accepted"
    assert (story.view["level"], story.view["round"], story.view["stage"]) == ("2a", 2, "investigating")


def test_an_acceptance_closes_and_before_an_answer_waits() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    assert story.hear("customer_accepts").status == "waiting"
    assert story.view["stage"] == "investigating", "unanswered, it never closes"
    story.hear("response_given", **ANSWER)
    story.until(date(2026, 12, 2))
    story.hear("customer_accepts")
    assert (story.view["stage"], story.view["closed_by"]) == ("closed", "customer_accepts")


def test_a_withdrawal_is_confirmed_in_writing() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("withdrawn")
    assert story.view["stage"] == "closed"
    assert story.kinds()[-1] == "withdrawal"
    assert {c["state"] for c in story.view["clocks"]} == {"kept", "dropped"}


def test_what_an_authority_brought_the_customer_cannot_withdraw_alone() -> None:
    story = Rehearsal(complaint(source="acpr"))
    entry = story.hear("withdrawn")
    assert entry.status == "refused"
    assert "ACPR" in (entry.reason or "")
    assert story.view["stage"] == "investigating"


def test_a_lawyer_who_joins_makes_it_2b_without_touching_the_clocks() -> None:
    story = Rehearsal().until(date(2026, 12, 2))
    before = {c.key: c.due_on for c in story.case.clocks}
    story.hear("source_joined", source="lawyer", received_by="broker", representative=LAWYER)
    assert (story.view["level"], story.view["round"]) == ("2b", 1)
    assert story.due_dates(before) == before
    assert story.recipient.name == "Maître Petit"
    assert story.calls == [("ask", "insurer")]


def test_without_a_mandate_letters_stay_with_the_complainant() -> None:
    story = Rehearsal()
    story.hear("source_joined", source="journalist", received_by="broker", representative={**LAWYER, "mandate": False})
    assert story.recipient.name == "Anne Martin"
    assert any("no_mandate/" in told for told in story.told)


def test_when_the_insurer_leads_the_commitments_stop_the_customer_is_told_and_the_law_runs_on() -> None:
    story = Rehearsal(complaint(source="lawyer", received_by="insurer"))
    assert story.kinds() == ["transfer"]
    assert story.clock("acknowledgement").state == "kept"
    holding = story.clock("holding_letter")
    assert (holding.state, holding.reason) == ("dropped", "traité par la compagnie")
    assert story.clock("final_answer").state == "running"
    assert ("hand_over", "insurer") in story.calls
    story.until(date(2027, 1, 24))
    assert "two_months" not in story.kinds()
    assert any("warn/final_answer" in told for told in story.told)
    assert story.clock("final_answer").state == "breached"


def test_the_help_asked_for_has_its_own_deadline_a_reminder_and_the_manager() -> None:
    story = Rehearsal(complaint(source="lawyer"))
    assert story.clock("partner_help").due_on == date(2026, 12, 7)
    story.until(date(2026, 12, 9))
    assert [kind for kind, _ in story.calls] == ["ask", "remind", "remind", "insist"]
    assert story.view["overdue"]
    story.hear("partner_answered", party="insurer", answer="Garantie acquise.")
    assert story.view["requests"][0]["status"] == "answered"
    assert story.clock("partner_help").state == "breached"
    assert not story.view["overdue"]


def test_help_that_never_came_is_no_longer_owed_once_the_answer_is_given() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(date(2026, 12, 9))
    assert story.view["overdue"]
    story.hear("response_given", **ANSWER)
    assert story.clock("partner_help").state == "breached", "the breach stands for ever"
    assert not story.view["overdue"]
    assert story.worked_out_again() == story.view


def test_before_a_court_a_missed_answer_is_no_longer_owed() -> None:
    story = Rehearsal().until(date(2027, 2, 1))
    assert story.view["overdue"]
    summons = story.hear("summons_served", addressed_to="broker")
    assert not story.view["overdue"]
    story.hear("recorded_in_error", event_id=summons.id, reason="Autre dossier")
    assert story.view["overdue"]


def test_help_answered_in_time_keeps_its_clock() -> None:
    story = Rehearsal(complaint(source="lawyer")).until(date(2026, 12, 1))
    story.hear("partner_answered", party="insurer", answer="Garantie acquise.")
    assert story.clock("partner_help").state == "kept"
    story.until(date(2026, 12, 20))
    assert [kind for kind, _ in story.calls] == ["ask"]


# The mediator ------------------------------------------------------------------------------------------------------


def test_the_mediator_stops_the_commitments_and_the_law_runs_on() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="broker", notified_on="2026-11-30")
    assert (story.view["level"], story.view["stage"]) == ("3", "mediation")
    assert story.clock("holding_letter").state == "dropped"
    assert story.clock("final_answer").state == "running"
    assert story.clock("mediator_reply").due_on == date(2027, 1, 4)
    story.hear("reply_filed", to="mediator", filed_on="2026-12-01")
    assert story.clock("mediator_reply").state == "kept"


@pytest.mark.parametrize("outcome", ["inadmissible", "premature", "withdrawn"])
def test_a_restoring_end_brings_back_level_parties_and_first_due_dates(outcome: str) -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    first = {c.key: c.due_on for c in story.case.clocks}
    story.hear("mediator_seized", addressed_to="insurer")
    assert story.view["handling_party"] == "insurer"
    story.until(date(2026, 12, 3))
    story.hear("mediation_ended", outcome=outcome)
    assert (story.view["level"], story.view["stage"], story.view["handling_party"]) == ("1", "investigating", "broker")
    assert story.due_dates(first) == first
    story.until(paris(date(2026, 12, 7), 17))
    assert story.kinds()[-1] == "holding"


def test_a_due_date_that_passed_during_the_mediation_is_acted_on_at_once_and_recorded() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="broker")
    story.until(date(2026, 12, 20))
    assert "holding" not in story.kinds()
    story.hear("mediation_ended", outcome="premature")
    assert story.kinds()[-1] == "holding"
    assert story.clock("holding_letter").state == "breached"


@pytest.mark.parametrize("outcome", ["settled", "opinion"])
def test_a_settlement_or_an_opinion_closes(outcome: str) -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="broker")
    story.hear("mediation_ended", outcome=outcome)
    assert (story.view["level"], story.view["stage"]) == ("3", "closed")


def test_a_complaint_that_came_from_the_mediator_falls_back_to_level_1() -> None:
    story = Rehearsal(complaint(source="mediator")).until(date(2026, 12, 1))
    assert story.clock("holding_letter").state == "dropped"
    story.hear("mediation_ended", outcome="premature")
    assert (story.view["level"], story.view["stage"]) == ("1", "investigating")
    assert story.clock("holding_letter").state == "running"


def test_an_answer_during_the_mediation_is_owed_all_the_same() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="broker")
    story.hear("response_given", **ANSWER)
    assert story.view["stage"] == "mediation"
    assert story.clock("final_answer").state == "kept"
    story.hear("mediation_ended", outcome="premature")
    assert story.view["stage"] == "answered"
    assert story.clock("holding_letter").state == "kept"


def test_a_rejection_during_the_mediation_waits_for_its_end() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    story.hear("mediator_seized", addressed_to="broker")
    entry = story.hear("customer_rejects")
    assert entry.status == "waiting"
    story.hear("mediation_ended", outcome="premature")
    assert entry.status == "accepted"
    assert (story.view["level"], story.view["round"]) == ("2a", 2)


# The court ---------------------------------------------------------------------------------------------------------


def test_a_summons_drops_every_clock_but_the_appearance_and_no_letter_leaves_by_itself() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("summons_served", addressed_to="insurer", served_on="2026-11-30")
    assert (story.view["level"], story.view["stage"], story.view["handling_party"]) == ("4", "litigation", "insurer")
    assert [c.clock.value for c in story.case.running()] == ["court_appearance"]
    assert story.clock("court_appearance").due_on == date(2026, 12, 15)
    story.until(date(2027, 6, 1))
    assert story.kinds() == ["acknowledgement"]
    assert story.hear("response_given", **ANSWER).status == "refused"
    story.hear("litigation_ended", outcome="Désistement")
    assert story.view["stage"] == "closed"


def test_a_summons_at_intake_writes_to_nobody() -> None:
    story = Rehearsal(complaint(source="court"))
    assert story.kinds() == []
    assert [c.clock.value for c in story.case.running()] == ["court_appearance"]


def test_a_summons_ends_a_mediation() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("mediator_seized", addressed_to="broker")
    story.hear("summons_served", addressed_to="broker")
    assert story.view["level"] == "4"
    assert story.hear("mediation_ended", outcome="premature").status == "refused"


# Recorded in error -------------------------------------------------------------------------------------------------


def test_a_summons_recorded_on_the_wrong_file_is_voided_as_if_it_had_not_been() -> None:
    wrong, right = Rehearsal(), Rehearsal()
    for story in (wrong, right):
        story.until(date(2026, 12, 1))
    summons = wrong.hear("summons_served", addressed_to="broker")
    wrong.until(date(2026, 12, 3))
    wrong.hear("recorded_in_error", event_id=summons.id, reason="Autre dossier")
    for story in (wrong, right):
        story.until(date(2027, 2, 1))
    assert wrong.view["level"] == "1"
    assert wrong.letters() == right.letters()
    assert wrong.view["clocks"] == right.view["clocks"]
    assert (summons.status, wrong.entries("recorded_in_error")[0].status) == ("voided", "accepted")
    assert wrong.worked_out_again() == wrong.view


def test_what_rested_on_a_voided_event_goes_with_it() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    seized = story.hear("mediator_seized", addressed_to="broker")
    ended = story.hear("mediation_ended", outcome="settled")
    assert story.view["stage"] == "closed"
    story.hear("recorded_in_error", event_id=seized.id, reason="Autre dossier")
    assert (seized.status, ended.status) == ("voided", "voided")
    assert (story.view["level"], story.view["stage"]) == ("1", "investigating")


def test_a_rejection_whose_answer_is_voided_waits_again() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    answer = story.hear("response_given", **ANSWER)
    rejection = story.hear("customer_rejects")
    story.hear("recorded_in_error", event_id=answer.id, reason="Autre dossier")
    assert rejection.status == "waiting"
    assert (story.view["level"], story.view["round"], story.view["stage"]) == ("1", 1, "investigating")
    assert story.clock("final_answer").state == "running"


def test_only_a_received_event_can_be_voided() -> None:
    story = Rehearsal()
    for event_id in ("#1", "nowhere"):
        assert story.hear("recorded_in_error", event_id=event_id, reason="x").status == "refused"


# Phone, anonymous, reopening, details ------------------------------------------------------------------------------


def test_a_phone_complaint_starts_its_commitments_at_the_call_and_the_law_with_the_writing() -> None:
    story = Rehearsal(complaint(channel="phone", sent_on=None))
    assert story.kinds() == ["written_invitation"]
    assert {c.clock.value for c in story.case.clocks} == {"holding_letter", "status_letter"}
    story.until(date(2026, 12, 2))
    story.hear("written_complaint_received", sent_on="2026-11-30", received_on="2026-12-02", channel="post")
    assert story.clock("acknowledgement").starts_on == date(2026, 11, 30)
    assert story.clock("final_answer").due_on == date(2027, 1, 30)
    assert story.kinds()[-1] == "acknowledgement"
    assert story.clock("holding_letter").starts_on == MONDAY
    refused = story.hear("written_complaint_received", received_on="2026-12-02", channel="post")
    assert refused.status == "refused"


def test_an_answered_phone_complaint_never_put_in_writing_closes_a_year_after_the_answer() -> None:
    story = Rehearsal(complaint(channel="phone", sent_on=None)).until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER, sent_by="staff", channel="phone")
    story.until(date(2027, 12, 1))
    assert story.view["stage"] == "answered"
    story.until(date(2027, 12, 2))
    assert story.view["stage"] == "closed"


def test_an_anonymous_complaint_has_no_letter_and_its_answer_is_filed() -> None:
    story = Rehearsal(complaint(source="signalconso", complainant={"anonymous": True})).until(date(2026, 12, 20))
    assert story.kinds() == []
    story.hear("response_given", **ANSWER)
    assert story.clock("final_answer").state == "kept"
    assert any(told.startswith("platform/") for told in story.told)


def test_a_corrected_date_of_sending_moves_the_regulatory_clocks_only() -> None:
    story = Rehearsal(complaint(sent_on=None)).until(date(2026, 11, 25))
    assert story.view["sent_on_assumed"]
    story.hear("details_given", sent_on="2026-11-20")
    assert not story.view["sent_on_assumed"]
    assert story.clock("final_answer").due_on == date(2027, 1, 20)
    assert story.clock("acknowledgement").state == "kept"
    assert story.clock("holding_letter").starts_on == MONDAY


def test_a_closed_complaint_is_reopened_as_it_stood() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("response_given", **ANSWER)
    story.until(date(2026, 12, 5))
    story.hear("customer_accepts")
    assert story.view["stage"] == "closed"
    story.until(date(2027, 3, 1))
    story.hear("mediator_seized", addressed_to="broker")
    assert (story.view["level"], story.view["stage"]) == ("3", "mediation")
    assert story.clock("mediation_window").due_on == date(2027, 11, 23)
    assert story.worked_out_again() == story.view


def test_a_note_on_a_closed_complaint_leaves_it_closed() -> None:
    story = Rehearsal()
    story.hear("withdrawn")
    assert story.hear("note_added", text="Rappel du client").status == "accepted"
    assert story.view["stage"] == "closed"


def test_a_change_of_contact_is_announced_to_the_customer() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("contact_reassigned", reason="Absence")
    assert story.view["contact"]["id"] == "c-102"
    assert story.kinds()[-1] == "contact_change"


def test_a_change_of_contact_on_the_day_of_another_letter_is_told_in_it() -> None:
    story = Rehearsal().until(paris(date(2026, 12, 7), 9))
    story.hear("contact_reassigned", reason="Absence")
    assert story.kinds() == ["acknowledgement", "holding"]
    assert [kind.value for kind in story.case.letters[-1].sections] == ["holding", "contact_change"]
