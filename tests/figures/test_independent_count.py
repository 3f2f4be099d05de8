"""The yearly figures of the real register equal a count made from its CSV and the calendar alone."""

from collections.abc import Iterator

import pytest

from activities.register.database import Register
from starter.figures.counting import figures_of
from starter.figures.line import Outcome, RegisterLine
from starter.figures.reading import lines
from starter.play import SAMPLE
from tests.figures.independent_count import expected, without_noughts
from tests.figures.played import keep
from workflows.procedure.vocabulary import ClockName, Level

YEARS = range(2017, 2025)
INSURER = "state-farm-lloyds"
BREACHED = (ClockName.FINAL_ANSWER, ClockName.PARTNER_HELP, ClockName.MEDIATOR_REPLY)
CAME_OF_THEM = (Outcome.UPHELD, Outcome.PARTLY_UPHELD, Outcome.WITHDRAWN)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RegisterLine]]:
    register = Register(f"sqlite:///{tmp_path_factory.mktemp('played') / 'register.db'}", durable=False)
    register.migrate()
    assert keep(register) == 200
    yield list(lines(register))
    register.close()


@pytest.mark.parametrize("insurer", [None, INSURER])
@pytest.mark.parametrize("year", YEARS)
def test_each_year_equals_the_independent_count(played: list[RegisterLine], year: int, insurer: str | None) -> None:
    figures = figures_of(played, year, insurer)
    for counted in (figures.year, figures.before):
        told = counted.model_dump(mode="json", exclude={"year", "lessons"})
        assert without_noughts(told) == without_noughts(expected(SAMPLE, counted.year, insurer)), counted.year


def test_the_fortunes_reach_every_figure(played: list[RegisterLine]) -> None:
    """Else the count would compare noughts with noughts."""
    counted = [figures_of(played, year).year for year in YEARS]
    assert sum(year.movement.received for year in counted) == 200
    for of_a_year in (
        [year.movement.reopened for year in counted],
        [year.mediations.pending for year in counted],
        [year.courts.pending for year in counted],
        *([year.breaches[clock] for year in counted] for clock in BREACHED),
        *([year.by_highest_level[level] for year in counted] for level in Level),
        *([year.by_outcome[outcome] for year in counted] for outcome in CAME_OF_THEM),
    ):
        assert sum(of_a_year) > 0


@pytest.mark.parametrize("year", YEARS)
def test_what_was_open_came_and_went_adds_up(played: list[RegisterLine], year: int) -> None:
    figures = figures_of(played, year)
    for moved in (figures.year.movement, figures.before.movement):
        assert moved.open_at_start + moved.received + moved.reopened - moved.closed == moved.open_at_end
        assert sum(moved.open_by_stage.values()) == moved.open_at_end
    assert figures.before.movement.open_at_end == figures.year.movement.open_at_start
