"""Days and how they are counted: fixtures, the rules as properties, two other libraries as judges."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from holidays import country_holidays
from hypothesis import given
from hypothesis import strategies as st
from jours_feries_france import JoursFeries
from pydantic import ValidationError

from activities.firm.closed_days import CalendarConfig, Closure, enumerate_closed_days
from workflows.procedure.calendar import (
    PARIS,
    Calendar,
    CalendarExhausted,
    Deadline,
    Due,
    SkippedDay,
    Unit,
    at_time,
    due,
    end_of_day,
    paris_date,
)

ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2024, 1, 1), date(2041, 12, 31)
METROPOLE = enumerate_closed_days(CalendarConfig(), FIRST, LAST)
COUNTED_IN_DAYS = (Unit.JOURS_OUVRES, Unit.JOURS_OUVRABLES)


def count(amount: int, unit: Unit, start: date, calendar: Calendar = METROPOLE) -> Due:
    return due(Deadline(amount=amount, unit=unit), start, calendar)


def day(text: str) -> date:
    return date.fromisoformat(text)


def days_between(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def explained(due_: Due) -> list[tuple[str, str]]:
    return [(skipped.date.isoformat(), skipped.why) for skipped in due_.skipped]


# The fixtures


@pytest.mark.parametrize(
    ("start", "ouvres_5", "ouvres_10", "ouvrables_10", "ouvres_40", "two_months"),
    [
        ("2026-11-23", "2026-11-30", "2026-12-07", "2026-12-04", "2027-01-20", "2027-01-23"),
        ("2026-12-18", "2026-12-28", "2027-01-05", "2026-12-31", "2027-02-16", "2027-02-18"),
        ("2026-12-19", "2026-12-28", "2027-01-05", "2027-01-02", "2027-02-16", "2027-02-19"),
        ("2026-12-21", "2026-12-29", "2027-01-06", "2027-01-04", "2027-02-17", "2027-02-21"),
        ("2026-12-31", "2027-01-08", "2027-01-15", "2027-01-13", "2027-02-26", "2027-02-28"),
        ("2027-03-26", "2027-04-05", "2027-04-12", "2027-04-08", "2027-05-26", "2027-05-26"),
        ("2027-05-05", "2027-05-13", "2027-05-21", "2027-05-20", "2027-07-02", "2027-07-05"),
        ("2027-07-13", "2027-07-21", "2027-07-28", "2027-07-26", "2027-09-08", "2027-09-13"),
        ("2028-02-29", "2028-03-07", "2028-03-14", "2028-03-11", "2028-04-26", "2028-04-29"),
        ("2026-03-24", "2026-03-31", "2026-04-08", "2026-04-04", "2026-05-26", "2026-05-24"),
    ],
)
def test_the_fixture_table(
    start: str, ouvres_5: str, ouvres_10: str, ouvrables_10: str, ouvres_40: str, two_months: str
) -> None:
    counted = [
        count(5, Unit.JOURS_OUVRES, day(start)),
        count(10, Unit.JOURS_OUVRES, day(start)),
        count(10, Unit.JOURS_OUVRABLES, day(start)),
        count(40, Unit.JOURS_OUVRES, day(start)),
        count(2, Unit.MONTHS, day(start)),
    ]
    assert [one.due_on.isoformat() for one in counted] == [
        ouvres_5,
        ouvres_10,
        ouvrables_10,
        ouvres_40,
        two_months,
    ]


def test_the_reason_of_every_skipped_day_is_said() -> None:
    assert count(10, Unit.JOURS_OUVRES, day("2026-12-19")) == Due(
        starts_on=day("2026-12-19"),
        due_on=day("2027-01-05"),
        act_on=day("2027-01-05"),
        skipped=[
            SkippedDay(date=day("2026-12-20"), why="Sunday"),
            SkippedDay(date=day("2026-12-25"), why="Noël"),
            SkippedDay(date=day("2026-12-26"), why="Saturday"),
            SkippedDay(date=day("2026-12-27"), why="Sunday"),
            SkippedDay(date=day("2027-01-01"), why="Jour de l'an"),
            SkippedDay(date=day("2027-01-02"), why="Saturday"),
            SkippedDay(date=day("2027-01-03"), why="Sunday"),
        ],
        moved=[],
    )


def test_jours_ouvrables_pass_over_sundays_and_holidays_only() -> None:
    assert explained(count(10, Unit.JOURS_OUVRABLES, day("2026-12-19"))) == [
        ("2026-12-20", "Sunday"),
        ("2026-12-25", "Noël"),
        ("2026-12-27", "Sunday"),
        ("2027-01-01", "Jour de l'an"),
    ]


def test_moselle_does_not_count_good_friday() -> None:
    moselle = enumerate_closed_days(CalendarConfig(subdivision="57"), FIRST, LAST)
    start = day("2027-03-19")
    assert count(10, Unit.JOURS_OUVRES, start).due_on == day("2027-04-05")
    assert count(10, Unit.JOURS_OUVRES, start, moselle).due_on == day("2027-04-06")
    assert moselle.why_closed(day("2027-03-26"), Unit.JOURS_OUVRABLES) == "Vendredi saint"


# Months, years, weeks, days


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due_on"),
    [
        ("2026-12-31", 2, Unit.MONTHS, "2027-02-28"),
        ("2027-12-31", 2, Unit.MONTHS, "2028-02-29"),
        ("2026-07-31", 2, Unit.MONTHS, "2026-09-30"),
        ("2026-11-30", 1, Unit.MONTHS, "2026-12-30"),
        ("2026-10-15", 2, Unit.MONTHS, "2026-12-15"),
        ("2026-10-15", 3, Unit.MONTHS, "2027-01-15"),
        ("2026-10-15", 26, Unit.MONTHS, "2028-12-15"),
        ("2028-02-29", 1, Unit.YEARS, "2029-02-28"),
        ("2028-02-29", 4, Unit.YEARS, "2032-02-29"),
        ("2027-02-28", 1, Unit.YEARS, "2028-02-28"),
        ("2026-12-24", 5, Unit.WEEKS, "2027-01-28"),
        ("2027-03-26", 15, Unit.DAYS, "2027-04-10"),
    ],
)
def test_civil_periods_end_on_the_same_day_else_the_last_of_the_month(
    start: str, amount: int, unit: Unit, due_on: str
) -> None:
    counted = count(amount, unit, day(start))
    assert counted.due_on == day(due_on)
    assert counted.skipped == []


def test_a_civil_date_on_a_closed_day_stays_and_the_firm_acts_before_it() -> None:
    counted = count(2, Unit.MONTHS, day("2026-12-31"))
    assert counted.due_on == day("2027-02-28")  # a Sunday
    assert counted.act_on == day("2027-02-26")
    assert counted.moved == [
        SkippedDay(date=day("2027-02-27"), why="Saturday"),
        SkippedDay(date=day("2027-02-28"), why="Sunday"),
    ]


def test_a_saturday_counted_in_ouvrables_is_acted_on_before() -> None:
    counted = count(10, Unit.JOURS_OUVRABLES, day("2026-12-19"))
    assert counted.due_on == day("2027-01-02")  # a Saturday; the Friday is New Year's Day
    assert counted.act_on == day("2026-12-31")
    assert [moved.why for moved in counted.moved] == ["Jour de l'an", "Saturday"]


def test_an_act_may_be_owed_before_its_start_when_the_firm_is_closed_all_the_while() -> None:
    closed = Closure(first=day("2026-08-03"), last=day("2026-08-21"), name="Congés d'été")
    calendar = enumerate_closed_days(CalendarConfig(closures=[closed]), FIRST, LAST)
    counted = count(3, Unit.JOURS_OUVRABLES, day("2026-08-08"), calendar)
    assert counted.due_on == day("2026-08-12")
    assert counted.act_on == day("2026-07-31")
    assert counted.moved[0] == SkippedDay(date=day("2026-08-01"), why="Saturday")
    assert counted.moved[-1] == SkippedDay(date=day("2026-08-12"), why="Congés d'été")


# The firm's own layer


def test_closures_stop_jours_ouvres_and_not_jours_ouvrables() -> None:
    bridge = Closure(first=day("2027-05-07"), name="Pont de l'Ascension")
    calendar = enumerate_closed_days(CalendarConfig(closures=[bridge]), FIRST, LAST)
    counted = count(1, Unit.JOURS_OUVRES, day("2027-05-05"), calendar)
    assert counted.due_on == day("2027-05-10")
    assert explained(counted) == [
        ("2027-05-06", "Ascension"),
        ("2027-05-07", "Pont de l'Ascension"),
        ("2027-05-08", "Saturday"),
        ("2027-05-09", "Sunday"),
    ]
    ouvrable = count(1, Unit.JOURS_OUVRABLES, day("2027-05-05"), calendar)
    assert ouvrable.due_on == day("2027-05-07")
    assert ouvrable.act_on == day("2027-05-05")


def test_a_worked_whit_monday_is_open_for_the_firm_and_a_holiday_in_law() -> None:
    whit_monday, eve = day("2027-05-17"), day("2027-05-16")
    worked = enumerate_closed_days(CalendarConfig(whit_monday_worked=True), FIRST, LAST)
    assert worked.is_open(whit_monday)
    assert not METROPOLE.is_open(whit_monday)
    assert count(1, Unit.JOURS_OUVRES, eve, worked).due_on == whit_monday
    assert count(1, Unit.JOURS_OUVRES, eve).due_on == day("2027-05-18")
    assert worked.why_closed(whit_monday, Unit.JOURS_OUVRABLES) == "Lundi de Pentecôte"
    assert len(worked.worked_holidays) == 18
    assert all(one.weekday() == 0 for one in worked.worked_holidays)


def test_a_closure_on_a_worked_holiday_closes_it() -> None:
    off = Closure(first=day("2027-05-17"), name="Fermeture")
    config = CalendarConfig(whit_monday_worked=True, closures=[off])
    calendar = enumerate_closed_days(config, FIRST, LAST)
    assert calendar.why_closed(day("2027-05-17"), Unit.JOURS_OUVRES) == "Fermeture"


def test_a_weekend_is_named_before_holiday_and_closure() -> None:
    closed = Closure(first=day("2027-08-14"), last=day("2027-08-16"), name="Congés")
    calendar = enumerate_closed_days(CalendarConfig(closures=[closed]), FIRST, LAST)
    reasons = [calendar.why_closed(one, Unit.JOURS_OUVRES) for one in days_between(closed.first, day("2027-08-17"))]
    assert reasons == ["Saturday", "Sunday", "Congés", None]
    saturday_holiday = day("2027-05-01")
    assert METROPOLE.why_closed(saturday_holiday, Unit.JOURS_OUVRES) == "Saturday"
    assert METROPOLE.why_closed(saturday_holiday, Unit.JOURS_OUVRABLES) == "Fête du Travail"


def test_calendar_units_count_every_day() -> None:
    christmas = day("2027-12-25")
    for unit in (Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS):
        assert METROPOLE.why_closed(christmas, unit) is None


def test_the_nearest_open_day_on_either_side() -> None:
    assert METROPOLE.last_open_day(day("2027-03-29")) == day("2027-03-26")  # Easter Monday
    assert METROPOLE.next_open_day(day("2027-03-27")) == day("2027-03-30")
    assert METROPOLE.last_open_day(day("2027-03-30")) == day("2027-03-30")
    assert METROPOLE.next_open_day(day("2027-03-30")) == day("2027-03-30")


# A calendar ends


YEAR_2026 = enumerate_closed_days(CalendarConfig(), date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("outside", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_day_that_is_not_enumerated_is_never_open(unit: Unit, outside: date) -> None:
    with pytest.raises(CalendarExhausted) as refused:
        YEAR_2026.why_closed(outside, unit)
    assert refused.value.date == outside
    assert refused.value.last == date(2026, 12, 31)
    assert str(outside) in str(refused.value)
    assert "2026-12-31" in str(refused.value)


@pytest.mark.parametrize(
    ("amount", "unit"),
    [
        (10, Unit.JOURS_OUVRES),
        (10, Unit.JOURS_OUVRABLES),
        (12, Unit.DAYS),
        (2, Unit.WEEKS),
        (2, Unit.MONTHS),
        (1, Unit.YEARS),
        (10**6, Unit.YEARS),
        (10**12, Unit.DAYS),
    ],
)
def test_a_due_date_past_the_end_is_refused(amount: int, unit: Unit) -> None:
    with pytest.raises(CalendarExhausted):
        count(amount, unit, day("2026-12-21"), YEAR_2026)


def test_the_last_enumerated_day_can_be_reached() -> None:
    assert count(8, Unit.JOURS_OUVRES, day("2026-12-18"), YEAR_2026).due_on == day("2026-12-31")


def test_a_start_just_before_the_calendar_counts_when_its_days_are_enumerated() -> None:
    assert count(1, Unit.JOURS_OUVRES, day("2025-12-31"), YEAR_2026).due_on == day("2026-01-02")
    with pytest.raises(CalendarExhausted):
        count(1, Unit.JOURS_OUVRES, day("2025-12-30"), YEAR_2026)


def test_looking_for_an_open_day_stops_at_either_end() -> None:
    # 1 January is a holiday: the last open day lies before the calendar.
    with pytest.raises(CalendarExhausted):
        YEAR_2026.last_open_day(day("2026-01-01"))
    short = Calendar(version="t", first=day("2026-12-25"), last=day("2026-12-27"), holidays={}, closures={})
    with pytest.raises(CalendarExhausted):
        short.next_open_day(day("2026-12-26"))


@pytest.mark.parametrize(
    "change",
    [
        {"first": date(2027, 1, 1)},
        {"holidays": {date(2027, 1, 1): "Jour de l'an"}},
        {"closures": {date(2025, 12, 31): "Pont"}},
        {"worked_holidays": [date(2026, 5, 26)]},
        {"holiday": {}},
    ],
)
def test_a_calendar_that_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(YEAR_2026.model_dump() | change)


def test_a_calendar_survives_json() -> None:
    config = CalendarConfig(whit_monday_worked=True, closures=[Closure(first=day("2026-05-15"), name="Pont")])
    calendar = enumerate_closed_days(config, date(2026, 1, 1), date(2028, 12, 31))
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar


@pytest.mark.parametrize("amount", [0, -1])
def test_a_deadline_is_at_least_one(amount: int) -> None:
    with pytest.raises(ValidationError):
        Deadline(amount=amount, unit=Unit.DAYS)


# Instants


@pytest.mark.parametrize(
    ("date_", "instant"),
    [
        ("2027-03-26", "2027-03-26T23:00:00+00:00"),
        ("2027-03-27", "2027-03-27T23:00:00+00:00"),
        ("2027-03-28", "2027-03-28T22:00:00+00:00"),
        ("2027-03-30", "2027-03-30T22:00:00+00:00"),
        ("2027-10-29", "2027-10-29T22:00:00+00:00"),
        ("2027-10-31", "2027-10-31T23:00:00+00:00"),
        ("2027-11-02", "2027-11-02T23:00:00+00:00"),
        ("2026-12-31", "2026-12-31T23:00:00+00:00"),
    ],
)
def test_a_day_ends_at_24_00_in_paris(date_: str, instant: str) -> None:
    assert end_of_day(day(date_)).astimezone(UTC).isoformat() == instant


def test_the_end_of_a_day_belongs_to_the_next() -> None:
    end = end_of_day(day("2027-03-28"))
    assert paris_date(end) == day("2027-03-29")
    assert paris_date(end.astimezone(UTC) - timedelta(microseconds=1)) == day("2027-03-28")


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-12-31T22:59:59+00:00", "2026-12-31"),
        ("2026-12-31T23:00:00+00:00", "2027-01-01"),
        ("2027-07-01T21:59:59+00:00", "2027-07-01"),
        ("2027-07-01T22:00:00+00:00", "2027-07-02"),
        ("2027-07-01T20:00:00-11:00", "2027-07-02"),
    ],
)
def test_the_date_is_that_of_paris(instant: str, expected: str) -> None:
    assert paris_date(datetime.fromisoformat(instant)) == day(expected)


def test_an_instant_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        paris_date(datetime(2026, 12, 19, 12, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("date_", "clock", "instant"),
    [
        ("2027-01-05", time(16), "2027-01-05T16:00:00+01:00"),
        ("2027-07-05", time(16), "2027-07-05T16:00:00+02:00"),
        ("2027-03-28", time(2, 30), "2027-03-28T03:30:00+02:00"),
        ("2027-10-31", time(2, 30), "2027-10-31T02:30:00+02:00"),
    ],
)
def test_a_time_of_day_is_read_on_paris_clocks(date_: str, clock: time, instant: str) -> None:
    assert at_time(day(date_), clock).isoformat() == instant
    assert at_time(day(date_), clock).tzinfo is PARIS


def test_a_time_of_another_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        at_time(day("2027-01-05"), time(16, tzinfo=UTC))


# The firm's configuration


@pytest.mark.parametrize("unknown", ["67", "68", "GF", "GES", "Alsace-Moselle", "Zone A", "XX", ""])
def test_an_unknown_subdivision_is_refused_with_those_accepted(unknown: str) -> None:
    with pytest.raises(ValidationError, match="give one of: 57, 6AE"):
        CalendarConfig(subdivision=unknown)


def test_an_alias_of_a_subdivision_gives_the_same_calendar() -> None:
    by_name, by_code = (
        enumerate_closed_days(CalendarConfig(subdivision=name), FIRST, LAST) for name in ("Moselle", "57")
    )
    assert by_name == by_code
    assert by_code.version.startswith("fr-57/holidays-0.109/")


@pytest.mark.parametrize(
    "closure",
    [
        {"first": "2027-05-07", "name": ""},
        {"first": "2027-05-07", "name": "  "},
        {"first": "2027-05-07", "last": "2027-05-06", "name": "Pont"},
        {"first": "2027-05-07", "name": "Pont", "until": "2027-05-08"},
    ],
)
def test_a_closure_that_makes_no_sense_is_refused(closure: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CalendarConfig.model_validate({"closures": [closure]})


def test_a_closure_across_the_range_is_cut_and_the_first_name_wins() -> None:
    config = CalendarConfig(
        closures=[
            Closure(first=day("2025-12-24"), last=day("2026-01-02"), name="Fêtes"),
            Closure(first=day("2026-01-02"), last=day("2026-01-03"), name="Inventaire"),
        ]
    )
    calendar = enumerate_closed_days(config, date(2026, 1, 1), date(2026, 12, 31))
    assert calendar.closures == {
        day("2026-01-01"): "Fêtes",
        day("2026-01-02"): "Fêtes",
        day("2026-01-03"): "Inventaire",
    }


def test_the_version_changes_with_the_content_and_only_then() -> None:
    plain = enumerate_closed_days(CalendarConfig(), FIRST, LAST)
    bridge = Closure(first=day("2027-05-07"), name="Pont")
    others = [
        enumerate_closed_days(CalendarConfig(whit_monday_worked=True), FIRST, LAST),
        enumerate_closed_days(CalendarConfig(closures=[bridge]), FIRST, LAST),
        enumerate_closed_days(CalendarConfig(closures=[bridge.model_copy(update={"name": "Ascension"})]), FIRST, LAST),
        enumerate_closed_days(CalendarConfig(), FIRST, LAST - ONE_DAY),
    ]
    assert plain.version == METROPOLE.version
    assert plain.version.startswith("fr-metropole/holidays-0.109/")
    assert len({calendar.version for calendar in (plain, *others)}) == 1 + len(others)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 1, 2), date(2026, 1, 1)),
        (date(1700, 1, 1), date(2026, 1, 1)),
        (date(2099, 1, 1), date(2101, 12, 31)),
    ],
)
def test_a_range_without_known_holidays_is_refused(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="calendar"):
        enumerate_closed_days(CalendarConfig(), first, last)


# The rules, as properties

starts = st.dates(date(2024, 1, 1), date(2039, 12, 31))
amounts = st.integers(1, 60)
units = st.sampled_from(list(Unit))
deadlines = st.builds(Deadline, amount=st.integers(1, 20), unit=units) | st.builds(
    Deadline, amount=amounts, unit=st.sampled_from(COUNTED_IN_DAYS)
)


LONG = {
    worked: enumerate_closed_days(CalendarConfig(whit_monday_worked=worked), date(2023, 1, 1), date(2060, 12, 31))
    for worked in (False, True)
}


@st.composite
def calendars(draw: st.DrawFn, *, whit_monday_worked: bool | None = None) -> Calendar:
    """A calendar long enough for every start and deadline here, with a few closures of some days."""
    firsts = draw(st.lists(st.dates(date(2024, 1, 1), date(2040, 12, 31)), max_size=4))
    closures = [
        Closure(first=first, last=first + timedelta(days=draw(st.integers(0, 25))), name="Fermeture")
        for first in firsts
    ]
    worked = draw(st.booleans()) if whit_monday_worked is None else whit_monday_worked
    closed = {one: closure.name for closure in closures for one in closure.days()}
    return LONG[worked].model_copy(update={"closures": closed})


CALENDARS = calendars()


@given(deadlines, starts, CALENDARS)
def test_a_later_start_is_never_due_earlier(deadline: Deadline, start: date, calendar: Calendar) -> None:
    today, tomorrow = due(deadline, start, calendar), due(deadline, start + ONE_DAY, calendar)
    assert today.due_on <= tomorrow.due_on
    assert today.act_on <= tomorrow.act_on


@given(amounts, st.sampled_from(COUNTED_IN_DAYS), starts, CALENDARS)
def test_a_counted_due_date_is_never_a_closed_day(amount: int, unit: Unit, start: date, calendar: Calendar) -> None:
    assert calendar.why_closed(count(amount, unit, start, calendar).due_on, unit) is None


@given(amounts, st.sampled_from(COUNTED_IN_DAYS), starts, CALENDARS)
def test_every_day_after_the_start_is_counted_or_explained(
    amount: int, unit: Unit, start: date, calendar: Calendar
) -> None:
    counted = count(amount, unit, start, calendar)
    passed = set(days_between(start + ONE_DAY, counted.due_on))
    rest = {6} if unit is Unit.JOURS_OUVRABLES else {5, 6}
    legal = {one for year in range(start.year, start.year + 2) for one in JoursFeries.for_year(year).values()}
    off = legal
    if unit is Unit.JOURS_OUVRES:
        off = (legal - set(calendar.worked_holidays)) | set(calendar.closures)
    naively_open = {one for one in passed if one.weekday() not in rest and one not in off}
    assert len(naively_open) == amount
    assert [skipped.date for skipped in counted.skipped] == sorted(passed - naively_open)
    assert all(skipped.why for skipped in counted.skipped)


@given(amounts, starts, CALENDARS)
def test_friday_saturday_and_sunday_share_one_due_date_in_jours_ouvres(
    amount: int, start: date, calendar: Calendar
) -> None:
    friday = start + timedelta(days=(4 - start.weekday()) % 7)
    due_dates = {count(amount, Unit.JOURS_OUVRES, friday + timedelta(days=n), calendar).due_on for n in range(3)}
    assert len(due_dates) == 1


# A worked Whit Monday is the one day that is ouvré and not ouvrable.
@given(amounts, starts, calendars(whit_monday_worked=False))
def test_jours_ouvrables_are_never_later_than_jours_ouvres(amount: int, start: date, calendar: Calendar) -> None:
    ouvrables = count(amount, Unit.JOURS_OUVRABLES, start, calendar)
    assert ouvrables.due_on <= count(amount, Unit.JOURS_OUVRES, start, calendar).due_on


@given(deadlines, starts, CALENDARS)
def test_the_firm_acts_on_its_last_open_day(deadline: Deadline, start: date, calendar: Calendar) -> None:
    counted = due(deadline, start, calendar)
    assert counted.starts_on == start < counted.due_on
    assert calendar.is_open(counted.act_on)
    assert counted.act_on <= counted.due_on
    closed_since = list(days_between(counted.act_on + ONE_DAY, counted.due_on))
    assert not any(calendar.is_open(one) for one in closed_since)
    assert [moved.date for moved in counted.moved] == closed_since
    if deadline.unit is Unit.JOURS_OUVRES:
        assert counted.act_on == counted.due_on


@given(st.integers(1, 48), starts)
def test_months_keep_the_day_or_take_the_last_of_the_month(months: int, start: date) -> None:
    due_on = count(months, Unit.MONTHS, start, LONG[False]).due_on
    assert (due_on.year - start.year) * 12 + due_on.month - start.month == months
    assert due_on.day == start.day or (due_on.day < start.day and (due_on + ONE_DAY).day == 1)


@given(starts)
def test_a_day_lasts_from_one_end_to_the_next(one: date) -> None:
    begins, ends = end_of_day(one - ONE_DAY), end_of_day(one)
    assert paris_date(begins) == one
    assert (ends.hour, ends.minute) == (0, 0)
    length = ends.astimezone(UTC) - begins.astimezone(UTC)
    assert length in {timedelta(hours=hours) for hours in (23, 24, 25)}


# Two other judges, for every day


def test_a_second_library_names_the_same_holidays() -> None:
    other = {one for year in range(2024, 2042) for one in JoursFeries.for_year(year).values()}
    assert set(METROPOLE.holidays) == other


def test_a_second_library_names_the_same_holidays_in_moselle() -> None:
    moselle = enumerate_closed_days(CalendarConfig(subdivision="57"), FIRST, LAST)
    other = {one for year in range(2024, 2042) for one in JoursFeries.for_year(year, "Alsace-Moselle").values()}
    assert set(moselle.holidays) == other


@pytest.mark.parametrize(
    ("unit", "weekend", "amount"),
    [
        (Unit.JOURS_OUVRES, {5, 6}, 5),
        (Unit.JOURS_OUVRES, {5, 6}, 10),
        (Unit.JOURS_OUVRES, {5, 6}, 40),
        (Unit.JOURS_OUVRABLES, {6}, 10),
    ],
)
def test_the_library_counts_alike_from_every_day_of_2024_to_2040(unit: Unit, weekend: set[int], amount: int) -> None:
    library = country_holidays("FR", years=range(2024, 2042))
    library.weekend = weekend
    differing = [
        start
        for start in days_between(date(2024, 1, 1), date(2040, 12, 31))
        if count(amount, unit, start).due_on != library.get_nth_working_day(start, amount)
    ]
    assert differing == []
