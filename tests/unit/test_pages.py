"""The printed pages of the docs say what the code says; examples given to people are accepted."""

import pytest

from starter.pages import DOCS, PAGES
from tests.benchmarks.capacity import plan
from workflows.procedure.events import EVENTS, parse_event
from workflows.procedure.table import TABLE, Fate
from workflows.procedure.vocabulary import Language, Stage
from workflows.procedure.wording import say
from workflows.signals import description


@pytest.mark.parametrize("name", PAGES)
def test_the_printed_pages_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_the_capacity_plan_is_what_its_arithmetic_gives() -> None:
    assert plan() in (DOCS / "capacity.md").read_text(encoding="utf-8")


def test_every_event_of_the_contract_has_its_row_and_every_row_each_stage() -> None:
    assert set(TABLE) == set(EVENTS)
    for row in TABLE.values():
        assert set(row) == set(Stage)
        for cell in row.values():
            assert (cell.fate is Fate.REFUSED) == bool(cell.why)
            assert (cell.fate is Fate.ACCEPTED) == bool(cell.next_stages)
            if cell.why:
                assert all(say(language, cell.why) for language in Language)


@pytest.mark.parametrize("kind", EVENTS)
def test_the_example_in_the_dialog_is_understood(kind: str) -> None:
    assert isinstance(parse_event(kind, EVENTS[kind].example), EVENTS[kind])
    assert "Example: {" in description(kind)
