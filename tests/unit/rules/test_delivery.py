"""What becomes of a letter between us and the customer: carriers that are away, silent, or bring it back."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.vocabulary import LetterKind, LetterStatus
from workflows.procedure.waking import timers

TEN_DAYS, FORTY_DAYS = date(2026, 12, 7), date(2027, 1, 20)
BOTH = {"name": "Anne Martin", "email": "a@example.org", "postal_address": "1 rue des Lilas\n10200 Bar-sur-Aube"}
ANSWER: dict[str, Any] = {"decision": "rejected", "reasons": "Déclaré hors délai."}
CORRECTED = ANSWER | {"reasons": "Après réexamen."}


def by_email(**changes: Any) -> Rehearsal:
    return Rehearsal(complaint(**changes))


def with_both() -> Rehearsal:
    return by_email(complainant=BOTH)


def standing(story: Rehearsal) -> list[tuple[str, str, str]]:
    return [(each.id.split("/", 1)[1], each.channel.value, each.status.value) for each in story.case.letters]


def tries(story: Rehearsal) -> list[datetime]:
    return [entry.at for entry in story.entries("letter_deferred")]


# The carrier is away


def test_a_letter_no_carrier_can_take_is_tried_again_and_keeps_its_id_and_its_clock() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS, 17))
    assert standing(story)[-1] == ("1/holding/1", "email", "deferred")
    assert story.clock("holding_letter").state == "running"
    story.carrier = LetterStatus.SENT
    story.until(paris(TEN_DAYS, 20))
    assert standing(story)[-1] == ("1/holding/1", "email", "sent")
    assert story.clock("holding_letter").state == "kept"
    assert story.clock("promised_date").state == "running", "what it announces runs from when it left"
    assert story.worked_out_again() == story.view


def test_it_is_tried_after_one_minute_then_less_and_less_often_with_a_last_try_before_the_deadline() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS + timedelta(days=3), 12))
    first, *_ = moments = tries(story)
    waits = [round((b - a).total_seconds() / 60) for a, b in itertools.pairwise(moments)]
    assert waits[:6] == [1, 5, 15, 30, 60, 120]
    assert any(paris(TEN_DAYS, 23, 54) <= at <= paris(TEN_DAYS, 23, 56) for at in moments), "the last try in time"
    assert waits[-1] == 240
    assert len(moments) < 40, "days of outage must not fill the history"
    assert story.clock("holding_letter").state == "breached"
    assert first == story.clock("holding_letter").act_at


def test_the_carriers_own_wish_is_respected_when_it_asks_for_longer() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier, story.retry_after = LetterStatus.DEFERRED, timedelta(minutes=50)
    story.until(paris(TEN_DAYS, 17))
    moments = tries(story)
    assert moments[1] - moments[0] == timedelta(minutes=50)


def test_past_its_deadline_it_goes_by_post_when_there_is_an_address_and_persons_are_told() -> None:
    story = with_both().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS + timedelta(days=1), 12))
    assert standing(story)[-1] == ("1/holding/1", "post", "queued")
    assert any(note.startswith("by_post/") for note in story.told)
    story.hear("delivery_reported", letter_id=story.case.letters[-1].id, status="posted")
    assert story.case.letters[-1].status is LetterStatus.SENT
    story.carrier = LetterStatus.SENT
    story.until(FORTY_DAYS + timedelta(days=1))
    assert standing(story)[-1] == ("1/status/1", "email", "sent"), "the next letter goes by e-mail again"


def test_without_an_address_it_goes_on_being_tried_and_persons_know() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS, 18))
    assert "letter_waiting" in story.view["attention"]
    assert sum(note.startswith("deferred/") for note in story.told) == 1, "one message, not one for each try"
    story.until(paris(TEN_DAYS + timedelta(days=3), 12))
    story.carrier = LetterStatus.SENT
    story.until(paris(TEN_DAYS + timedelta(days=4), 12))
    assert standing(story)[-1] == ("1/holding/1", "email", "sent")
    assert story.clock("holding_letter").state == "breached", "it left too late, for ever"
    assert not story.view["needs_attention"]


def test_an_answer_given_while_a_letter_waits_drops_it() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS, 17))
    story.carrier = LetterStatus.SENT
    story.hear("response_given", **ANSWER)
    assert [s for s in standing(story) if s[2] != "sent"] == [("1/holding/1", "email", "dropped")]
    assert standing(story)[-1] == ("1/resolution/1", "email", "sent")
    story.until(paris(TEN_DAYS + timedelta(days=2)))
    assert "holding" not in [each.kind for each in story.case.letters if each.status is LetterStatus.SENT]
    assert story.worked_out_again() == story.view


def test_after_a_long_outage_one_letter_says_what_is_true_by_then() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(FORTY_DAYS + timedelta(days=1))
    story.carrier = LetterStatus.SENT
    story.until(FORTY_DAYS + timedelta(days=2))
    left = [(each.kind.value, each.serves) for each in story.case.letters if each.status is LetterStatus.SENT][1:]
    assert [kind for kind, _ in left] == ["status"], "the holding letter has become pointless"
    assert {"holding_letter", "status_letter"} <= set(left[0][1])
    assert ("1/holding/1", "email", "dropped") in standing(story)


def test_a_withdrawn_complaint_ends_only_when_its_last_letter_has_left() -> None:
    story = by_email().until(date(2026, 11, 25))
    story.carrier = LetterStatus.DEFERRED
    story.hear("withdrawn")
    assert story.case.closed_by
    assert story.case.letter_calls, "it still owes the confirmation"
    story.carrier = LetterStatus.SENT
    story.until(date(2026, 11, 26))
    assert standing(story)[-1] == ("1/withdrawal/1", "email", "sent")
    assert not story.case.letter_calls


# The carrier gives no answer


def doubtful() -> Rehearsal:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DOUBTFUL
    story.until(paris(TEN_DAYS, 16, 45))
    story.carrier = LetterStatus.SENT
    assert standing(story)[-1] == ("1/holding/1", "email", "doubtful")
    return story


def report(story: Rehearsal, status: str, letter: int = -1) -> None:
    entry = story.hear("delivery_reported", letter_id=story.case.letters[letter].id, status=status)
    assert entry.status == "accepted", entry.reason


def test_a_doubtful_letter_is_not_sent_a_second_time_by_itself() -> None:
    story = doubtful().until(paris(TEN_DAYS + timedelta(days=5)))
    assert [s for s in standing(story) if s[0].startswith("1/holding")] == [("1/holding/1", "email", "doubtful")]
    assert story.clock("holding_letter").state == "breached", "nothing proves that it left"


def test_what_the_carrier_reports_settles_it_at_the_instant_it_was_handed_over() -> None:
    story = doubtful()
    handed_over = story.case.letters[-1].prepared_at
    report(story, "delivered")
    assert story.case.letters[-1].status is LetterStatus.DELIVERED
    assert story.case.letters[-1].sent_at == handed_over
    assert story.clock("holding_letter").state == "kept"
    assert story.clock("promised_date").state == "running"
    assert not any(note.startswith("doubtful/") for note in story.told)


def test_a_doubtful_answer_that_had_left_in_time_keeps_its_clock_whatever_left_too_late_since() -> None:
    story = by_email().until(paris(date(2027, 1, 15)))
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("response_given", **ANSWER)
    first, handed_over = story.case.letters[-1].id, story.case.letters[-1].prepared_at
    story.carrier = LetterStatus.SENT
    story.until(paris(date(2027, 2, 10)))
    assert story.clock("final_answer").state == "breached"
    story.hear("response_given", **CORRECTED)
    assert story.clock("final_answer").settled_at == story.now, "late, as far as is known"
    assert story.hear("delivery_reported", letter_id=first, status="delivered").status == "accepted"
    kept = story.clock("final_answer")
    assert (kept.state, kept.settled_at, kept.recorded_late) == ("kept", handed_over, True)
    assert len([entry for entry in story.entries("clock_breached") if "final_answer" in str(entry.data)]) == 1
    assert story.worked_out_again() == story.view


def contested_before_its_letter_left() -> Rehearsal:
    """An answer's letter cannot leave (an API key without force) until after the customer has contested the answer."""
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.FAILED
    story.hear("response_given", **ANSWER)
    story.until(paris(date(2026, 12, 1)))
    assert story.hear("customer_rejects").status == "accepted"
    assert (story.case.round, standing(story)[-1]) == (2, ("2/resolution/1", "email", "failed"))
    return story


def test_a_contested_answer_leaves_with_the_word_owed_in_the_next_round_and_says_that_it_was_contested() -> None:
    story = contested_before_its_letter_left()
    story.until(paris(date(2026, 12, 16)))
    assert story.clock("holding_letter", 2).overdue
    story.carrier = LetterStatus.SENT
    story.hear("note_added", text="Nouvelle clé d'API.")
    order = story.ordered[-1]
    assert order.sections == (LetterKind.RESOLUTION, LetterKind.HOLDING)
    assert (order.facts.contested, order.facts.answered_on) == (True, date(2026, 11, 30))
    assert order.facts.reasons == ANSWER["reasons"]
    assert story.case.letters[-1].announces == story.clock("promised_date", 2).due_on
    assert not story.case.letter_calls
    assert not story.clock("holding_letter", 2).owes
    assert story.worked_out_again() == story.view


def test_a_contested_answer_is_not_the_letter_owed_for_the_results_of_the_next_round() -> None:
    story = contested_before_its_letter_left()
    story.until(paris(date(2026, 12, 8)))
    story.hear("results_known", **(ANSWER | {"decision": "upheld"}))
    story.carrier = LetterStatus.SENT
    story.hear("note_added", text="Nouvelle clé d'API.")
    assert story.ordered[-1].facts.contested
    assert story.clock("resolution_letter", 2).running
    story.hear("response_given", **(ANSWER | {"decision": "upheld"}))
    assert not story.ordered[-1].facts.contested
    assert story.clock("resolution_letter", 2).state == "kept"


def test_no_withdrawal_is_confirmed_of_a_complaint_that_was_taken_up_again() -> None:
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("withdrawn")
    in_doubt = len(story.case.letters) - 1
    story.carrier = LetterStatus.DEFERRED
    story.hear("results_known", **ANSWER)
    assert story.view["stage"] == "results_known"
    report(story, "lost", in_doubt)
    assert not story.case.letter_calls


def test_what_went_along_with_a_letter_that_waits_acts_by_itself_when_its_time_comes() -> None:
    story = by_email()
    story.carrier = LetterStatus.DEFERRED
    story.hear("contact_reassigned", reason="Congé")
    story.until(paris(TEN_DAYS, 8))
    assert story.case.letters[-1].sections == [LetterKind.HOLDING, LetterKind.CONTACT_CHANGE]
    assert timers(story.case)["holding_letter/1/1"][0] == story.clock("holding_letter").act_at
    story.carrier = LetterStatus.SENT
    story.until(paris(TEN_DAYS, 20))
    assert story.kinds().count("holding") == 1
    assert story.clock("holding_letter").state == "kept"


def test_the_word_at_two_months_is_said_once() -> None:
    story = by_email().until(paris(date(2027, 1, 25)))
    assert story.kinds()[-1] == "two_months"
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("response_given", **ANSWER)
    story.hear("customer_rejects")
    story.carrier = LetterStatus.FAILED
    report(story, "lost")
    story.carrier = LetterStatus.SENT
    story.hear("note_added", text="Nouvelle clé d'API.")
    assert story.kinds().count("two_months") == 1
    assert story.ordered[-1].facts.contested


def test_an_acknowledgement_that_came_back_is_sent_again_whatever_other_letter_is_in_doubt() -> None:
    story = with_both()
    story.carrier = LetterStatus.DOUBTFUL
    story.until(paris(TEN_DAYS, 20))
    assert story.kinds() == ["acknowledgement", "holding"]
    report(story, "bounced", 0)
    assert standing(story)[-1] == ("1/acknowledgement/2", "post", "queued")


def test_what_waited_when_the_complaint_was_closed_leaves_when_it_is_taken_up_again() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS + timedelta(days=2)))
    story.hear("withdrawn")
    story.carrier = LetterStatus.SENT
    story.hear("results_known", **ANSWER)
    assert story.kinds()[-1] == "holding", "results alone do not keep the ten days"
    assert standing(story)[-1] == ("1/holding/1", "email", "sent")


def test_a_word_on_the_delay_of_a_round_that_is_over_is_not_written_again() -> None:
    story = doubtful().until(paris(TEN_DAYS + timedelta(days=1)))
    story.hear("response_given", **ANSWER)
    story.hear("customer_rejects")
    report(story, "lost", [each.kind for each in story.case.letters].index(LetterKind.HOLDING))
    assert story.kinds() == ["acknowledgement", "holding", "resolution"]
    story.until(paris(story.clock("holding_letter", 2).due_on, 20))
    assert story.kinds() == ["acknowledgement", "holding", "resolution", "holding"]


def test_an_answer_that_waits_for_a_carrier_goes_with_the_one_that_corrects_it() -> None:
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.DEFERRED
    story.hear("response_given", **ANSWER)
    story.carrier = LetterStatus.SENT
    story.hear("response_given", **CORRECTED)
    assert standing(story)[-1] == ("1/resolution/1", "email", "sent")
    assert not story.case.letter_calls, "nothing waits any more"
    assert story.ordered[-1].facts.reasons == CORRECTED["reasons"]
    story.until(paris(date(2026, 12, 1)))
    assert story.kinds() == ["acknowledgement", "resolution"]


def test_an_answer_that_came_back_after_the_one_that_corrects_it_left_leaves_its_clocks_to_that_one() -> None:
    story = with_both().until(paris(date(2026, 11, 30)))
    story.hear("response_given", **ANSWER)
    story.until(paris(date(2026, 12, 1)))
    story.hear("response_given", **CORRECTED)
    report(story, "bounced", -2)
    clocks = [clock for clock in story.case.clocks if clock.clock == "resolution_letter"]
    left_at = story.case.letters[-1].sent_at
    assert [(clock.state.value, clock.settled_at) for clock in clocks] == [("kept", left_at), ("kept", left_at)]
    report(story, "bounced", -1)
    assert standing(story)[-1] == ("1/resolution/3", "post", "queued")
    assert all(clock.running for clock in clocks), "they are kept when the letter is posted"
    assert story.worked_out_again() == story.view


def test_an_answer_in_doubt_inherits_the_clocks_and_keeps_them_once_it_is_found_to_have_arrived() -> None:
    story = with_both().until(paris(date(2026, 11, 30)))
    story.hear("response_given", **ANSWER)
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("response_given", **CORRECTED)
    handed_over = story.case.letters[-1].prepared_at
    report(story, "bounced", -2)
    assert story.kinds() == ["acknowledgement", "resolution", "resolution"]
    assert story.clock("resolution_letter").running
    report(story, "delivered", -1)
    clock = story.clock("resolution_letter")
    assert (clock.state, clock.settled_at) == ("kept", handed_over)
    assert story.clock("final_answer").state == "kept"


def test_of_two_answers_in_one_letter_that_got_lost_the_last_is_told_again() -> None:
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.FAILED
    story.hear("response_given", **ANSWER)
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("response_given", **CORRECTED)
    story.carrier = LetterStatus.SENT
    report(story, "lost")
    assert standing(story)[-1] == ("1/resolution/2", "email", "sent")
    assert story.ordered[-1].facts.reasons == CORRECTED["reasons"]


def test_what_waits_in_a_letter_goes_with_the_one_that_takes_its_place() -> None:
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.FAILED
    story.hear("response_given", **ANSWER)
    story.hear("contact_reassigned", reason="Congé")
    story.carrier = LetterStatus.DEFERRED
    story.hear("note_added", text="Nouvelle clé d'API.")
    assert story.case.letters[-1].sections == [LetterKind.RESOLUTION, LetterKind.CONTACT_CHANGE]
    story.carrier = LetterStatus.SENT
    story.hear("response_given", **CORRECTED)
    assert standing(story)[-1] == ("1/resolution/1", "email", "sent")
    assert story.case.letters[-1].sections == [LetterKind.RESOLUTION, LetterKind.CONTACT_CHANGE]
    assert not story.case.letter_calls


def test_nothing_says_that_no_answer_was_given_while_an_answer_may_have_left() -> None:
    story = by_email().until(paris(date(2026, 11, 30)))
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("response_given", **ANSWER)
    story.hear("response_given", **CORRECTED)
    story.carrier = LetterStatus.SENT
    story.until(paris(date(2026, 12, 1)))
    story.hear("customer_rejects")
    story.until(paris(date(2027, 1, 29)))
    assert story.clock("final_answer").overdue
    report(story, "lost", [each.kind for each in story.case.letters].index(LetterKind.RESOLUTION))
    assert "two_months" not in story.kinds()
    report(story, "lost", [each.status for each in story.case.letters].index(LetterStatus.DOUBTFUL))
    assert story.kinds()[-1] == "resolution"
    assert "two_months" not in story.kinds()
    assert story.clock("final_answer").settled_at == story.now


def test_after_an_hour_a_person_decides_and_is_told_how() -> None:
    story = doubtful().until(paris(TEN_DAYS, 18))
    assert sum(note.startswith("doubtful/") for note in story.told) == 1
    assert "letter_doubtful" in story.view["attention"]
    assert any("delivery_reported" in step for step in story.view["next_steps"])


def test_a_person_finds_that_it_left() -> None:
    story = doubtful().until(paris(TEN_DAYS + timedelta(days=1)))
    assert story.clock("holding_letter").state == "breached"
    report(story, "delivered")
    clock = story.clock("holding_letter")
    assert (clock.state, clock.recorded_late) == ("kept", True), "a timely act, recorded afterwards"
    assert clock.settled_at == story.case.letters[-1].prepared_at
    assert len(story.entries("clock_breached")) == 1, "the journal keeps that it was thought missed"
    assert not story.view["needs_attention"]


def test_a_person_finds_that_it_never_left_and_it_is_written_again_under_an_id_of_its_own() -> None:
    story = doubtful()
    report(story, "lost")
    assert standing(story)[-2:] == [("1/holding/1", "email", "lost"), ("1/holding/2", "email", "sent")]
    assert story.clock("holding_letter").state == "kept"
    # The carrier had it all the same: both left, and both stand in the dossier.
    report(story, "delivered", letter=-2)
    assert standing(story)[-2:] == [("1/holding/1", "email", "delivered"), ("1/holding/2", "email", "sent")]


def test_a_closed_complaint_waits_for_the_end_of_a_doubt() -> None:
    story = by_email().until(date(2026, 11, 25))
    story.carrier = LetterStatus.DOUBTFUL
    story.hear("withdrawn")
    assert standing(story)[-1] == ("1/withdrawal/1", "email", "doubtful")
    story.until(date(2026, 11, 27))
    assert "letter_doubtful" in story.view["attention"]


# It comes back


@pytest.mark.parametrize("status", ["bounced", "blocked"])
def test_what_bounces_after_its_due_day_goes_by_post_and_its_clock_stays_kept(status: str) -> None:
    story = with_both().until(paris(TEN_DAYS + timedelta(days=1)))
    report(story, status)
    assert standing(story)[-2:] == [("1/holding/1", "email", status), ("1/holding/2", "post", "queued")]
    assert story.clock("holding_letter").state == "kept", "sent is the carrier's acceptance"
    assert any(note.startswith("bounced/") for note in story.told)


def test_what_bounces_once_overtaken_is_not_said_again() -> None:
    story = with_both().until(paris(TEN_DAYS + timedelta(days=1)))
    story.hear("response_given", **ANSWER)
    report(story, "bounced", letter=1)
    assert [s for s in standing(story) if "holding" in s[0]] == [("1/holding/1", "email", "bounced")]


def test_a_change_of_contact_that_bounces_goes_by_post() -> None:
    story = with_both().until(date(2026, 11, 26))
    story.hear("contact_reassigned", reason="Congé")
    assert standing(story)[-1][0] == "1/contact_change/1"
    report(story, "bounced")
    assert standing(story)[-1] == ("1/contact_change/2", "post", "queued")


def test_the_two_months_letter_that_bounces_goes_by_post() -> None:
    story = with_both().until(date(2027, 1, 30))
    last = max(n for n, each in enumerate(story.case.letters) if "two_months" in each.sections)
    report(story, "bounced", letter=last)
    assert "two_months" in story.case.letters[-1].sections
    assert story.case.letters[-1].channel == "post"


def test_after_a_summons_what_comes_back_is_told_and_nothing_leaves_by_itself() -> None:
    story = with_both().until(date(2026, 12, 9))
    story.hear("response_given", **ANSWER)
    story.hear("summons_served", addressed_to="broker")
    before = standing(story)
    report(story, "bounced")
    assert [s[0] for s in standing(story)] == [s[0] for s in before]
    assert any(note.startswith("bounced/") for note in story.told)


def test_a_posted_letter_that_got_lost_is_printed_again_for_the_same_address() -> None:
    story = by_email(complainant={**BOTH, "email": None}).until(MONDAY + timedelta(days=1))
    report(story, "posted")
    report(story, "lost")
    assert standing(story) == [("1/acknowledgement/1", "post", "lost"), ("1/acknowledgement/2", "post", "queued")]


def test_a_report_on_a_letter_that_never_left_is_refused_with_the_reason() -> None:
    story = by_email().until(paris(TEN_DAYS, 10))
    story.carrier = LetterStatus.DEFERRED
    story.until(paris(TEN_DAYS, 17))
    entry = story.hear("delivery_reported", letter_id=story.case.letters[-1].id, status="delivered")
    assert entry.status == "refused"
    assert "jamais parti" in (entry.reason or "")


# Staff and the other Party


def test_staff_who_cannot_be_reached_are_told_later_everything_once() -> None:
    story = by_email()
    story.staff_reachable = False
    story.hear("note_added", text="…")
    story.hear("nonsense")
    before = len(story.told)
    story.until(MONDAY + timedelta(days=1))
    assert len(story.told) == before
    story.staff_reachable = True
    story.until(MONDAY + timedelta(days=2))
    assert sum(note.startswith("refused/") for note in story.told) == 1
    assert not story.case.notices


def test_days_of_outage_cost_the_history_little() -> None:
    story = by_email(source="lawyer").until(paris(TEN_DAYS, 10))
    story.carrier, story.staff_reachable, story.partner_reachable = LetterStatus.DEFERRED, False, False
    story.hear("help_wanted", about="Le rapport.")
    before = len(story.dossier.journal)
    story.until(TEN_DAYS + timedelta(days=4))
    tried = [entry.type for entry in story.dossier.journal[before:]]
    assert len(tried) < 110, tried
    assert {"letter_deferred", "staff_not_reached", "partner_call_deferred"} <= set(tried)


def test_the_other_party_is_called_once_the_carrier_is_back() -> None:
    story = by_email().until(date(2026, 12, 1))
    story.partner_reachable = False
    story.hear("source_joined", source="lawyer", received_by="broker")
    assert not story.entries("help_requested")
    story.partner_reachable = True
    story.until(date(2026, 12, 2))
    assert len(story.entries("help_requested")) == 1
