"""Dossiers are read out of the register in the order of their receipt, page by page, and all of one moment."""

from datetime import timedelta

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.reading import each_dossier
from starter.figures.counting import figures_of
from starter.figures.lines import line_of
from starter.figures.reading import lines
from tests.register import lives
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.calendar import end_of_day


@pytest.mark.parametrize("at_once", [1, 3, 4, 5, 200])
def test_no_dossier_is_missed_or_read_twice_though_all_came_at_one_instant(
    register: Register, dossiers: Dossiers, at_once: int
) -> None:
    opened = lives.ordinary()[0]
    wanted = [lives.renamed(opened, f"REC-{n}") for n in range(12)]
    for carried in reversed(wanted):
        dossiers.record(carried)
    read = list(each_dossier(register, at_once=at_once))
    assert [carried.reference for carried in read] == sorted(carried.reference for carried in wanted)
    assert all(carried == dossiers.carried(carried.reference) for carried in read)


def test_the_bounds_are_of_receipt_in_paris(register: Register, dossiers: Dossiers) -> None:
    for number, at in enumerate((paris(MONDAY, 0), end_of_day(MONDAY) - timedelta(microseconds=1), end_of_day(MONDAY))):
        received = complaint(received_at=at.isoformat())
        dossiers.record(lives.renamed(lives.state(Rehearsal(received)), f"REC-{number}"))
    of_the_day = [line.reference for line in lines(register, MONDAY, MONDAY)]
    assert of_the_day == ["REC-0", "REC-1"]
    assert [line.reference for line in lines(register, MONDAY + timedelta(days=1))] == ["REC-2"]
    assert [line.reference for line in lines(register, last=MONDAY)] == of_the_day
    assert len(list(lines(register))) == 3


def test_what_is_recorded_meanwhile_is_not_seen(register: Register, dossiers: Dossiers) -> None:
    opened, *_, closed = lives.ordinary()
    for number in range(4):
        dossiers.record(lives.renamed(opened, f"REC-{number}"))
    reading = each_dossier(register, at_once=2)
    first = next(reading)
    dossiers.record(lives.renamed(closed, "REC-3"))
    dossiers.record(lives.renamed(opened, "REC-4"))
    rest = list(reading)
    assert [each.reference for each in (first, *rest)] == ["REC-0", "REC-1", "REC-2", "REC-3"]
    assert rest[-1] == lives.renamed(opened, "REC-3")
    assert len(list(each_dossier(register))) == 5


def test_the_line_of_a_kept_dossier_is_that_of_the_running_one(register: Register, dossiers: Dossiers) -> None:
    told = (*lives.ordinary(), *lives.voided(), *lives.waiting(), lives.state(lives.by_post()))
    running = [lives.renamed(life, f"REC-{number:02}") for number, life in enumerate(told)]
    for life in running:
        dossiers.record(life)
    assert list(lines(register)) == [line_of(life) for life in running]


def test_both_databases_count_the_same(register: Register, dossiers: Dossiers) -> None:
    for number, life in enumerate((*lives.ordinary(), *lives.voided(), *lives.waiting())):
        dossiers.record(lives.renamed(life, f"REC-{number}"))
    counted = figures_of(lines(register), MONDAY.year).year
    assert (counted.movement.received, counted.by_outcome) == (
        10, {"upheld": 2, "partly_upheld": 0, "rejected": 4, "withdrawn": 0, "unanswered": 4},
    )  # fmt: skip
