"""Attempts given back from the journal: as they were, with their bytes where the words are still the same."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Ledger
from activities.register.restoring import Gap, Restored, attempts_missing, restore_attempts
from activities.register.tables import AttemptState, SettledBy
from starter.register.recompose import by_the_present_words
from tests.register import lives
from tests.rehearsal import FIRM, MONDAY, Rehearsal, complaint, paris
from workflows.procedure import acts
from workflows.procedure.dossier import Carried
from workflows.procedure.one_letter import LetterPlan
from workflows.procedure.orders import LetterOrder
from workflows.procedure.vocabulary import LetterStatus

WRITE = by_the_present_words(FIRM())
Orders = Mapping[str, Sequence[LetterOrder]]


class Delivered(Rehearsal):
    """A rehearsal whose letters pass through a ledger, as the activity's do, and say so in the journal."""

    def __init__(self, ledger: Ledger, message: dict[str, Any] | None = None, **answers: AttemptState) -> None:
        """`answers`: what the carrier says to letters of a kind, when it does not accept them."""
        self.ledger, self.answers, self.orders = ledger, answers, dict[str, list[LetterOrder]]()
        super().__init__(message)

    def _carry(self, plan: LetterPlan) -> None:
        assert plan.order
        order, record = plan.order, plan.record
        self.orders.setdefault(order.letter_id, []).append(order)
        content, content_type = WRITE(order, self.now)
        by_post = order.channel == "post"
        attempt, _ = self.ledger.begin(
            self.dossier.reference, order.letter_id, "post" if by_post else "sendgrid", content, content_type,
            f"{order.kind}@fr/1", self.now,
        )  # fmt: skip
        state = AttemptState.QUEUED if by_post else self.answers.pop(order.kind, AttemptState.ACCEPTED)
        left = state in (AttemptState.ACCEPTED, AttemptState.QUEUED)
        attempt = self.ledger.settle(
            order.letter_id, attempt.number, state, SettledBy.ANSWER,
            provider_id=f"proof-{order.letter_id}" if left else None, detail=None if left else "400: no",
        )  # fmt: skip
        kinds = {
            AttemptState.ACCEPTED: (acts.LETTER_SENT, LetterStatus.SENT),
            AttemptState.QUEUED: (acts.LETTER_QUEUED, LetterStatus.QUEUED),
        }
        kind, status = kinds.get(state, (acts.LETTER_FAILED, LetterStatus.FAILED))
        said = record.model_copy(
            update={
                "status": status, "prepared_at": attempt.started_at, "problem": attempt.detail,
                "sent_at": attempt.started_at if kind == acts.LETTER_SENT else None, "template": attempt.template,
                "proof": attempt.provider_id, "sha256": attempt.sha256, "attempt": attempt.number,
                "carrier": "post" if by_post else "sendgrid",
            }
        )  # fmt: skip
        self.dossier.act(kind, self.now, self.now, said.model_dump(mode="json", exclude_defaults=True))


def by_email(ledger: Ledger) -> Delivered:
    story = Delivered(ledger)
    story.until(MONDAY + timedelta(days=70))
    return story


def by_post(ledger: Ledger) -> Delivered:
    story = Delivered(ledger, complaint(complainant=lives.POSTAL))
    posted = paris(MONDAY + timedelta(days=1))
    story.until(posted).hear(
        "delivery_reported", letter_id=f"{lives.REFERENCE}/1/acknowledgement/1", status="posted", by="c-101", at=posted
    )
    story.until(MONDAY + timedelta(days=30))
    return story


def refused_first(ledger: Ledger) -> Delivered:
    story = Delivered(ledger, acknowledgement=AttemptState.REFUSED)
    story.until(paris(MONDAY + timedelta(days=1))).hear("note_added", text="L'adresse est bonne, réessayer")
    return story


LIVES = [by_email, by_post, refused_first]


@pytest.fixture
def lost(make_url: Callable[[], str]) -> Iterator[Register]:
    """Give an empty register beside the one the story was written into."""
    register = Register(make_url(), durable=False)
    yield register
    register.close()


def restore(
    register: Register, carried: Carried, orders: Orders, write: Callable[[LetterOrder, datetime], tuple[bytes, str]]
) -> Restored:
    """Restore as a rebuild does."""
    restored = restore_attempts(register, carried, orders, write)
    Dossiers(register).record(carried)
    return restored


@pytest.mark.parametrize("life", LIVES)
def test_into_an_empty_register_all_comes_back_bytes_included(
    register: Register, ledger: Ledger, dossiers: Dossiers, lost: Register, life: Callable[[Ledger], Delivered]
) -> None:
    story = life(ledger)
    carried = lives.state(story)
    dossiers.record(carried)
    assert attempts_missing(lost, carried)
    restored = restore(lost, carried, story.orders, WRITE)
    held = lives.everything(register)
    assert lives.everything(lost) == held
    assert (restored.attempts, restored.gaps) == (len(held["attempts"]), {})
    assert not attempts_missing(lost, carried)
    assert restore(lost, carried, story.orders, WRITE).attempts == 0
    assert lives.everything(lost) == held


def test_a_letter_whose_words_have_changed_is_named_and_keeps_its_digest(ledger: Ledger, lost: Register) -> None:
    story = by_email(ledger)
    carried = lives.state(story)
    changed = f"{lives.REFERENCE}/1/holding/1"

    def other_words(order: LetterOrder, at: datetime) -> tuple[bytes, str]:
        content, content_type = WRITE(order, at)
        return (content + b" ", content_type) if order.letter_id == changed else (content, content_type)

    restored = restore(lost, carried, story.orders, other_words)
    assert restored.gaps == {changed: Gap.WORDS_CHANGED}
    kept = {letter.record.id: letter.as_sent for letter in Dossiers(lost).letters(carried.reference)}
    attempt = kept.pop(changed)
    assert attempt is not None
    (order,) = story.orders[changed]
    assert (attempt.content, attempt.sha256) == (
        None,
        hashlib.sha256(WRITE(order, attempt.started_at)[0]).hexdigest(),
    )
    assert all(other and other.content for other in kept.values())


def test_once_the_words_are_back_the_bytes_are_filled_in(ledger: Ledger, register: Register, lost: Register) -> None:
    story = by_email(ledger)
    carried = lives.state(story)
    Dossiers(register).record(carried)

    def broken(order: LetterOrder, at: datetime) -> tuple[bytes, str]:
        raise LookupError("no such person")

    assert set(restore(lost, carried, story.orders, broken).gaps.values()) == {Gap.WORDS_CHANGED}
    assert attempts_missing(lost, carried)
    restored = restore(lost, carried, story.orders, WRITE)
    assert (restored.attempts, restored.contents) == (0, len(story.orders))
    assert lives.everything(lost) == lives.everything(register)


def test_without_its_order_a_letter_is_named(ledger: Ledger, lost: Register) -> None:
    story = by_email(ledger)
    restored = restore(lost, lives.state(story), {}, WRITE)
    assert restored.gaps == dict.fromkeys(story.orders, Gap.ORDER_FORGOTTEN)
    assert restored.attempts == len(story.orders)


def test_what_is_there_is_not_overwritten(ledger: Ledger, register: Register, dossiers: Dossiers) -> None:
    story = by_email(ledger)
    older = lives.state(story)
    story.until(MONDAY + timedelta(days=200))
    dossiers.record(lives.state(story))
    held = lives.everything(register)
    assert restore(register, older, story.orders, lambda *_: (b"other", "text/plain")).attempts == 0
    assert lives.everything(register) == held


def told_otherwise(carried: Carried, kind: str) -> Carried:
    """Have the journal tell of each sent letter that something else came of it first."""
    return Carried.model_validate_json(carried.model_dump_json().replace('"type":"letter_sent"', f'"type":"{kind}"'))


def test_a_doubtful_attempt_is_settled_by_what_the_journal_says_of_it_later(ledger: Ledger, lost: Register) -> None:
    story = by_email(ledger)
    carried = lives.state(story)
    restore_attempts(lost, told_otherwise(carried, "letter_doubtful"), story.orders, WRITE)
    restored = lives.everything(lost)["attempts"]
    assert {(row["state"], row["settled_by"]) for row in restored} == {("doubtful", "answer")}
    assert all(row["content"] for row in restored)
    Dossiers(lost).record(carried)
    assert {(row["state"], row["settled_by"]) for row in lives.everything(lost)["attempts"]} == {("accepted", "person")}


def test_an_attempt_that_was_not_taken_comes_back_without_bytes_and_is_no_gap(ledger: Ledger, lost: Register) -> None:
    story = by_email(ledger)
    deferred = told_otherwise(lives.state(story), "letter_deferred")
    assert restore_attempts(lost, deferred, story.orders, WRITE).gaps == {}
    assert {(row["state"], row["content"]) for row in lives.everything(lost)["attempts"]} == {("not_taken", None)}
    assert not attempts_missing(lost, deferred)


def test_no_second_attempt_is_added_beside_one_that_has_left(ledger: Ledger, register: Register) -> None:
    story = by_email(ledger)
    contradicting = lives.state(story).model_dump_json().replace('"attempt":1', '"attempt":2')
    held = lives.everything(register)
    restored = restore_attempts(register, Carried.model_validate_json(contradicting), story.orders, WRITE)
    assert restored.attempts == 0
    assert lives.everything(register) == held


def test_a_journal_from_before_the_register_tells_of_no_attempts(lost: Register) -> None:
    carried = lives.ordinary()[-1]
    assert not attempts_missing(lost, carried)
    assert restore(lost, carried, {}, WRITE) == Restored(0, 0, {})


def test_a_refused_signal_that_bears_the_name_of_an_act_tells_of_no_attempt(lost: Register) -> None:
    story = Rehearsal()
    story.dossier.refuse("letter_sent", "no such event", story.now, {"id": "x", "attempt": 1, "by": "system"})
    assert not attempts_missing(lost, lives.state(story))
