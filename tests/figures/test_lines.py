"""One line of the register, from dossiers told by hand: what a supervisor reads of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from starter.figures.line import DelayBand, Outcome, RedressBasis, RegisterLine
from starter.figures.lines import line_of
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.vocabulary import ClockState, Decision, Level, Stage

POSTAL = {"name": "Anne Martin", "postal_address": "1 rue de la Paix\n75002 Paris"}
OFFER = {"amount": "1250.50", "currency": "EUR", "terms": "Sous 30 jours."}
TWO_MONTHS = date(2027, 1, 23)


def day(after: int) -> date:
    return MONDAY + timedelta(days=after)


def told(*events: tuple[int, str, dict[str, Any]], **changes: Any) -> Rehearsal:
    """Tell of a complaint to which that happens, each event so many days after its receipt."""
    story = Rehearsal(complaint(**changes))
    for after, kind, fields in events:
        entry = story.until(paris(day(after))).hear(kind, **fields)
        assert entry.status == "accepted", entry.reason
    return story


def line(story: Rehearsal) -> RegisterLine:
    return line_of(story.dossier.carried())


def answer(decision: str = "rejected", **more: Any) -> dict[str, Any]:
    return {"decision": decision, "reasons": "Hors garantie.", **more}


# Days ------------------------------------------------------------------------------------------------------------


def test_an_ordinary_complaint() -> None:
    found = line(told((30, "response_given", answer("upheld"))))
    assert (found.sent_on, found.received_on, found.acknowledged_on) == (MONDAY, MONDAY, MONDAY)
    assert (found.acknowledgement, found.breaches, found.mediator_named) == (ClockState.KEPT, (), True)
    assert [(each.kind, each.sent_on, each.announces) for each in found.extensions] == [
        ("holding", date(2026, 12, 7), date(2027, 1, 20))
    ]
    assert (found.answered_on, found.outcome, found.reasons) == (day(30), Outcome.UPHELD, "Hors garantie.")
    # 22 and not 30: four weekends, and Christmas Day falls after the answer.
    assert (found.days_from_sending, found.open_days_from_receipt) == (30, 22)
    assert [(each.id, each.on) for each in found.handlers] == [("c-101", MONDAY)]
    assert [(each.stage, each.on) for each in found.stages] == [
        (Stage.INVESTIGATING, MONDAY), (Stage.ANSWERED, day(30)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answered", "band"),
    [
        (day(0), DelayBand.TEN_DAYS),
        (day(10), DelayBand.TEN_DAYS),
        (day(11), DelayBand.TWO_MONTHS),
        (TWO_MONTHS, DelayBand.TWO_MONTHS),
        (TWO_MONTHS + timedelta(days=1), DelayBand.OVER_TWO_MONTHS),
    ],
)
def test_the_bands_are_of_civil_days_and_civil_months_from_sending(answered: date, band: DelayBand) -> None:
    found = line(told(((answered - MONDAY).days, "response_given", answer())))
    assert (found.answered_on, found.delay) == (answered, band)


def test_a_delay_runs_from_the_sending_not_from_the_receipt() -> None:
    found = line(told((6, "response_given", answer()), sent_on=str(day(-5))))
    assert (found.days_from_sending, found.delay) == (11, DelayBand.TWO_MONTHS)


def test_an_answer_by_post_is_one_once_it_is_posted() -> None:
    story = told((5, "response_given", answer()), complainant=POSTAL)
    assert (line(story).answered_on, line(story).outcome) == (None, Outcome.REJECTED)
    letter = next(letter for letter in story.case.letters if letter.kind == "resolution")
    story.until(paris(day(7))).hear("delivery_reported", letter_id=letter.id, status="posted")
    assert line(story).answered_on == day(7)


def test_an_answer_on_the_phone_is_no_written_one() -> None:
    story = told((5, "response_given", answer(sent_by="staff", channel="phone")))
    assert (line(story).answered_on, line(story).delay) == (None, DelayBand.UNANSWERED)
    story.until(paris(day(20))).hear(
        "response_given", **answer("upheld", sent_by="staff", channel="post", sent_on=str(day(18)))
    )
    assert (line(story).answered_on, line(story).last_answered_on) == (day(18), day(18))


def test_a_complaint_by_phone_counts_from_its_writing_or_else_from_the_call() -> None:
    by_phone = line(told((8, "response_given", answer()), channel="phone", sent_on=None))
    assert (by_phone.sent_on, by_phone.answered_on, by_phone.days_from_sending) == (None, day(8), 8)
    assert (by_phone.acknowledgement, by_phone.delay) == (None, DelayBand.TEN_DAYS)
    writing = {"sent_on": str(day(4)), "received_on": str(day(5)), "channel": "post"}
    written = line(
        told(
            (5, "written_complaint_received", writing), (20, "response_given", answer()), channel="phone", sent_on=None
        )
    )
    assert (written.sent_on, written.days_from_sending, written.acknowledged_on) == (day(4), 16, day(5))


def test_an_answer_after_the_summons_is_found_though_its_clock_is_dropped() -> None:
    by_staff = answer(sent_by="staff", channel="post", sent_on=str(day(39)))
    found = line(told((30, "summons_served", {"addressed_to": "broker"}), (40, "response_given", by_staff)))
    assert (found.answered_on, found.level, found.stage) == (day(39), Level.FOUR, Stage.LITIGATION)


def test_a_second_answer_leaves_the_day_of_the_first() -> None:
    found = line(
        told((20, "response_given", answer()), (30, "customer_rejects", {}), (60, "response_given", answer("upheld")))
    )
    assert (found.answered_on, found.last_answered_on, found.outcome) == (day(20), day(60), Outcome.UPHELD)
    assert (found.rounds, found.days_from_sending) == (2, 20)


def test_missed_deadlines_are_flagged_with_their_last_day() -> None:
    found = line(told((75, "response_given", answer())))
    assert [(each.clock, each.due_on) for each in found.breaches] == [("final_answer", TWO_MONTHS)]


# Levels, stages, persons -----------------------------------------------------------------------------------------


def test_each_seizure_of_the_mediator_and_the_level_it_gave_back() -> None:
    found = line(
        told(
            (20, "response_given", answer()),
            (30, "mediator_seized", {"addressed_to": "broker", "notified_on": str(day(29))}),
            (40, "mediation_ended", {"outcome": "premature"}),
            (90, "mediator_seized", {"addressed_to": "broker"}),
            (200, "mediation_ended", {"outcome": "opinion", "opinion_favours": "complainant", "accepted": True}),
        )
    )
    assert [each.level for each in found.levels] == ["1", "3", "1", "3"]
    assert (found.opening_level, found.highest_level) == (Level.ONE, Level.THREE)
    first, second = found.mediations
    assert (first.seized_on, first.ended_on, first.outcome) == (day(29), day(40), "premature")
    assert (second.ended_on, second.favours, second.accepted) == (day(200), "complainant", True)
    assert (found.closed_on, found.closed_by) == (day(200), "mediation_opinion")


def test_a_complaint_the_mediator_or_a_court_brought_is_before_them_from_the_start() -> None:
    from_the_mediator, from_the_court = (line(told(source=source)) for source in ("mediator", "court"))
    assert [each.seized_on for each in from_the_mediator.mediations] == [MONDAY]
    assert [each.served_on for each in from_the_court.court_cases] == [MONDAY]
    assert (from_the_mediator.opening_level, from_the_court.opening_level) == (Level.THREE, Level.FOUR)


def test_proceedings_end_as_a_whole() -> None:
    found = line(
        told(
            (10, "summons_served", {"addressed_to": "broker", "served_on": str(day(9))}),
            (12, "summons_served", {"addressed_to": "insurer"}),
            (300, "litigation_ended", {"outcome": "Désistement"}),
        )
    )
    assert [(each.served_on, each.addressed_to, each.ended_on) for each in found.court_cases] == [
        (day(9), "broker", day(300)), (day(12), "insurer", day(300)),
    ]  # fmt: skip


def test_what_was_voided_never_was() -> None:
    story = told((10, "summons_served", {"id": "wrong", "addressed_to": "broker"}))
    assert line(story).highest_level is Level.FOUR
    story.until(paris(day(11))).hear("recorded_in_error", event_id="wrong", reason="Autre dossier")
    found = line(story)
    assert (found.court_cases, [each.level for each in found.levels]) == ((), [Level.ONE])


def test_a_lawyer_who_joins_is_a_sensitive_source() -> None:
    lawyer = {"name": "Maître Petit", "email": "petit@example.org", "mandate": True}
    found = line(told((5, "source_joined", {"source": "Avocat", "received_by": "broker", "representative": lawyer})))
    assert (found.sensitive_sources, found.represented, found.representative) == (("lawyer",), True, "Maître Petit")
    assert [(each.on, each.level) for each in found.levels] == [(MONDAY, Level.ONE), (day(5), Level.TWO_B)]


def test_a_reopened_complaint_was_closed_in_between() -> None:
    story = told((10, "response_given", answer()), (20, "customer_accepts", {}))
    assert (line(story).closed_on, line(story).stage_before(day(21))) == (day(20), Stage.CLOSED)
    story.until(paris(day(50))).hear("customer_rejects")
    found = line(story)
    assert [each.stage for each in found.stages] == ["investigating", "answered", "closed", "investigating"]
    assert (found.closed_on, found.closed_by, found.stages[-1].on) == (None, None, day(50))


def test_the_course_never_runs_backwards() -> None:
    story = told((10, "response_given", answer()), (20, "customer_accepts", {}))
    story.until(paris(day(30))).hear("mediator_seized", addressed_to="broker", at=paris(day(15)))
    found = line(story)
    assert [each.on for each in found.stages] == sorted(each.on for each in found.stages)
    assert found.stages[-1].on == day(20), "the closing was counted on that day, and stands"


def test_each_person_who_was_in_charge() -> None:
    found = line(told((10, "contact_reassigned", {"reason": "Congé"})))
    assert [(each.id, each.on) for each in found.handlers] == [("c-101", MONDAY), ("c-102", day(10))]


def test_a_professional_has_no_mediator_and_a_letter_that_came_back_names_none() -> None:
    firm = line(told(complainant={"name": "SARL Martin", "email": "m@example.org", "consumer": False}))
    assert firm.mediator_named is None
    story = Rehearsal()
    (sent,) = story.entries("letter_sent")
    story.hear("delivery_reported", letter_id=sent.data["id"], status="bounced")
    assert line(story).mediator_named is False


# Outcome, classification, redress ----------------------------------------------------------------------------------


def test_withdrawn_before_an_answer_or_not_answered_yet() -> None:
    assert line(told((5, "withdrawn", {}))).outcome is Outcome.WITHDRAWN
    assert line(told()).outcome is Outcome.UNANSWERED
    assert line(told((5, "response_given", answer()), (9, "withdrawn", {}))).outcome is Outcome.REJECTED


@pytest.mark.parametrize("decision", Decision)
def test_redress_is_what_the_last_answer_offers_unless_it_rejects(decision: Decision) -> None:
    found = line(told((5, "response_given", answer(decision, offer=OFFER))))
    offered = (Decimal("1250.50"), "EUR", RedressBasis.OFFERED)
    wanted = (None, None, None) if decision is Decision.REJECTED else offered
    assert (found.redress, found.redress_currency, found.redress_basis) == wanted


def test_what_was_paid_stands_before_what_was_offered() -> None:
    paid = {"redress": {"amount": "900", "currency": "chf"}}
    found = line(told((5, "response_given", answer("upheld", offer=OFFER)), (9, "complaint_classified", paid)))
    assert (found.redress, found.redress_currency, found.redress_basis) == (Decimal(900), "CHF", RedressBasis.PAID)


def test_a_classification_replaces_field_by_field_and_reopens_nothing() -> None:
    story = told(
        (5, "response_given", answer()),
        (6, "complaint_classified", {"cause": "delay", "root_cause": "Un seul gestionnaire"}),
        (7, "customer_accepts", {}),
        (90, "complaint_classified", {"cause": "amount", "corrective_action": "Un remplaçant"}),
    )
    found = line(story)
    assert (found.cause, found.root_cause, found.corrective_action) == (
        "amount", "Un seul gestionnaire", "Un remplaçant",
    )  # fmt: skip
    assert (found.stage, found.closed_on) == (Stage.CLOSED, day(7))
    assert story.view["classification"] == {
        "cause": "amount", "root_cause": "Un seul gestionnaire", "corrective_action": "Un remplaçant", "redress": None,
    }  # fmt: skip
    assert story.worked_out_again() == story.view


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, "give at least one of cause, root_cause, corrective_action, redress"),
        ({"cause": "Délai de traitement"}, "cause: expected an id of the firm's list of causes"),
        ({"redress": {"amount": "-1"}}, "redress.amount"),
        ({"causes": "delay"}, "causes"),
    ],
)
def test_a_classification_that_says_nothing_or_the_wrong_thing_is_refused(fields: dict[str, Any], why: str) -> None:
    story = Rehearsal()
    refused = story.hear("complaint_classified", **fields)
    assert (refused.status, story.view["classification"]) == ("refused", None)
    assert refused.reason
    assert why in refused.reason


def test_making_a_line_changes_nothing_of_what_is_carried() -> None:
    story = Rehearsal()
    story.hear("customer_rejects", id="waits for its answer", at=story.now)
    story.hear("response_given", **answer(), at=story.now - timedelta(seconds=30))
    carried = story.dossier.carried()
    before = carried.model_dump_json()
    assert line_of(carried) == line_of(carried)
    assert carried.model_dump_json() == before
