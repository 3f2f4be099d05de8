"""The ledger of attempts: of any number that would have a letter carried, one does; and what is settled stays."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.ledger import Attempt, Ledger
from activities.register.tables import AttemptState, SettledBy
from tests.register import lives
from tests.rehearsal import MONDAY, Rehearsal

AT = datetime(2026, 11, 23, 9, 1, 2, 345678, tzinfo=timezone(timedelta(hours=1)))
LETTER = "REC-2026-TEST/1/acknowledgement/1"
BYTES = "La réclamation de 1 000 € — reçue\0".encode()


def begin(ledger: Ledger, letter_id: str = LETTER, carrier: str = "sendgrid") -> tuple[Attempt, bool]:
    return ledger.begin(lives.REFERENCE, letter_id, carrier, BYTES, "message/rfc822", "acknowledgement@fr/1", AT)


def attempts(register: Register) -> list[tuple[int, str, str | None, bytes | None]]:
    rows = lives.everything(register)["attempts"]
    return [(row["number"], row["state"], row["settled_by"], row["content"]) for row in rows]


def test_an_attempt_is_written_before_the_carrier_is_asked(ledger: Ledger, register: Register) -> None:
    attempt, ours = begin(ledger)
    assert ours
    assert (attempt.number, attempt.state, attempt.sha256) == (1, "open", hashlib.sha256(BYTES).hexdigest())
    assert (attempt.started_at, attempt.started_at.tzinfo) == (AT, UTC)
    assert attempts(register) == [(1, "open", None, BYTES)]
    assert ledger.standing(LETTER) == attempt


@pytest.mark.parametrize(
    "state", [AttemptState.OPEN, AttemptState.ACCEPTED, AttemptState.QUEUED, AttemptState.DOUBTFUL]
)
def test_what_left_or_may_have_left_is_not_attempted_again(ledger: Ledger, state: AttemptState) -> None:
    begin(ledger)
    if state is not AttemptState.OPEN:
        ledger.settle(LETTER, 1, state, SettledBy.ANSWER, provider_id="id-1")
    again, ours = begin(ledger)
    assert not ours
    assert (again.number, again.state) == (1, state)


@pytest.mark.parametrize("state", [AttemptState.NOT_TAKEN, AttemptState.REFUSED])
def test_what_certainly_did_not_leave_may_be_attempted_again(
    ledger: Ledger, register: Register, state: AttemptState
) -> None:
    begin(ledger)
    ledger.settle(LETTER, 1, state, SettledBy.ANSWER, detail="503")
    assert ledger.standing(LETTER) is None
    second, ours = begin(ledger)
    assert (second.number, ours) == (2, True)
    assert attempts(register) == [(1, state, "answer", None), (2, "open", None, BYTES)]


def test_what_is_settled_stays(ledger: Ledger) -> None:
    begin(ledger)
    ledger.settle(LETTER, 1, AttemptState.DOUBTFUL, SettledBy.ANSWER, detail="no answer")
    told = ledger.settle(LETTER, 1, AttemptState.ACCEPTED, SettledBy.EVENT, provider_id="id-1")
    assert (told.state, told.provider_id, told.detail) == ("accepted", "id-1", "no answer")
    assert ledger.settle(LETTER, 1, AttemptState.REFUSED, SettledBy.ANSWER) == told


def test_of_twenty_that_would_send_a_letter_exactly_one_does(ledger: Ledger, register: Register) -> None:
    for number in range(5):
        letter_id, ready = f"REC/1/holding/{number}", Barrier(20)

        def wants_to_send(_: int, letter_id: str = letter_id, ready: Barrier = ready) -> bool:
            ready.wait()
            return begin(ledger, letter_id)[1]

        with ThreadPoolExecutor(20) as threads:
            assert sum(threads.map(wants_to_send, range(20))) == 1
    assert attempts(register) == [(1, "open", None, BYTES)] * 5


def test_of_twenty_that_would_try_again_exactly_one_does(ledger: Ledger, register: Register) -> None:
    begin(ledger)
    ledger.settle(LETTER, 1, AttemptState.NOT_TAKEN, SettledBy.ANSWER)
    with ThreadPoolExecutor(20) as threads:
        begun = list(threads.map(lambda _: begin(ledger), range(20)))
    assert sum(ours for _, ours in begun) == 1
    assert {attempt.number for attempt, _ in begun} == {2}


def test_hostile_words_of_a_carrier_are_kept_as_far_as_a_database_can(ledger: Ledger) -> None:
    begin(ledger)
    settled = ledger.settle(
        LETTER, 1, AttemptState.REFUSED, SettledBy.ANSWER, detail="no\0 \ud800 \u202e<b>" + "x" * 50_000
    )
    assert settled.state is AttemptState.REFUSED
    begin(ledger)
    assert ledger.standing(LETTER) is not None


# What the dossier says of an attempt -----------------------------------------------------------------------------


def test_a_letter_lies_for_the_post_until_a_person_says_it_was_posted(
    ledger: Ledger, dossiers: Dossiers, register: Register
) -> None:
    story = lives.by_post()
    begin(ledger, carrier="post")
    ledger.settle(LETTER, 1, AttemptState.QUEUED, SettledBy.ANSWER, provider_id="letter.pdf")
    dossiers.record(lives.state(story))
    assert attempts(register) == [(1, "queued", "answer", BYTES)]
    story.until(MONDAY + timedelta(days=1)).hear("delivery_reported", letter_id=LETTER, status="posted", by="c-101")
    dossiers.record(lives.state(story))
    assert attempts(register) == [(1, "accepted", "person", BYTES)]
    (letter,) = dossiers.letters(story.dossier.reference)
    assert letter.as_sent is not None
    assert (letter.record.status, letter.as_sent.state, letter.as_sent.content) == ("sent", "accepted", BYTES)


@pytest.mark.parametrize(("by", "settled_by"), [("system", "event"), ("c-101", "person")])
def test_a_doubtful_attempt_is_settled_by_what_is_reported_of_its_letter(
    ledger: Ledger, dossiers: Dossiers, register: Register, by: str, settled_by: str
) -> None:
    story = Rehearsal()
    begin(ledger)
    ledger.settle(LETTER, 1, AttemptState.DOUBTFUL, SettledBy.ANSWER)
    story.until(MONDAY + timedelta(days=1)).hear("delivery_reported", letter_id=LETTER, status="delivered", by=by)
    dossiers.record(lives.state(story))
    assert attempts(register) == [(1, "accepted", settled_by, BYTES)]


def test_a_doubtful_attempt_that_a_person_finds_lost_keeps_its_bytes_and_lets_another_be_made(
    ledger: Ledger, dossiers: Dossiers, register: Register
) -> None:
    story = Rehearsal()
    begin(ledger)
    ledger.settle(LETTER, 1, AttemptState.DOUBTFUL, SettledBy.ANSWER)
    story.until(MONDAY + timedelta(days=1)).hear("delivery_reported", letter_id=LETTER, status="lost", by="c-101")
    dossiers.record(lives.state(story))
    assert attempts(register) == [(1, "lost", "person", BYTES)]
    assert begin(ledger)[1]


def test_an_attempt_that_was_settled_by_itself_is_left_alone(
    ledger: Ledger, dossiers: Dossiers, register: Register
) -> None:
    begin(ledger)
    ledger.settle(LETTER, 1, AttemptState.ACCEPTED, SettledBy.EVENT, provider_id="id-1")
    dossiers.record(lives.ordinary()[-1])
    assert attempts(register) == [(1, "accepted", "event", BYTES)]
