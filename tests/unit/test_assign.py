"""Who is put in charge: able, present, least loaded; and what happens when nobody is."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import WorkflowExecutionCount
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.assign.activity import Assigner
from activities.assign.directory import choose
from activities.assign.workload import Workload
from activities.firm.load import load_firm
from activities.firm.people import Absence, Person
from activities.register.assignments import Assignments
from activities.register.database import Register
from workflows.messages import Assignment, AssignRequest
from workflows.procedure.vocabulary import Language, Level, Party

FIRM = load_firm(Path(__file__).parents[2] / "deploy" / "firm" / "123-courtage.toml")
MONDAY = date(2026, 11, 23)


def person(number: int, *, levels: tuple[str, ...] = ("1",), away: bool = False, **more: Any) -> Person:
    absences = (Absence(first=MONDAY, last=MONDAY),) if away else ()
    return Person(
        id=f"c-{number:03}",
        name=f"Personne {number}",
        phone="01 99 00 00 00",
        email=f"p{number}@123courtage.example",
        levels=tuple(map(Level, levels)),
        absences=absences,
        **more,
    )


def request(reference: str = "REC-2026-7F3K9Q", level: Level = Level.ONE, **more: Any) -> AssignRequest:
    return AssignRequest.model_validate(
        {"reference": reference, "level": level, "on": MONDAY, "language": Language.FR} | more
    )


def chosen(asked: AssignRequest, people: list[Person], load: Mapping[str, int] | None = None) -> str | None:
    assignment = choose(asked, people, load or {}, Language.FR)
    assert (assignment.contact is None) == (assignment.problem is not None)
    return assignment.contact.id if assignment.contact else None


# The choice


def test_who_it_is_about_is_never_in_charge_of_it() -> None:
    people = [person(1), person(2, manager=True)]
    about: dict[str, Any] = {"never": "c-001"}
    assert chosen(request(**about), people, {"c-002": 99}) == "c-002"
    assert chosen(request(keep="c-001", **about), people) == "c-002"
    assert chosen(request(not_this_one="c-001", **about), people[:1]) is None


def test_who_it_is_about_is_not_to_be_had_by_name_either_and_the_manager_is_told_why() -> None:
    asked = request(wanted="c-001", never="c-001")
    assert choose(asked, [person(1)], {}, Language.FR).problem == (
        "La réclamation met c-001 en cause : cette personne ne peut pas en être chargée."
    )
    left = choose(request(never="c-001"), [person(1)], {}, Language.EN).problem
    assert left is not None
    assert left.endswith("The person whom the complaint is about is left out of account.")


def test_a_reopened_complaint_stays_with_who_had_it_whatever_the_load_and_the_level() -> None:
    people = [person(1), person(2, levels=("4",))]
    assert chosen(request(keep="c-002"), people, {"c-002": 99}) == "c-002"
    assert chosen(request(keep="c-009"), people) == "c-001", "who is no longer in the file has it no longer"


def test_a_reopened_complaint_stays_during_a_short_absence_and_moves_on_from_a_long_one() -> None:
    people = [person(1), person(2, away=True)]
    assert chosen(request(keep="c-002"), people) == "c-002"
    gone = choose(request(keep="c-002"), people, {}, Language.FR, relieved={"c-002"})
    assert gone.contact is not None
    assert gone.contact.id == "c-001"


def test_the_same_question_has_the_same_answer_while_that_person_is_there() -> None:
    people = [person(1), person(2), person(3, away=True)]
    load = {"c-002": 99}
    for answered, expected in (("c-002", "c-002"), ("c-003", "c-001"), ("c-009", "c-001"), (None, "c-001")):
        again = choose(request(), people, load, Language.FR, answered=answered)
        assert again.contact is not None
        assert again.contact.id == expected


def test_the_customer_is_told_a_name_and_how_to_reach_it() -> None:
    assignment = choose(request(), [person(1)], {}, Language.FR)
    assert assignment.contact is not None
    assert assignment.contact.model_dump() == {
        "id": "c-001",
        "name": "Personne 1",
        "phone": "01 99 00 00 00",
        "email": "p1@123courtage.example",
    }


def test_only_who_is_able_and_present_and_ours_is_considered() -> None:
    people = [person(1, levels=("2b",)), person(2, away=True), person(3, party=Party.INSURER), person(4)]
    assert chosen(request(), people, {"c-004": 99}) == "c-004"


def test_the_least_loaded_is_taken() -> None:
    assert chosen(request(), [person(1), person(2), person(3)], {"c-001": 4, "c-002": 2, "c-003": 3}) == "c-002"


def test_the_language_weighs_more_than_the_load() -> None:
    people = [person(1), person(2, languages=(Language.EN,))]
    assert chosen(request(language=Language.EN), people, {"c-002": 50}) == "c-002"
    assert chosen(request(language=Language.EN), people[:1]) == "c-001"


def test_equal_loads_spread_and_stay_the_same_for_one_complaint() -> None:
    people = [person(n) for n in range(1, 5)]
    references = [f"REC-2026-{n:06}" for n in range(400)]
    first = [chosen(request(each), people) for each in references]
    assert first == [chosen(request(each), people[::-1]) for each in references]
    assert min(Counter(first).values()) > 60


def test_failing_the_able_a_manager_takes_charge() -> None:
    people = [person(1, levels=("4",), away=True), person(2), person(3, manager=True)]
    assert chosen(request(level=Level.FOUR), people) == "c-003"


def test_who_is_to_be_relieved_is_taken_only_for_want_of_anybody_else() -> None:
    relieved: dict[str, Any] = {"not_this_one": "c-001"}
    assert chosen(request(**relieved), [person(1), person(2)], {"c-002": 99}) == "c-002"
    assert chosen(request(**relieved), [person(1), person(3, levels=(), manager=True)]) == "c-003"
    assert chosen(request(**relieved), [person(1), person(2, away=True)]) == "c-001"


def test_who_is_asked_for_is_taken_whatever_the_level() -> None:
    assert chosen(request(level=Level.FOUR, wanted="c-002"), [person(1, levels=("4",)), person(2)]) == "c-002"


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        ("c-002", "c-002 est absent(e) le 23 novembre 2026."),
        ("c-003", "c-003 ne figure pas parmi les personnes du cabinet."),
        ("c-999", "c-999 ne figure pas parmi les personnes du cabinet."),
        ("Jeanne Dupont", "La personne demandée ne figure pas parmi les personnes du cabinet."),
    ],
)
def test_who_is_asked_for_in_vain_is_said(wanted: str, problem: str) -> None:
    people = [person(1), person(2, away=True), person(3, party=Party.INSURER)]
    assert choose(request(wanted=wanted), people, {}, Language.FR) == Assignment(problem=problem)


def test_that_nobody_is_there_is_said_in_the_language_of_the_staff() -> None:
    people = [person(1, away=True, manager=True), person(2, levels=("4",))]
    in_french = choose(request(), people, {}, Language.FR)
    assert in_french.problem == (
        "Personne ne peut prendre en charge cette réclamation de niveau 1 le 23 novembre 2026 : "
        "les personnes habilitées et les responsables sont tous absents."
    )
    in_english = choose(request(), people, {}, Language.EN)
    assert in_english.problem is not None
    assert in_english.problem.startswith("Nobody can take charge of this level 1 complaint on November 23, 2026")


def test_an_absence_covers_both_its_days() -> None:
    away = next(each for each in FIRM.people if each.absences)
    presence = {day: away.present(date(2027, 8, day)) for day in (1, 2, 20, 21)}
    assert presence == {1: True, 2: False, 20: False, 21: True}


@st.composite
def directories(draw: st.DrawFn) -> list[Person]:
    return [
        person(
            number,
            levels=tuple(draw(st.sets(st.sampled_from(["1", "2a", "2b", "3", "4"])))),
            away=draw(st.booleans()),
            manager=draw(st.booleans()),
            party=draw(st.sampled_from(Party)),
            languages=tuple(draw(st.sets(st.sampled_from(Language), min_size=1))),
        )
        for number in range(draw(st.integers(0, 6)))
    ]


ids = st.none() | st.sampled_from([f"c-{number:03}" for number in range(7)])


@given(directories(), st.sampled_from(Level), ids, ids, st.dictionaries(ids.filter(bool), st.integers(0, 9)))
def test_nobody_absent_and_nobody_unable_is_put_in_charge(
    people: list[Person], level: Level, wanted: str | None, relieved: str | None, load: dict[str, int]
) -> None:
    contact_id = chosen(request(level=level, wanted=wanted, not_this_one=relieved), people, load)
    ours = [each for each in people if each.party is Party.BROKER and each.present(MONDAY)]
    able = [each for each in ours if level in each.levels]
    if contact_id is None:
        assert wanted is not None or not (able or any(each.manager for each in ours))
        return
    taken = next(each for each in ours if each.id == contact_id)
    if wanted is not None:
        assert contact_id == wanted
        return
    others_able = [each for each in able if each.id != relieved]
    if others_able:
        assert taken in others_able
    else:
        assert taken.manager or taken.id == relieved


@given(directories(), st.sampled_from(Level), st.dictionaries(ids.filter(bool), st.integers(0, 9)))
def test_among_those_who_speak_the_language_nobody_has_less_to_do(
    people: list[Person], level: Level, load: dict[str, int]
) -> None:
    contact_id = chosen(request(level=level), people, load)
    equals = [
        each
        for each in people
        if each.party is Party.BROKER
        and each.present(MONDAY)
        and level in each.levels
        and Language.FR in each.languages
    ]
    if equals:
        assert load.get(str(contact_id), 0) == min(load.get(each.id, 0) for each in equals)


# The load


class Visibility:
    """Stands for the server: open complaints by person, and what was asked."""

    def __init__(self, **open_complaints: int) -> None:
        self.open = {each.replace("_", "-"): count for each, count in open_complaints.items()}
        self.queries: list[str] = []
        self.down = False

    async def count_workflows(
        self, query: str | None = None, *, rpc_timeout: timedelta | None = None
    ) -> WorkflowExecutionCount:
        assert query is not None
        assert rpc_timeout is not None
        self.queries.append(query)
        await asyncio.sleep(0)
        if self.down:
            raise RPCError("unavailable", RPCStatusCode.UNAVAILABLE, b"")
        found = re.search(r"ComplaintContact='(.+)'$", query)
        assert found is not None
        return WorkflowExecutionCount(count=self.open.get(found[1], 0), groups=[])


class Hands:
    """A clock that is moved by hand, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_open_complaints_are_counted_once_per_person_and_kept_for_a_while() -> None:
    server, clock = Visibility(c_001=3), Hands()
    workload = Workload(server, monotonic=clock)
    assert await workload.of(["c-001", "c-002"]) == {"c-001": 3, "c-002": 0}
    assert server.queries[0] == ("WorkflowType='Complaint' AND ExecutionStatus='Running' AND ComplaintContact='c-001'")
    clock.now = 9.9
    await workload.of(["c-001", "c-002"])
    assert len(server.queries) == 2
    clock.now = 10
    server.open["c-002"] = 7
    assert (await workload.of(["c-001", "c-002"]))["c-002"] == 7


async def test_what_was_just_assigned_counts_until_the_server_shows_it() -> None:
    server, clock = Visibility(c_001=3), Hands()
    workload = Workload(server, monotonic=clock)
    await workload.of(["c-001"])
    workload.add("c-001")
    assert await workload.of(["c-001"]) == {"c-001": 4}
    clock.now, server.open["c-001"] = 11, 4
    assert await workload.of(["c-001"]) == {"c-001": 4}


async def test_complaints_that_open_together_ask_once() -> None:
    server = Visibility()
    workload = Workload(server)
    await asyncio.gather(*(workload.of(["c-001", "c-002"]) for _ in range(20)))
    assert len(server.queries) == 2


async def test_without_the_server_what_is_known_is_used() -> None:
    server, clock = Visibility(c_001=3), Hands()
    workload = Workload(server, monotonic=clock)
    await workload.of(["c-001"])
    workload.add("c-001")
    server.down, clock.now = True, 60
    assert await workload.of(["c-001", "c-002"]) == {"c-001": 4, "c-002": 0}
    asked = len(server.queries)
    await workload.of(["c-001"])
    assert len(server.queries) == asked  # a server in difficulty is left alone


# The activity


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    yield register
    register.close()


@pytest.fixture
def assignments(register: Register) -> Assignments:
    return Assignments(register)


async def test_complaints_that_open_together_are_shared_out(assignments: Assignments) -> None:
    assigner = Assigner(lambda: FIRM, assignments, Workload(Visibility()))
    environment = ActivityEnvironment()
    taken: Counter[str] = Counter()
    for number in range(40):
        assignment = await environment.run(assigner.assign_contact, request(f"REC-2026-{number:06}"))
        assert assignment.contact is not None
        taken[assignment.contact.id] += 1
    able = {each.id for each in FIRM.people if Level.ONE in each.levels}
    assert taken == dict.fromkeys(able, 40 // len(able))


async def test_an_absence_entered_now_counts_now_even_for_a_question_asked_again(assignments: Assignments) -> None:
    stated = [FIRM]
    assigner = Assigner(lambda: stated[-1], assignments, Workload(Visibility()))
    absent = tuple(each.model_copy(update={"absences": (Absence(first=MONDAY, last=MONDAY),)}) for each in FIRM.people)
    assert (await ActivityEnvironment().run(assigner.assign_contact, request())).problem is None
    stated.append(FIRM.model_copy(update={"people": absent}))
    assignment = await ActivityEnvironment().run(assigner.assign_contact, request())
    assert assignment.contact is None
    assert assignment.problem is not None


async def test_an_english_speaker_is_found_for_an_english_complaint(assignments: Assignments) -> None:
    assigner = Assigner(lambda: FIRM, assignments, Workload(Visibility()))
    assignment = await ActivityEnvironment().run(
        assigner.assign_contact, request(level=Level.TWO_B, language=Language.EN)
    )
    assert assignment.contact is not None
    assert assignment.contact.id in ("c-001", "c-004")


async def test_the_register_says_the_load_not_the_server(assignments: Assignments) -> None:
    assigner = Assigner(lambda: FIRM, assignments, Workload(Visibility(c_001=90, c_002=90, c_003=90)))
    taken: Counter[str] = Counter()
    for number in range(8):
        assignment = await ActivityEnvironment().run(assigner.assign_contact, request(f"REC-2026-{number:06}"))
        assert assignment.contact is not None
        taken[assignment.contact.id] += 1
    assert set(taken.values()) == {2}
    assert assignments.load() == taken


async def test_without_the_register_the_server_says_the_load(register: Register, tmp_path: Path) -> None:
    register.close()
    (tmp_path / "register.db").unlink()
    (tmp_path / "register.db").mkdir()
    busy = Visibility(c_001=9, c_002=1, c_003=9, c_004=9)
    assigner = Assigner(lambda: FIRM, Assignments(register), Workload(busy))
    taken = []
    for number in range(3):
        assignment = await ActivityEnvironment().run(assigner.assign_contact, request(f"REC-2026-{number:06}"))
        assert assignment.contact is not None
        taken.append(assignment.contact.id)
    assert taken == ["c-002"] * 3


async def test_a_register_that_hangs_keeps_no_complaint_waiting(register: Register) -> None:
    patience = timedelta(milliseconds=50)
    assigner = Assigner(lambda: FIRM, Assignments(register), Workload(Visibility()), patience=patience)
    with register.session():  # another process writes, and does not end
        assignment = await ActivityEnvironment().run(assigner.assign_contact, request())
    assert assignment.contact is not None
