"""Answers that people compose, on both databases: one at a time for a complaint."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from activities.register.database import Register
from activities.register.proposals import NotSo, Proposals
from tests.rehearsal import MONDAY, paris

REFERENCE = "REC-2026-ABCDEF"
ANSWER = {"decision": "rejected", "reasons": "Hors délai."}
AT, AT_ONCE = paris(MONDAY, 9), 6


def test_of_several_who_begin_an_answer_at_the_same_instant_one_has_begun_it(register: Register) -> None:
    proposals, together = Proposals(register), Barrier(AT_ONCE)

    def begin(number: int) -> str:
        together.wait()
        try:
            return proposals.compose(REFERENCE, ANSWER, 3, f"c-{number:03}", AT, None).composed_by
        except NotSo as refused:
            return refused.why

    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = Counter(threads.map(begin, range(AT_ONCE)))
    assert said.pop("changed") == AT_ONCE - 1
    found = proposals.open_of(REFERENCE)
    assert found is not None
    assert said == {found.composed_by: 1}


def test_once_decided_another_may_be_begun(register: Register) -> None:
    proposals = Proposals(register)
    first = proposals.compose(REFERENCE, ANSWER, 3, "c-001", AT, None)
    proposals.drop(REFERENCE, first.id, first.revision, "c-001", AT)
    second = proposals.compose(REFERENCE, ANSWER, 3, "c-002", AT, None)
    proposals.release(REFERENCE, second.id, second.revision, "c-002", AT, second=False)
    assert proposals.open_of(REFERENCE) is None
    assert proposals.compose(REFERENCE, ANSWER, 4, "c-003", AT, None).id not in (first.id, second.id)
