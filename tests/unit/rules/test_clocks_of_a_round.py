"""Paragraphs 1, 2, 4 and 5 on the pure rules: what leaves when, what keeps a clock, what breaches it."""

from datetime import date, timedelta

import pytest

from tests.rehearsal import MONDAY, Rehearsal, complaint, paris

ANSWER = {"decision": "rejected", "reasons": "Hors garantie."}
TEN_DAYS, FORTY_DAYS = date(2026, 12, 7), date(2027, 1, 20)
TWO_MONTHS, TWO_MONTHS_ACT = date(2027, 1, 23), date(2027, 1, 22)


def test_paragraph_1_a_complaint_is_acknowledged_at_once_by_a_named_person() -> None:
    story = Rehearsal()
    assert story.letters() == [("acknowledgement", MONDAY)]
    assert story.clock("acknowledgement").state == "kept"
    assert story.view["contact"]["id"] == "c-101"


def test_the_due_dates_are_those_of_the_fixture() -> None:
    story = Rehearsal()
    due = {clock["clock"]: clock["due_on"] for clock in story.view["clocks"]}
    assert due["acknowledgement"] == "2026-12-04"
    assert due["holding_letter"] == "2026-12-07"
    assert due["status_letter"] == "2027-01-20"
    assert due["final_answer"] == "2027-01-23"
    assert due["mediation_window"] == "2027-11-23"
    assert story.clock("mediation_window").opens_on == date(2027, 1, 23)


def test_paragraph_2_the_holding_letter_leaves_on_the_tenth_day_in_the_afternoon() -> None:
    story = Rehearsal().until(paris(TEN_DAYS, 15, 59))
    assert story.kinds() == ["acknowledgement"]
    story.until(paris(TEN_DAYS, 16, 30))
    assert story.letters()[1:] == [("holding", TEN_DAYS)]
    assert story.clock("holding_letter").state == "kept"
    assert story.clock("promised_date").due_on == FORTY_DAYS


def test_paragraph_4_the_status_letter_also_serves_the_promised_date_of_the_same_day() -> None:
    story = Rehearsal().until(paris(FORTY_DAYS, 17))
    assert story.kinds() == ["acknowledgement", "holding", "status"]
    assert [str(name) for name in story.case.letters[-1].serves] == ["status_letter", "promised_date"]


def test_the_two_months_letter_informs_but_does_not_keep_the_final_answer() -> None:
    story = Rehearsal().until(paris(TWO_MONTHS_ACT, 17))
    assert story.letters()[-1] == ("two_months", TWO_MONTHS_ACT)
    assert story.clock("final_answer").state == "running"
    story.until(paris(TWO_MONTHS, 23, 59))
    assert story.clock("final_answer").state == "running"
    story.until(TWO_MONTHS + timedelta(days=1))
    assert story.clock("final_answer").state == "breached"
    assert story.view["overdue"]
    story.hear("response_given", **ANSWER)
    assert story.clock("final_answer").state == "breached", "a breach stands for ever"
    assert not story.view["overdue"], "but nothing is owed any more"


def test_an_answer_before_the_tenth_day_leaves_no_other_letter() -> None:
    story = Rehearsal().until(paris(TEN_DAYS, 12))
    story.hear("response_given", **ANSWER)
    story.until(date(2027, 6, 1))
    assert story.kinds() == ["acknowledgement", "resolution"]
    assert {c.clock.value: c.state.value for c in story.case.clocks if c.clock != "mediation_window"} == {
        "holding_letter": "kept",
        "status_letter": "kept",
        "acknowledgement": "kept",
        "final_answer": "kept",
        "resolution_letter": "kept",
    }


def test_results_alone_do_not_keep_the_ten_days() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("results_known", **ANSWER)
    assert story.clock("resolution_letter").due_on == date(2026, 12, 8)
    assert story.clock("status_letter").state == "kept"
    story.until(paris(TEN_DAYS, 17))
    assert story.kinds() == ["acknowledgement", "holding"]


def test_paragraph_5_the_resolution_letter_never_leaves_by_itself() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("results_known", **ANSWER)
    story.until(date(2026, 12, 9))
    assert "resolution" not in story.kinds()
    assert story.clock("resolution_letter").state == "breached"
    assert any("breach/resolution_letter" in told for told in story.told)


def test_superseding_results_keep_the_first_five_days() -> None:
    story = Rehearsal().until(date(2026, 12, 1))
    story.hear("results_known", **ANSWER)
    story.until(date(2026, 12, 3))
    story.hear("results_known", decision="upheld", reasons="La compagnie a revu sa position.")
    assert [c.due_on for c in story.case.clocks if c.clock == "resolution_letter"] == [date(2026, 12, 8)]


def test_an_estimate_is_what_the_next_letter_says() -> None:
    story = Rehearsal()
    story.hear("estimate_given", expected_on="2027-01-08", situation="Expertise en cours.")
    story.until(paris(TEN_DAYS, 17))
    assert story.case.letters[-1].announces == date(2027, 1, 8)
    assert not any("no_estimate" in told for told in story.told)
    story.until(paris(date(2027, 1, 8), 17))
    assert story.letters()[-1] == ("progress", date(2027, 1, 8))
    assert story.case.letters[-1].announces == date(2027, 2, 5), "twenty business days later"


def test_without_an_estimate_the_default_date_leaves_on_time_and_the_contact_is_told() -> None:
    story = Rehearsal().until(paris(TEN_DAYS, 17))
    assert story.case.letters[-1].announces == FORTY_DAYS
    assert any(told.startswith("no_estimate/") for told in story.told)


@pytest.mark.parametrize(
    ("days_ago", "kinds", "breached"),
    [
        (10, ["acknowledgement"], []),
        (20, ["holding"], ["holding_letter", "acknowledgement"]),
        (62, ["status"], ["holding_letter", "status_letter", "acknowledgement", "final_answer"]),
    ],
)
def test_a_backdated_receipt_is_acted_on_at_once_and_what_was_missed_is_recorded(
    days_ago: int, kinds: list[str], breached: list[str]
) -> None:
    received = paris(MONDAY - timedelta(days=days_ago), 9)
    story = Rehearsal(complaint(received_at=received.isoformat(), sent_on=None), now=paris(MONDAY, 11))
    assert story.kinds() == kinds, "one letter for all that is owed"
    assert [c.clock.value for c in story.case.clocks if c.state == "breached"] == breached
    assert not story.view["overdue"] or "final_answer" in breached


def test_letters_of_one_day_are_one_letter_even_when_one_is_due_later_that_day() -> None:
    received = paris(date(2026, 11, 9), 9)  # ten business days later: 24 November (11 November skipped)
    story = Rehearsal(complaint(received_at=received.isoformat(), sent_on=None), now=paris(date(2026, 11, 24), 10))
    assert story.kinds() == ["holding"]
    assert sorted(map(str, story.case.letters[0].serves)) == ["acknowledgement", "holding_letter"]


def test_a_timely_act_recorded_afterwards_makes_a_breached_clock_kept_and_the_breach_stays_in_the_journal() -> None:
    story = Rehearsal().until(date(2027, 2, 1))
    assert story.clock("final_answer").state == "breached"
    story.hear("response_given", **ANSWER, sent_by="staff", sent_on="2027-01-23", channel="post")
    clock = story.clock("final_answer")
    assert (clock.state, clock.recorded_late) == ("kept", True)
    assert [e.data["clock"] for e in story.entries("clock_breached")] == ["final_answer/1/1"]


def test_an_answer_of_staff_by_phone_is_no_writing() -> None:
    story = Rehearsal()
    story.hear("response_given", **ANSWER, sent_by="staff", channel="phone")
    assert story.clock("holding_letter").state == "kept"
    assert story.clock("final_answer").state == "running"
    story.until(date(2027, 1, 25))
    assert "two_months" not in story.kinds(), "no letter may say there is no answer"
    assert story.clock("final_answer").state == "breached"


def test_the_window_of_a_year_closes_an_answered_complaint() -> None:
    story = Rehearsal()
    story.hear("response_given", **ANSWER)
    story.until(paris(date(2027, 11, 23), 23, 59))
    assert story.case.stage == "answered"
    story.until(date(2027, 11, 24))
    assert (story.case.stage, story.case.closed_by) == ("closed", "window_ended")


def test_unanswered_it_never_closes_and_closes_at_once_when_answered_after_the_year() -> None:
    story = Rehearsal().until(date(2028, 3, 1))
    assert story.case.stage == "investigating"
    story.hear("response_given", **ANSWER)
    assert story.case.stage == "closed"
    assert story.kinds()[-1] == "resolution"


def test_post_is_prepared_in_the_morning_and_counts_when_staff_confirm_it() -> None:
    letter_only = {"name": "Anne Martin", "postal_address": "1 rue des Lilas\n10200 Bar-sur-Aube"}
    story = Rehearsal(complaint(complainant=letter_only))
    assert story.case.letters[0].status == "queued"
    assert story.clock("acknowledgement").state == "running"
    story.until(paris(date(2026, 11, 25), 12))
    story.hear("delivery_reported", letter_id=story.case.letters[0].id, status="posted")
    assert story.clock("acknowledgement").state == "kept"
    story.until(paris(TEN_DAYS, 8, 59))
    assert len(story.case.letters) == 1
    story.until(paris(TEN_DAYS, 9, 1))
    assert story.kinds()[-1] == "holding"
    story.until(date(2026, 12, 8))
    assert story.clock("holding_letter").state == "breached", "nobody confirmed the posting in time"


def test_a_bounce_before_the_due_day_sets_the_clock_running_again_and_post_takes_over() -> None:
    both = {"name": "Anne Martin", "email": "a@example.org", "postal_address": "1 rue des Lilas\n10200 Bar-sur-Aube"}
    story = Rehearsal(complaint(complainant=both)).until(date(2026, 11, 25))
    story.hear("delivery_reported", letter_id=story.case.letters[0].id, status="bounced")
    assert story.clock("acknowledgement").state == "running"
    assert [(x.kind.value, x.channel.value, x.status.value) for x in story.case.letters] == [
        ("acknowledgement", "email", "bounced"),
        ("acknowledgement", "post", "queued"),
    ]


def test_a_letter_that_cannot_leave_is_told_and_leaves_when_a_person_puts_it_right() -> None:
    story = Rehearsal(complaint(complainant={"name": "Anne Martin"}))
    assert story.view["needs_attention"]
    assert "letter_failed" in story.view["attention"]
    assert story.clock("acknowledgement").state == "running"
    story.hear("details_given", complainant={"name": "Anne Martin", "email": "a@example.org"})
    assert story.clock("acknowledgement").state == "kept"
    assert [x.status.value for x in story.case.letters] == ["sent"], "the failed letter keeps its key"


def test_the_letters_of_many_complaints_are_spread_by_their_reference() -> None:
    instants = set()
    for n in range(40):
        story = Rehearsal()
        timing = story.case.timing.model_copy(update={"reference": f"REC-{n}"})
        instants.add(timing.procedure.leaves_at(TEN_DAYS, timing.reference, by_post=False))
    assert len(instants) > 30
    assert min(instants) >= paris(TEN_DAYS, 16)
    assert max(instants) <= paris(TEN_DAYS, 16, 30)


def test_the_dossier_is_worked_out_again_from_its_journal() -> None:
    story = Rehearsal().until(date(2027, 2, 1))
    story.hear("response_given", **ANSWER)
    story.hear("customer_rejects", reasons="Non.")
    story.until(date(2027, 3, 15))
    assert story.worked_out_again() == story.view
