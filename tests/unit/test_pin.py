"""What an opening complaint is given: whole years, one version for one content."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.firm.closed_days import CalendarConfig, Closure
from activities.firm.load import load_firm
from activities.firm.schema import Firm
from activities.pin import ProcedurePinner
from workflows.messages import PinRequest
from workflows.procedure.calendar import Deadline, Unit, due
from workflows.procedure.pinned import Procedure
from workflows.procedure.vocabulary import ClockName, Language

SHIPPED = Path(__file__).parents[2] / "deploy" / "firm" / "123-courtage.toml"
FIRM = load_firm(SHIPPED)


def pinned(firm: Firm = FIRM, first: date = date(2026, 11, 20), last: date = date(2026, 11, 23)) -> Procedure:
    return ProcedurePinner(lambda: firm).pin(first, last)


async def test_whole_years_are_enumerated() -> None:
    request = PinRequest(first=date(2025, 12, 30), last=date(2026, 11, 23))
    procedure = await ActivityEnvironment().run(ProcedurePinner(lambda: FIRM).pin_procedure, request)
    assert (procedure.calendar.first, procedure.calendar.last) == (date(2025, 1, 1), date(2028, 12, 31))


def test_the_dates_follow_from_it() -> None:
    procedure = pinned()
    dates = {clock: due(procedure.deadlines[clock], date(2026, 12, 19), procedure.calendar) for clock in (
        ClockName.HOLDING_LETTER, ClockName.STATUS_LETTER, ClockName.ACKNOWLEDGEMENT, ClockName.FINAL_ANSWER
    )}  # fmt: skip
    assert [each.due_on.isoformat() for each in dates.values()] == [
        "2027-01-05",
        "2027-02-16",
        "2027-01-02",
        "2027-02-19",
    ]


def test_the_last_clock_of_a_complaint_of_new_years_eve_lies_within_the_years() -> None:
    procedure = pinned(last=date(2026, 12, 31))
    window = due(procedure.deadlines[ClockName.MEDIATION_WINDOW], date(2026, 12, 31), procedure.calendar)
    assert window.due_on == date(2027, 12, 31)


def test_it_survives_the_journey_and_stays_small() -> None:
    procedure = pinned()
    carried = procedure.model_dump_json()
    assert Procedure.model_validate_json(carried) == procedure
    assert len(carried.encode()) < 6_000


def test_the_version_names_firm_label_and_content() -> None:
    firm, label, digest = pinned().version.split("/")
    assert (firm, label) == ("123-courtage", "2026-11")
    assert len(digest) == 8
    assert pinned().version == pinned().version


@pytest.mark.parametrize(
    "change",
    [
        {"version": "2026-12"},
        {"deadlines": {**FIRM.deadlines, ClockName.PARTNER_HELP: Deadline(amount=11, unit=Unit.DAYS)}},
        {"mediation_opens": Deadline(amount=3, unit=Unit.MONTHS)},
        {"letters_spread_minutes": 31},
        {"staff_language": Language.EN},
        {"calendar": CalendarConfig(closures=[Closure(first=date(2027, 5, 7), name="Pont")])},
        {"calendar": CalendarConfig(whit_monday_worked=True)},
        {
            "sources": {
                **FIRM.sources,
                "customer": FIRM.sources["customer"].model_copy(update={"aliases": ()}),
            }
        },
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_content_is_another_version(change: dict[str, Any]) -> None:
    assert pinned(FIRM.model_copy(update=change)).version != pinned().version


def test_other_years_are_another_version() -> None:
    assert pinned(last=date(2027, 1, 1)).version != pinned().version


@pytest.mark.parametrize(
    "change",
    [{"people": FIRM.people[:1]}, {"phone": "01 99 00 00 00"}, {"insurers": ()}],
    ids=lambda c: next(iter(c)),
)
def test_what_is_not_pinned_changes_no_version(change: dict[str, Any]) -> None:
    assert pinned(FIRM.model_copy(update=change)).version == pinned().version


def test_complaints_of_one_year_share_one_procedure_until_the_file_changes() -> None:
    stated = [FIRM]
    pinner = ProcedurePinner(lambda: stated[-1])
    first = pinner.pin(date(2026, 1, 2), date(2026, 1, 2))
    assert pinner.pin(date(2026, 12, 31), date(2026, 12, 31)) is first
    stated.append(FIRM.model_copy(update={"letters_spread_minutes": 5}))
    assert pinner.pin(date(2026, 1, 2), date(2026, 1, 2)) != first


def test_years_without_known_holidays_are_refused_for_good() -> None:
    with pytest.raises(ApplicationError, match="French holidays are known from 1803 to 2100") as refused:
        pinned(last=date(2099, 1, 1))
    assert refused.value.non_retryable
