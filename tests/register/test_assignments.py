"""Who is in charge of what, on both databases: at the same instant, asked again, killed in between, kept up."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from threading import Barrier

import pytest

from activities.assign.directory import choose
from activities.firm.people import Person
from activities.register.assignments import Assignments
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.register import lives
from tests.rehearsal import MONDAY, Rehearsal, paris
from workflows.messages import Assignment, AssignRequest
from workflows.procedure.dossier import Carried
from workflows.procedure.orders import Contact
from workflows.procedure.vocabulary import Language, Level

AT = paris(MONDAY, 9)
TWELVE = tuple(
    Person(
        id=f"c-{number:03}",
        name=f"Personne {number}",
        phone="01 99 00 00 00",
        email=f"p{number}@123courtage.example",
        levels=(Level.ONE,),
        manager=number == 1,
    )
    for number in range(1, 13)
)


def asked(reference: str) -> AssignRequest:
    return AssignRequest(reference=reference, level=Level.ONE, on=MONDAY, language=Language.FR)


def assign(assignments: Assignments, reference: str, question: str = "opening") -> str:
    """Have the directory choose among twelve equals."""

    def chosen(load: Mapping[str, int], answered: str | None) -> Assignment:
        return choose(asked(reference), TWELVE, load, Language.FR, answered=answered)

    found = assignments.assign(reference, question, AT, chosen)
    assert found.contact is not None
    return found.contact.id


def give(assignments: Assignments, reference: str, contact: str) -> None:
    """Put a person in charge without a choice."""
    person = Contact(id=contact, name="Personne", phone="0", email="p@example.org")
    assignments.assign(reference, "given", AT, lambda *_: Assignment(contact=person))


@pytest.fixture
def assignments(register: Register) -> Assignments:
    return Assignments(register)


def spread(load: Mapping[str, int]) -> int:
    counts = [load.get(person.id, 0) for person in TWELVE]
    return max(counts) - min(counts)


# At the same instant ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("complaints", [20, 36])
def test_twenty_threads_at_one_instant_share_complaints_out_fairly(
    register: Register, assignments: Assignments, complaints: int
) -> None:
    together = Barrier(20, timeout=60)

    def one(number: int) -> str:
        if number < 20:
            together.wait()
        return assign(assignments, f"REC-{number}")

    with ThreadPoolExecutor(20) as threads:
        taken = Counter(threads.map(one, range(complaints)))
    assert taken == assignments.load(), "nobody was picked on a count that another had just changed"
    assert (sum(taken.values()), spread(taken)) == (complaints, 0 if complaints % 12 == 0 else 1)


def assign_many(url: str, references: list[str]) -> list[str]:
    """Put persons in charge one after the other, as a worker of its own does."""
    register = Register(url, durable=False)
    taken = [assign(Assignments(register), reference) for reference in references]
    register.close()
    return taken


def test_two_workers_share_complaints_out_fairly(url: str, assignments: Assignments) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        halves = [processes.submit(assign_many, url, [f"REC-{half}-{n}" for n in range(30)]) for half in (1, 2)]
        taken = Counter(contact for half in halves for contact in half.result())
    assert taken == assignments.load() == {person.id: 5 for person in TWELVE}


def test_those_with_less_to_do_are_brought_up_to_the_others_first(assignments: Assignments) -> None:
    for number in range(7):
        give(assignments, f"REC-BEFORE-{number}", "c-001")
    with ThreadPoolExecutor(20) as threads:
        taken = Counter(threads.map(lambda number: assign(assignments, f"REC-{number}"), range(77)))
    assert taken == {person.id: 7 for person in TWELVE[1:]}
    assert spread(assignments.load()) == 0


# Asked again -----------------------------------------------------------------------------------------------------


def test_the_same_question_has_the_same_answer_and_counts_once(assignments: Assignments) -> None:
    first = assign(assignments, "REC-1")
    for number in range(5):
        give(assignments, f"REC-OTHER-{number}", first)
    assert assign(assignments, "REC-1") == first
    assert assignments.load() == {first: 6}
    assert assign(assignments, "REC-1", "another question") != first, "it asks for a new choice"


def test_threads_that_ask_the_same_at_once_get_one_answer(assignments: Assignments) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda _: assign(assignments, "REC-1"), range(24)))
    assert len(answers) == 1
    assert sum(assignments.load().values()) == 1


def test_a_worker_killed_between_its_choice_and_its_answer_chose_for_good(url: str, assignments: Assignments) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.register.chooses", url, "REC-1"], check=False, capture_output=True, timeout=60
    )
    assert (killed.returncode, killed.stdout) == (-9, b""), "it never said whom it chose"
    [(chosen, references)] = assignments.open_of().items()
    assert references == ["REC-1"]
    for number in range(24):
        give(assignments, f"REC-OTHER-{number}", chosen)
    assert assign(assignments, "REC-1") == chosen


def test_a_choice_that_fails_leaves_nothing(assignments: Assignments) -> None:
    def fails(*_: object) -> Assignment:
        raise RuntimeError("killed in the middle")

    with pytest.raises(RuntimeError):
        assignments.assign("REC-1", "opening", AT, fails)
    assert (assignments.load(), assignments.open_of()) == ({}, {})


def test_that_nobody_is_there_is_not_written_down(assignments: Assignments) -> None:
    assignments.assign("REC-1", "opening", AT, lambda *_: Assignment(problem="Personne."))
    assert assignments.load() == {}


def test_a_complaint_that_moves_on_does_not_weigh_on_who_had_it(assignments: Assignments) -> None:
    """Of two persons with one complaint each, one is asked whether the other's own complaint could be theirs."""
    seen: list[Mapping[str, int]] = []

    def looks(load: Mapping[str, int], _: str | None) -> Assignment:
        seen.append(load)
        return Assignment(problem="only looked")

    give(assignments, "REC-1", "c-001")
    give(assignments, "REC-2", "c-002")
    assignments.assign("REC-1", "again", AT, looks)
    assert seen == [{"c-002": 1}]


# Kept up with the dossiers ---------------------------------------------------------------------------------------


def test_a_recorded_dossier_counts_for_its_contact_until_it_is_closed(
    assignments: Assignments, dossiers: Dossiers
) -> None:
    opened, *_, closed = lives.ordinary()
    for number in range(3):
        dossiers.record(lives.renamed(opened, f"REC-OPEN-{number}"))
    dossiers.record(lives.renamed(closed, "REC-CLOSED"))
    other = Carried.model_validate_json(lives.renamed(opened, "REC-OTHER").model_dump_json().replace("c-101", "c-7"))
    dossiers.record(other)
    assert assignments.load() == {"c-101": 3, "c-7": 1}
    assert assignments.open_of() == {"c-101": [f"REC-OPEN-{n}" for n in range(3)], "c-7": ["REC-OTHER"]}
    dossiers.record(lives.renamed(closed, "REC-OPEN-1"))
    assert assignments.load() == {"c-101": 2, "c-7": 1}


def test_a_reassigned_complaint_counts_for_who_has_it_now_and_a_reopened_one_again(
    assignments: Assignments, dossiers: Dossiers
) -> None:
    story = Rehearsal()
    dossiers.record(story.dossier.carried())
    story.until(MONDAY + timedelta(days=2)).hear("contact_reassigned", reason="absence")
    dossiers.record(story.dossier.carried())
    assert assignments.load() == {"c-102": 1}
    story.hear("withdrawn")
    dossiers.record(story.dossier.carried())
    assert assignments.load() == {}
    story.hear("source_joined", source="lawyer", received_by="broker")
    dossiers.record(story.dossier.carried())
    assert assignments.load() == {"c-102": 1}, "the same person has it again"


def test_what_the_dossier_says_counts_more_than_an_answer_that_was_never_heard(
    assignments: Assignments, dossiers: Dossiers
) -> None:
    """The register hung, the complaint went on with whom visibility proposed, and the choice was written after all."""
    give(assignments, lives.REFERENCE, "c-009")
    dossiers.record(lives.ordinary()[0])
    assert assignments.load() == {"c-101": 1}
    assert assign(assignments, lives.REFERENCE, "given") in {person.id for person in TWELVE}
