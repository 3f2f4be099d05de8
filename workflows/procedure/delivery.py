"""What becomes of a letter between us and the customer: it leaves, waits for a carrier, is in doubt, comes back.

"Sent" is the carrier's acceptance, or the posting that staff confirm (CONTRACT, "Clocks"). A letter that no carrier
could take is owed again a little later, and is then written anew from what is true by then.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workflows.procedure import events as ev
from workflows.procedure.calendar import end_of_day, paris_date
from workflows.procedure.case import BOTH, TRIES_BEFORE_ATTENTION, Case
from workflows.procedure.clocks import KEPT_BY_A_WRITTEN_ANSWER
from workflows.procedure.records import Entry, Letter
from workflows.procedure.vocabulary import (
    ANNOUNCES_A_DATE,
    LETTER_OF_CLOCK,
    Channel,
    ClockName,
    DeliveryStatus,
    LetterKind,
    LetterStatus,
    Stage,
)

TRIED_AGAIN_AFTER = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240))
"""From one try to the next; the last one again and again. Long outages cost a complaint's history little."""
LAST_TRY_BEFORE_THE_DEADLINE = timedelta(minutes=5)
WITHOUT_A_DEADLINE = timedelta(days=1)
"""How long e-mail is tried for a letter that is overdue, or that no clock waits for."""
A_DOUBT_LASTS = timedelta(hours=1)
"""How long the carrier's own reports are waited for before a person decides."""

_STILL_BEING_TREATED = (Stage.INVESTIGATING, Stage.RESULTS_KNOWN)
_ON_ITS_WAY = (LetterStatus.SENT, LetterStatus.QUEUED, LetterStatus.DELIVERED, LetterStatus.DOUBTFUL)
_SAID_IN_EVERY_LETTER = (LetterKind.ACKNOWLEDGEMENT, LetterKind.CONTACT_CHANGE)
_CAME_BACK = (DeliveryStatus.BOUNCED, DeliveryStatus.BLOCKED, DeliveryStatus.RETURNED)


# What the carrier answered ---------------------------------------------------------------------------------------


def after_the_carrier(case: Case, letter: Letter, at: datetime, retry_after: timedelta | None) -> Letter:
    """Say what is waited for after the carrier was asked at `at`: another try, or its reports on a doubtful letter.

    `retry_after`: how long the carrier asks to be left alone. A last try is made just before the deadline all the same.
    """
    match letter.status:
        case LetterStatus.DEFERRED:
            return _to_be_tried_again(case, letter, at, retry_after)
        case LetterStatus.DOUBTFUL:
            return letter.model_copy(update={"again_at": at + A_DOUBT_LASTS})
        case _:
            return letter


def _to_be_tried_again(case: Case, letter: Letter, at: datetime, retry_after: timedelta | None) -> Letter:
    before = next((old for old in case.letters if old.id == letter.id and old.status is LetterStatus.DEFERRED), None)
    tries, since = (before.tries + 1, before.tried_since or at) if before else (1, at)
    again_at = at + max(nth(TRIED_AGAIN_AFTER, tries), retry_after or timedelta(0))
    last_try = _email_is_tried_until(letter, since) - LAST_TRY_BEFORE_THE_DEADLINE
    if at < last_try:
        again_at = min(again_at, last_try)
    return letter.model_copy(update={"tries": tries, "tried_since": since, "again_at": again_at})


def nth(waits: Sequence[timedelta], tries: int) -> timedelta:
    """Give the wait after so many tries; past the last one, that again."""
    return waits[min(tries, len(waits)) - 1]


def _email_is_tried_until(letter: Letter, since: datetime) -> datetime:
    deadline = end_of_day(letter.due_on) if letter.due_on else since
    return deadline if deadline > since else since + WITHOUT_A_DEADLINE


def letter_made(case: Case, entry: Entry) -> None:
    """A letter left, or lies ready for the post: what called for it is done, what it announces runs."""
    letter = Letter.model_validate(entry.data)
    _put_on_file(case, letter)
    _owed_no_more(case, letter)
    case.email_given_up = False
    letter_left(case, letter, entry.recorded_at)
    _start_its_promise(case, letter)


def letter_deferred(case: Case, entry: Entry) -> None:
    """The carrier could not take it: it is owed again later, or goes by post when e-mail had its last try."""
    letter = Letter.model_validate(entry.data)
    last_try = _email_is_tried_until(letter, letter.tried_since or entry.at) - LAST_TRY_BEFORE_THE_DEADLINE
    by_post = entry.at >= last_try and case.may_turn_to_post
    if by_post:
        case.email_given_up, letter.again_at = True, None
    _put_on_file(case, letter)
    for call in case.letter_calls:
        if call.cause in letter.causes:
            call.again_at = letter.again_at
    for key in letter.clocks:
        clock = case.clock(key)
        if clock:  # one that was to act later today only went along, and acts by itself
            goes_along = letter.again_at is not None and clock.act_at > letter.again_at
            clock.again_at = None if goes_along else letter.again_at
    if by_post:
        case.tell(f"by_post/{entry.id}", BOTH, "tell_turned_to_post", letter=letter.id)
    elif letter.tries == TRIES_BEFORE_ATTENTION:
        case.tell(f"deferred/{entry.id}", BOTH, "tell_letter_deferred", letter=letter.id, problem=letter.problem)


def letter_doubtful(case: Case, entry: Entry) -> None:
    """No answer came: nothing is sent a second time before the carrier's reports or a person tell what happened."""
    letter = Letter.model_validate(entry.data)
    _put_on_file(case, letter)
    _owed_no_more(case, letter)
    case.email_given_up = False


def doubt_lasts(case: Case, entry: Entry) -> None:
    """Nothing was reported of a doubtful letter in time: persons are told, and one decides."""
    letter = case.letter(entry.data["letter"])
    if letter is None or letter.status is not LetterStatus.DOUBTFUL:
        return
    letter.again_at, letter.person_decides = None, True
    case.tell(f"doubtful/{letter.id}", BOTH, "tell_letter_doubtful", letter=letter.id, at=entry.at)


def letter_failed(case: Case, entry: Entry) -> None:
    """A letter could not leave: staff see why, and a person's act tries it again. Its clocks run on."""
    letter = Letter.model_validate(entry.data)
    _put_on_file(case, letter)
    for call in case.letter_calls:
        if call.cause in letter.causes:
            call.blocked, call.again_at = True, None
    for key in letter.clocks:
        clock = case.clock(key)
        if clock:
            clock.blocked, clock.again_at = True, None
    case.tell(f"failed/{entry.id}", BOTH, "tell_letter_failed", letter=letter.id, problem=letter.problem)


def letter_left(case: Case, letter: Letter, recorded_at: datetime) -> None:
    """Settle the clocks a letter keeps by having been sent."""
    if letter.sent_at is None:
        return
    if letter.kind is LetterKind.RESOLUTION and not any(answer.event_id in letter.causes for answer in case.answers):
        return  # its answer was recorded in error: the letter left, but it answers nothing
    for key in letter.clocks:
        clock = case.clock(key)
        informs_only = clock and clock.clock is ClockName.FINAL_ANSWER and letter.kind is not LetterKind.RESOLUTION
        if clock and not informs_only and clock.settle(letter.sent_at, recorded_at):
            letter.kept.append(key)


def drop_what_is_no_longer_called_for(case: Case) -> None:
    """Drop the letters that wait for a carrier and have lost their object meanwhile: another letter, an answer.

    What waits in another letter by now waits until another instant.
    """
    for letter in case.letters:
        if letter.status is not LetterStatus.DEFERRED:
            continue
        called = [call for call in case.letter_calls if call.cause in letter.causes and call.kind in letter.sections]
        clocks = [clock for clock in map(case.clock, letter.clocks) if clock and clock.owes and not clock.acted]
        waits = [call.again_at for call in called] + [clock.again_at for clock in clocks]
        if letter.again_at not in waits:
            _waited_for_no_more(case, letter)
            letter.status, letter.again_at = LetterStatus.DROPPED, None
            case.email_given_up = False


def _waited_for_no_more(case: Case, letter: Letter) -> None:
    """Have nothing wait any more for the next try of a letter: what is owed still, or again, is owed at once."""
    for call in case.letter_calls:
        if call.cause in letter.causes and call.again_at == letter.again_at:
            call.again_at = None
    for clock in filter(None, map(case.clock, letter.clocks)):
        if clock.again_at == letter.again_at:
            clock.again_at = None


def _put_on_file(case: Case, letter: Letter) -> None:
    before = case.letter(letter.id)
    if before:
        _waited_for_no_more(case, before)
    case.letters = [kept for kept in case.letters if kept.id != letter.id] + [letter]


def _owed_no_more(case: Case, letter: Letter) -> None:
    case.letter_calls = [call for call in case.letter_calls if call.cause not in letter.causes]
    for key in letter.clocks:
        clock = case.clock(key)
        if clock:
            clock.acted, clock.blocked, clock.again_at = True, False, None


def _start_its_promise(case: Case, letter: Letter) -> None:
    if letter.announces and case.stage in _STILL_BEING_TREATED:
        case.start_promise(letter.announces, paris_date(letter.prepared_at))


# What is reported of it later ------------------------------------------------------------------------------------


def delivery_reported(case: Case, event: ev.DeliveryReported, entry: Entry) -> None:
    """A letter arrived, was posted, came back or was lost; what came back keeps nothing."""
    letter = case.letter(event.letter_id)
    if letter is None:
        return
    was_doubtful = letter.status is LetterStatus.DOUBTFUL
    if event.status is DeliveryStatus.POSTED:
        letter.status, letter.sent_at = LetterStatus.SENT, entry.at
        letter_left(case, letter, entry.recorded_at)
        return
    letter.status, letter.again_at, letter.person_decides = LetterStatus(event.status), None, False
    if event.status is DeliveryStatus.DELIVERED:
        if was_doubtful:
            # The carrier had it all along: it was sent when it was handed over.
            letter.sent_at = letter.prepared_at
            letter_left(case, letter, entry.recorded_at)
            _start_its_promise(case, letter)
        return
    if event.status in _CAME_BACK:
        _address_is_dead(case, letter)
    _owed_again(case, letter, entry)
    if event.status is DeliveryStatus.LOST:
        case.tell(f"bounced/{entry.id}", BOTH, "tell_lost", letter=letter.id)
    else:
        case.tell_in_the_morning(f"bounced/{entry.id}", BOTH, "tell_bounced", letter=letter.id, status=event.status)


def _address_is_dead(case: Case, letter: Letter) -> None:
    to = case.recipient
    if to:
        case.dead_addresses.add((to.email if letter.channel is Channel.EMAIL else to.postal_address) or "")


def _owed_again(case: Case, letter: Letter, entry: Entry) -> None:
    """Have what did not arrive written again: by its clock while that can still be kept, else for its own sake."""
    leave_by_their_clock = set[LetterKind]()
    heir = _said_since(case, letter) if LetterKind.RESOLUTION in letter.sections else None
    # One that is queued or in doubt may keep its clocks yet; the word at two months was said, and keeps none.
    served = {key for each in case.letters if each.status in _ON_ITS_WAY for key in each.clocks}
    for key in letter.clocks:
        clock = case.clock(key)
        if clock is None:
            continue
        if key in letter.kept and entry.at < clock.ends_at:
            clock.run_again()
        if heir and clock.owes and clock.clock in KEPT_BY_A_WRITTEN_ANSWER:
            heir.clocks = list(dict.fromkeys([*heir.clocks, key]))
            letter_left(case, heir, entry.recorded_at)
        elif clock.owes and key not in served:
            clock.acted, clock.again_at = False, None
            if clock.act_at <= entry.at and clock.clock is not ClockName.RESOLUTION_LETTER:
                leave_by_their_clock.add(LETTER_OF_CLOCK[clock.clock])
    letter.kept = []
    if case.stage is Stage.LITIGATION:
        return  # no letter leaves by itself any more: whoever is told decides
    answers = [answer.event_id for answer in case.answers if answer.event_id in letter.causes]
    others = [cause for cause in letter.causes if cause not in answers]
    for kind in sorted(set(letter.sections) - leave_by_their_clock):
        if _still_worth_saying(case, kind, letter):
            for cause in answers if kind is LetterKind.RESOLUTION else [*others, entry.id][:1]:
                case.call_for(kind, cause)


def _said_since(case: Case, letter: Letter) -> Letter | None:
    """Give a later answer's letter that is on its way: it keeps what this one kept, which came back."""
    return next((each for each in _later_letters(case, letter) if each.kind is LetterKind.RESOLUTION), None)


def _later_letters(case: Case, letter: Letter) -> list[Letter]:
    later = case.letters[case.letters.index(letter) + 1 :]
    return [each for each in later if each.status in _ON_ITS_WAY]


def _still_worth_saying(case: Case, kind: LetterKind, letter: Letter) -> bool:
    """Whether a part of a letter that did not arrive is still true, and no later letter has said it."""
    later = _later_letters(case, letter)
    said = {section for each in later for section in each.sections}
    if kind in said or (kind is LetterKind.WITHDRAWAL and not case.closed_by):
        return False
    if kind in ANNOUNCES_A_DATE:  # a round over asks for no patience any more; the next one has its own days
        return letter.round == case.round and case.stage in _STILL_BEING_TREATED and not said & ANNOUNCES_A_DATE
    if kind in _SAID_IN_EVERY_LETTER:  # by a letter in doubt perhaps; to say it twice does no harm
        surely = any(each.status is not LetterStatus.DOUBTFUL for each in later)
        return not surely and not case.closed_by
    return True
