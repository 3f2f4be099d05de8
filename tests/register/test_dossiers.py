"""The register as a complaint's memory: what is written comes back whole, once, and never gets older."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.register import lives
from tests.rehearsal import MONDAY, Rehearsal, complaint
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.view import dossier_view

HOSTILE = {
    "NUL": "Anne\0Martin",
    "a lone surrogate": "Anne \ud800 Martin",
    "from right to left": "\u202eنيترام نآ\u202c مرتان",
    "markup": "<script>alert('x')</script> {{ 7 * 7 }} %s '; DROP TABLE dossiers; --",
    "signs beyond the basic plane": "🏛️ 𝔄𝔫𝔫𝔢 e\u0301",
    "50,000 characters": "é" * 50_000,
}


# Written, and read back ------------------------------------------------------------------------------------------


def test_a_dossier_read_back_is_the_one_that_was_written_and_reopens_equal(dossiers: Dossiers) -> None:
    for carried in lives.ordinary():
        assert dossiers.record(carried)
        back = dossiers.carried(carried.reference)
        assert back == carried
        assert dossier_view(Dossier.resume(back)) == dossier_view(Dossier.resume(carried))
        assert Dossier.resume(back).carried() == carried


def test_recording_leaves_the_dossier_it_was_given_alone(dossiers: Dossiers) -> None:
    _, after = lives.waiting()
    before = after.model_dump_json()
    dossiers.record(after)
    assert after.model_dump_json() == before


def test_the_view_is_what_the_query_answered_without_its_journal(dossiers: Dossiers) -> None:
    carried = lives.ordinary()[1]
    dossiers.record(carried)
    answered = dossier_view(Dossier.resume(carried))
    assert len(answered.pop("journal")) == len(carried.journal)
    assert dossiers.view(carried.reference) == answered


def test_where_a_complaint_stands_is_read_without_working_it_out(dossiers: Dossiers) -> None:
    opened, *_, last = lives.ordinary()
    dossiers.record(opened)
    standing = dossiers.standing(opened.reference)
    assert standing is not None
    assert (standing.level, standing.stage, standing.contact) == ("1", "investigating", "c-101")
    assert standing.next_deadline is not None
    dossiers.record(last)
    assert dossiers.standings() == [dossiers.standing(last.reference)]
    closed = dossiers.standings()[0]
    assert (closed.level, closed.stage, closed.closed_by) == ("2a", "closed", "customer_accepts")
    assert (closed.next_deadline, closed.revision) == (None, len(last.journal))


def test_letters_stand_in_the_order_of_the_dossier_with_all_that_is_known_of_them(dossiers: Dossiers) -> None:
    carried = lives.ordinary()[-1]
    dossiers.record(carried)
    case = Dossier.resume(carried).case
    assert [letter.record for letter in dossiers.letters(carried.reference)] == case.letters


def test_of_a_complaint_nobody_recorded_nothing_is_known(dossiers: Dossiers) -> None:
    assert dossiers.carried("REC-2026-NONE") is None
    assert dossiers.view("REC-2026-NONE") is None
    assert dossiers.standing("REC-2026-NONE") is None
    assert (dossiers.letters("REC-2026-NONE"), dossiers.events("REC-2026-NONE")) == ([], [])
    assert dossiers.references() == []


def test_a_procedure_is_kept_once_however_many_complaints_share_it(register: Register, dossiers: Dossiers) -> None:
    opened = lives.ordinary()[0]
    for number in range(3):
        dossiers.record(lives.renamed(opened, f"REC-{number}"))
    assert len(lives.everything(register)["procedures"]) == 1
    assert dossiers.references() == ["REC-0", "REC-1", "REC-2"]
    assert all(dossiers.carried(each) == lives.renamed(opened, each) for each in dossiers.references())


# Once, and never older -------------------------------------------------------------------------------------------


def test_written_again_nothing_changes(register: Register, dossiers: Dossiers) -> None:
    carried = lives.ordinary()[-1]
    dossiers.record(carried)
    once = lives.everything(register)
    assert dossiers.record(carried)
    assert lives.everything(register) == once


def test_an_older_state_changes_nothing(register: Register, dossiers: Dossiers) -> None:
    *older, last = lives.ordinary()
    dossiers.record(last)
    stands = lives.everything(register)
    assert [dossiers.record(state) for state in older] == [False] * len(older)
    assert lives.everything(register) == stands


@pytest.mark.parametrize("life", [lives.voided, lives.waiting])
def test_entries_that_change_later_are_written_again(
    dossiers: Dossiers, life: Callable[[], tuple[Carried, Carried]]
) -> None:
    before, after = life()
    changed = [line for line, (was, now) in enumerate(zip(before.journal, after.journal, strict=False)) if was != now]
    assert changed, "the story changes an entry"
    dossiers.record(before)
    dossiers.record(after)
    assert dossiers.carried(after.reference) == after


def test_states_skipped_meanwhile_do_not_matter(make_url: Callable[[], str]) -> None:
    states = lives.ordinary()
    held = []
    for written in (states, states[-1:]):
        register = Register(make_url(), durable=False)
        for carried in written:
            Dossiers(register).record(carried)
        held.append(lives.everything(register))
        register.close()
    assert held[0] == held[1]


def test_a_closed_complaint_says_its_instants_otherwise_and_is_written_the_same(make_url: Callable[[], str]) -> None:
    """A workflow's result has Paris time, and leaves out what says nothing; a running one has UTC."""
    carried = lives.ordinary()[-1]
    shown = dossier_view(Dossier.resume(carried))["journal"]
    as_result = Carried.model_validate({**carried.model_dump(mode="json"), "journal": shown})
    held = []
    for said in (carried, as_result):
        register = Register(make_url(), durable=False)
        Dossiers(register).record(said)
        held.append(lives.everything(register))
        register.close()
    assert held[0] == held[1]


# Many writers ----------------------------------------------------------------------------------------------------


def record_states(url: str, states: list[str]) -> None:
    """Record states one after the other, as a process of its own does."""
    register = Register(url, durable=False)
    for each in states:
        Dossiers(register).record(Carried.model_validate_json(each))
    register.close()


def test_first_writers_at_the_same_moment_do_not_fail(register: Register, dossiers: Dossiers) -> None:
    states = [lives.renamed(carried, f"REC-{n}") for n in range(5) for carried in lives.ordinary()] * 4
    scattered = [states[number * 37 % len(states)] for number in range(len(states))]
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(dossiers.record, scattered))
    last = lives.ordinary()[-1]
    assert [dossiers.carried(f"REC-{n}") for n in range(5)] == [lives.renamed(last, f"REC-{n}") for n in range(5)]
    assert len(lives.everything(register)["journal"]) == 5 * len(last.journal)


def test_two_processes_write_the_same_complaints_at_once(url: str, dossiers: Dossiers) -> None:
    states = [lives.renamed(each, f"REC-{n}").model_dump_json() for n in range(8) for each in lives.ordinary()]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        for writing in [processes.submit(record_states, url, given) for given in (states, list(reversed(states)))]:
            writing.result()
    last = lives.ordinary()[-1]
    assert [dossiers.carried(f"REC-{n}") for n in range(8)] == [lives.renamed(last, f"REC-{n}") for n in range(8)]


# Hostile text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_send_comes_back_as_it_was_sent(dossiers: Dossiers, text: str) -> None:
    story = Rehearsal(complaint(summary="Indemnité vol refusée"))
    story.until(MONDAY + timedelta(days=2))
    story.hear("note_added", text=text)
    story.dossier.refuse(f"signal {text}", f"reason {text}", story.now, {"text": text, "number": float("nan")})
    carried = story.dossier.carried()
    assert dossiers.record(carried)
    back = dossiers.carried(carried.reference)
    assert back is not None
    assert [entry.type for entry in back.journal] == [entry.type for entry in carried.journal]
    refused = back.journal[-1]
    assert (refused.type, refused.reason) == (f"signal {text}", f"reason {text}")
    if len(text) < 4_000:
        assert refused.data == {"text": text, "number": None}
    assert dossier_view(Dossier.resume(back))["refused"] >= 1


def test_a_reference_may_be_any_text(dossiers: Dossiers) -> None:
    opened = lives.ordinary()[0]
    for reference in ("rec/ü 🏛️'\"%", "REC-2026-test", "x" * 255):
        carried = lives.renamed(opened, "placeholder").model_copy(update={"reference": reference})
        assert dossiers.record(carried)
        assert dossiers.carried(reference) == carried
