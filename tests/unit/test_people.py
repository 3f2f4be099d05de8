"""Presence, deputies and absences: who does whose work on a day, and whose complaints move on."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.assign.absences import away, reassignments
from activities.firm.closed_days import Closure
from activities.firm.load import load_firm
from activities.firm.people import Absence, Hours, Person, next_return, on_duty
from activities.firm.schema import Firm
from activities.notify.staff import foreword, recipients
from workflows.procedure.orders import Contact, StaffRole
from workflows.procedure.vocabulary import Party

FIRM = load_firm(Path(__file__).parents[2] / "deploy" / "firm" / "123-courtage.toml")
MONDAY = date(2026, 11, 23)
ALWAYS = Absence(first=date(2026, 1, 1))
EVERYBODY = (StaffRole.CONTACT, StaffRole.MANAGER)


def day(after: int) -> date:
    return MONDAY + timedelta(days=after)


def person(number: int, *deputies: int, away: bool = False, **more: Any) -> Person:
    return Person(
        id=f"c-{number:03}",
        name=f"Personne {number}",
        phone="01 99 00 00 00",
        email=f"p{number}@123courtage.example",
        deputies=tuple(f"c-{deputy:03}" for deputy in deputies),
        absences=more.pop("absences", (ALWAYS,) if away else ()),
        **more,
    )


def firm_of(*people: Person, **more: Any) -> Firm:
    return FIRM.model_copy(update={"people": people, **more})


def stands_in(number: int, *people: Person) -> str | None:
    found = on_duty(people[number - 1], MONDAY, people)
    return found.id if found else None


# Who is on duty --------------------------------------------------------------------------------------------------


def test_who_is_there_does_their_own_work() -> None:
    assert stands_in(1, person(1, 2), person(2)) == "c-001"


def test_the_first_deputy_who_is_there_stands_in() -> None:
    assert stands_in(1, person(1, 2, 3, away=True), person(2, away=True), person(3)) == "c-003"


def test_a_chain_of_absences_is_followed_to_its_end() -> None:
    assert stands_in(1, person(1, 2, away=True), person(2, 3, away=True), person(3, 4, away=True), person(4)) == "c-004"


def test_ones_own_second_deputy_comes_before_the_deputy_of_the_first() -> None:
    people = person(1, 2, 3, away=True), person(2, 4, away=True), person(3), person(4)
    assert stands_in(1, *people) == "c-003"


def test_a_ring_of_deputies_ends_with_a_manager() -> None:
    ring = person(1, 2, away=True), person(2, 3, away=True), person(3, 1, away=True)
    assert stands_in(1, *ring) is None
    assert stands_in(1, *ring, person(4, away=True, manager=True), person(5, manager=True)) == "c-005"


def test_nobody_of_an_insurer_stands_in_for_the_broker() -> None:
    theirs = person(2, party=Party.INSURER, manager=True)
    assert stands_in(1, person(1, 2, away=True), theirs) is None


@st.composite
def directories(draw: st.DrawFn) -> list[Person]:
    numbers = range(1, draw(st.integers(1, 8)) + 1)
    return [
        person(
            number,
            *draw(st.lists(st.sampled_from([*numbers, 99]), max_size=4, unique=True)),
            away=draw(st.booleans()),
            manager=draw(st.booleans()),
            party=draw(st.sampled_from([Party.BROKER, Party.BROKER, Party.INSURER])),
        )
        for number in numbers
    ]


@given(directories())
def test_whoever_stands_in_is_there_and_reached_by_a_chain_or_a_manager(people: list[Person]) -> None:
    asked = people[0]
    ours = {each.id: each for each in people if each.party is Party.BROKER}
    reached, waiting = {asked.id}, [asked]
    for each in waiting:
        new = [ours[deputy] for deputy in each.deputies if deputy in ours and deputy not in reached]
        reached |= {deputy.id for deputy in new}
        waiting += new
    there = {each.id for each in waiting if each.present(MONDAY)}
    managers = {each.id for each in ours.values() if each.manager and each.present(MONDAY)}
    found = on_duty(asked, MONDAY, people)
    if found is None:
        assert not there | managers
    else:
        assert found.present(MONDAY)
        assert found.id in (there or managers)


# When somebody is back -------------------------------------------------------------------------------------------


def test_a_person_is_back_the_day_after_the_last_of_absences_that_touch() -> None:
    twice = (Absence(first=day(0), last=day(1)), Absence(first=day(2), last=day(6)), Absence(first=day(9), last=day(9)))
    found = person(1, absences=twice)
    assert [next_return(found, day(n)) for n in (-1, 0, 2, 7, 9)] == [day(-1), day(7), day(7), day(7), day(10)]


def test_until_further_notice_nobody_knows_when() -> None:
    ill = person(1, absences=(Absence(first=day(0)),))
    assert next_return(ill, day(-1)) == day(-1)
    assert next_return(ill, day(400)) is None
    assert not ill.present(day(400))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9)), max_size=6), st.integers(0, 30))
def test_on_the_day_of_the_return_the_person_is_there_and_not_before(spans: list[tuple[int, int]], on: int) -> None:
    found = person(1, absences=tuple(Absence(first=day(first), last=day(first + more)) for first, more in spans))
    back = next_return(found, day(on))
    assert back is not None
    assert found.present(back)
    assert not any(found.present(day(n)) for n in range(on, (back - MONDAY).days))


# Whose complaints move on ----------------------------------------------------------------------------------------

OF = {"c-001": ["REC-1", "REC-2"], "c-002": ["REC-3"]}


def moved(absence: list[Absence], on: date = MONDAY, **more: Any) -> list[str]:
    firm = firm_of(person(1, 2, absences=tuple(absence)), person(2, manager=True), **more)
    return [each.reference for each in reassignments(firm, on, OF)]


@pytest.mark.parametrize(
    ("absence", "moves"),
    [
        ([Absence(first=day(0), last=day(1))], False),  # two open days: a deputy sees to it
        ([Absence(first=day(0), last=day(2))], True),
        ([Absence(first=day(-3), last=day(1))], True),  # Friday to Tuesday
        ([Absence(first=day(-2), last=day(1))], False),  # Saturday to Tuesday: the weekend does not count
        ([Absence(first=day(0))], True),  # until further notice
        ([Absence(first=day(1), last=day(30))], False),  # from tomorrow on
        ([Absence(first=day(-30), last=day(-1))], False),
        ([Absence(first=day(-3), last=day(-3)), Absence(first=day(0), last=day(1))], True),  # a weekend is no return
        ([Absence(first=day(-4), last=day(-4)), Absence(first=day(0), last=day(1))], False),
        ([Absence(first=day(0), last=day(0)), Absence(first=day(1), last=day(1)), Absence(first=day(2))], True),
        ([Absence(first=date(2026, 11, 1), last=date(2099, 12, 31))], True),
    ],
)
def test_a_long_absence_moves_complaints_on_and_a_short_one_does_not(absence: list[Absence], moves: bool) -> None:
    assert moved(absence) == (OF["c-001"] if moves else [])


def test_how_long_is_long_is_for_the_firm_to_say_and_its_closures_do_not_count() -> None:
    week = [Absence(first=day(0), last=day(4))]
    assert moved(week, reassign_after=5)
    assert not moved(week, reassign_after=6)
    closed = FIRM.calendar.model_copy(update={"closures": [Closure(first=day(1), last=day(3), name="Travaux")]})
    assert not moved(week, calendar=closed)


def test_a_christmas_absence_counts_without_the_holiday() -> None:
    christmas = [Absence(first=date(2026, 12, 24), last=date(2026, 12, 27))]  # Thursday, holiday, weekend
    assert not moved(christmas, date(2026, 12, 24), reassign_after=2)


def test_a_reassignment_is_one_event_for_an_absence_however_often_it_is_worked_out() -> None:
    ill = [Absence(first=day(-1), last=day(9), reason="confidentiel")]
    firm = firm_of(person(1, absences=tuple(ill)), person(2, manager=True))
    [first, _] = reassignments(firm, day(0), OF)
    assert first.event == {
        "type": "contact_reassigned", "id": f"absence-c-001-{day(-1)}-REC-1", "reason": "absence"
    }  # fmt: skip
    assert reassignments(firm, day(3), OF)[0] == first
    assert "confidentiel" not in repr(firm)


def test_a_person_of_an_insurer_is_none_of_our_business() -> None:
    firm = firm_of(person(1, away=True, party=Party.INSURER), person(2, manager=True))
    assert (away(firm, MONDAY), reassignments(firm, MONDAY, OF)) == ({}, [])


def test_who_is_away_is_listed_with_who_stands_in_and_for_how_long() -> None:
    firm = firm_of(
        person(1, 2, absences=(Absence(first=day(0), last=day(1)),)),
        person(2, 3, absences=(Absence(first=day(-5)),)),
        person(3, manager=True),
    )
    found = away(firm, MONDAY)
    assert {each: (gap.first, gap.last, gap.long) for each, gap in found.items()} == {
        "c-001": (day(0), day(1), False), "c-002": (day(-5), None, True)
    }  # fmt: skip
    assert {gap.deputy.id for gap in found.values() if gap.deputy} == {"c-003"}


# What the file may say -------------------------------------------------------------------------------------------


def test_team_and_hours_are_the_firms_unless_a_person_has_their_own() -> None:
    own = person(1, team="Contentieux", hours=Hours.model_validate({"from": "08:00", "to": "16:00"}))
    assert (FIRM.team_of(own), FIRM.hours_of(own).closes.hour) == ("Contentieux", 16)
    assert FIRM.team_of(person(2)) == "Service Réclamation"
    assert (FIRM.hours_of(person(2)).opens.hour, FIRM.hours_of(person(2)).closes.hour) == (9, 18)


# Who is told -----------------------------------------------------------------------------------------------------


def contact(number: int) -> Contact:
    return Contact(id=f"c-{number:03}", name="Nom", phone="0", email=f"p{number}@123courtage.example")


def told(firm: Firm, number: int, roles: tuple[StaffRole, ...] = EVERYBODY[:1], never: str | None = None) -> list[str]:
    return [
        each.address.removesuffix("@123courtage.example")
        for each in recipients(firm, contact(number), roles, MONDAY, never)
    ]


def test_a_word_for_an_absent_contact_goes_to_whoever_stands_in_and_says_why() -> None:
    firm = firm_of(person(1, 2, absences=(Absence(first=day(0), last=day(1)),)), person(2), person(3, manager=True))
    assert told(firm, 1) == ["p2"]
    assert foreword(firm, contact(1), EVERYBODY, MONDAY) == (
        "En l'absence de Personne 1 (retour le mercredi 25\u00a0novembre 2026), "
        "ce message est adressé à qui assure son intérim.\n\n"
    )
    assert foreword(firm, contact(1), (StaffRole.MANAGER,), MONDAY) == ""
    assert foreword(firm, contact(2), EVERYBODY, MONDAY) == foreword(firm, None, EVERYBODY, MONDAY) == ""


def test_of_the_managers_those_who_are_there_are_told() -> None:
    firm = firm_of(person(1), person(2, 1, away=True, manager=True), person(3, manager=True))
    assert told(firm, 1, EVERYBODY) == ["p1", "p3"]
    without = firm_of(person(1), person(2, 4, away=True, manager=True), person(4))
    assert told(without, 1, EVERYBODY) == ["p1", "p4"]


def test_a_word_that_only_absent_people_would_get_goes_to_the_service_too() -> None:
    firm = firm_of(person(1, away=True), person(2, away=True, manager=True))
    assert told(firm, 1) == ["p1", FIRM.email]
    assert told(firm, 1, EVERYBODY) == ["p1", "p2", FIRM.email]


def test_who_a_complaint_is_about_is_told_nothing_of_it() -> None:
    firm = firm_of(person(1, 2, away=True), person(2, manager=True), person(3, manager=True))
    assert told(firm, 1, EVERYBODY, never="c-002") == ["p3"]
    assert told(firm, 2, EVERYBODY, never="c-002") == ["p3"]
    assert told(firm_of(person(2, manager=True)), 2, EVERYBODY, never="c-002") == [FIRM.email]


@given(directories(), st.sampled_from([EVERYBODY, EVERYBODY[:1], EVERYBODY[1:]]))
def test_nobody_is_never_told_and_never_only_somebody_who_is_away(
    people: list[Person], roles: tuple[StaffRole, ...]
) -> None:
    firm = firm_of(*people)
    found = told(firm, 1, roles)
    there = {f"p{n}" for n, each in enumerate(people, 1) if each.present(MONDAY)} | {FIRM.email}
    assert there & set(found)
    assert len(found) == len(set(found))
