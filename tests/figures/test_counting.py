"""The figures of a year, from complaints told by hand: which year an act counts in, what adds up, what is nought."""

from decimal import Decimal
from typing import Any

import pytest

from starter.figures.counting import figures_of, most_first, result_of
from starter.figures.figures import MediationResult
from starter.figures.line import Mediation, RegisterLine
from tests.figures.test_lines import OFFER, answer, line, told
from tests.rehearsal import MONDAY
from workflows.procedure.vocabulary import MediationOutcome, Party, Stage

YEAR = MONDAY.year  # the complaints of these tests come in on 23 November


def counted(*lines: RegisterLine, year: int = YEAR, insurer: str | None = None) -> Any:
    return figures_of(lines, year, insurer).year


def test_a_complaint_counts_where_it_came_in_its_answer_wherever_that_fell() -> None:
    found = line(told((50, "response_given", answer("upheld", offer=OFFER))))  # answered on 12 January
    this, following = counted(found), counted(found, year=YEAR + 1)
    assert (this.movement.received, this.by_outcome["upheld"], this.by_delay["within_2_months"]) == (1, 1, 1)
    assert (this.redress.complaints, this.redress.totals) == (1, {"EUR": Decimal("1250.50")})
    assert (following.movement.open_at_start, following.movement.received) == (1, 0)
    assert sum(following.by_outcome.values()) == sum(following.by_delay.values()) == following.redress.complaints == 0


def test_a_missed_deadline_counts_in_the_year_of_its_last_day() -> None:
    found = line(told((80, "response_given", answer())))  # two months end on 23 January
    assert counted(found).breaches["final_answer"] == 0
    assert counted(found, year=YEAR + 1).breaches["final_answer"] == 1
    assert counted(found, year=YEAR + 2).breaches["final_answer"] == 0


def test_closed_reopened_and_closed_again_adds_up_in_each_year() -> None:
    found = line(
        told(
            (10, "response_given", answer()),
            (20, "customer_accepts", {}),
            (50, "customer_rejects", {}),
            (60, "response_given", answer("upheld")),
            (70, "customer_accepts", {}),
        )
    )
    first, second = counted(found).movement, counted(found, year=YEAR + 1).movement
    assert (first.received, first.closed, first.open_at_end) == (1, 1, 0)
    assert (second.open_at_start, second.reopened, second.closed, second.open_at_end) == (0, 1, 1, 0)


def test_on_31_december_it_stands_at_the_stage_of_that_evening() -> None:
    found = line(told((38, "response_given", answer())))  # on 31 December
    assert counted(found).movement.open_by_stage[Stage.ANSWERED] == 1
    later = line(told((39, "response_given", answer())))
    assert counted(later).movement.open_by_stage[Stage.INVESTIGATING] == 1


def test_mediator_and_court_count_when_they_happen() -> None:
    found = line(
        told(
            (10, "response_given", answer()),
            (20, "mediator_seized", {"addressed_to": "broker"}),
            (60, "mediation_ended", {"outcome": "premature"}),
            (70, "summons_served", {"addressed_to": "broker"}),
        )
    )
    first, second = counted(found), counted(found, year=YEAR + 1)
    assert (first.mediations.seized, first.mediations.pending, sum(first.mediations.ended.values())) == (1, 1, 0)
    assert (second.mediations.seized, second.mediations.pending, second.mediations.ended["premature"]) == (0, 0, 1)
    assert (first.courts.summonses, second.courts.summonses, second.courts.pending) == (0, 1, 1)


@pytest.mark.parametrize(
    ("favours", "result"),
    [
        ("complainant", MediationResult.OPINION_FOR),
        ("Réclamant", MediationResult.OPINION_FOR),
        ("broker", MediationResult.OPINION_AGAINST),
        ("L'assureur", MediationResult.OPINION),
        ("assureur", MediationResult.OPINION_AGAINST),
        (None, MediationResult.OPINION),
    ],
)
def test_whom_an_opinion_favours_is_understood_in_the_usual_words(favours: str | None, result: MediationResult) -> None:
    ended = Mediation(seized_on=MONDAY, addressed_to=Party.BROKER, outcome=MediationOutcome.OPINION, favours=favours)
    assert result_of(ended) is result


def test_redress_is_added_up_in_each_currency_to_the_cent() -> None:
    paid = [("0.10", "EUR"), ("0.20", "EUR"), ("5", "CHF"), ("0", "EUR")]
    lines = [
        line(told((9, "complaint_classified", {"redress": {"amount": amount, "currency": currency}})))
        for amount, currency in paid
    ]
    found = counted(*lines).redress
    assert (found.complaints, found.totals) == (3, {"CHF": Decimal(5), "EUR": Decimal("0.30")})


def test_only_one_insurers_complaints() -> None:
    lines = [line(told(insurer=insurer)) for insurer in ("assureur-exemple", "autre", None)]
    assert counted(*lines, insurer="autre").by_insurer == {"autre": 1}
    assert counted(*lines).by_insurer == {"assureur-exemple": 1, "autre": 1, "not_stated": 1}


def test_what_was_learnt_is_listed_and_what_nobody_classified_is_counted() -> None:
    said = {"cause": "delay", "root_cause": "Un seul gestionnaire", "corrective_action": "Un remplaçant"}
    found = counted(line(told((9, "complaint_classified", said))), line(told()))
    assert found.by_cause == {"delay": 1, "unclassified": 1}
    (lesson,) = found.lessons
    assert (lesson.reference, lesson.cause, lesson.root_cause) == ("REC-2026-TEST", "delay", "Un seul gestionnaire")


def test_a_year_without_complaints_is_noughts() -> None:
    found = counted(line(told()), year=2010)
    assert (found.movement.open_at_start, found.movement.open_at_end, found.by_cause) == (0, 0, {})
    assert (sum(found.breaches.values()), len(found.delay_by_quarter), len(found.level_by_month)) == (0, 4, 12)


def test_the_most_frequent_comes_first_and_the_unknown_last() -> None:
    assert list(most_first({"unknown": 9, "b": 2, "a": 2, "c": 5}, last="unknown")) == ["c", "a", "b", "unknown"]
