"""The changes of one complaint as rows: what, before, after; the same for a terminal and for a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten

from starter.rehearse.changes import ClockChange, ComplaintChanges, LetterChange, MessageChange
from starter.rehearse.lived import Charge, LivedClock, LivedLetter, LivedMessage
from starter.render.days import day, instant, shift
from starter.render.words import Words

_SHORT = 90
_ATTRIBUTES_TOLD_ELSEWHERE = frozenset({"ComplaintContact", "NextDeadline"})


@dataclass(frozen=True)
class Row:
    """One change. `note` says how far apart the two are; `diff` shows the words that differ."""

    what: str
    before: str
    after: str
    note: str = ""
    diff: tuple[str, ...] = ()


def rows_of(changes: ComplaintChanges, words: Words) -> Iterator[Row]:
    """Give what changes for one complaint: its clocks, its letters, who is told, who is in charge, how it is found."""
    for clock in changes.clocks:
        yield _clock(clock, words)
    for letter in changes.letters:
        yield _letter(letter, words)
    for message in changes.messages:
        yield _message(message, words)
    if changes.charges_before or changes.charges_after:
        what = words.choose("en charge", "in charge")
        yield Row(what, _charges(changes.charges_before, words), _charges(changes.charges_after, words))
    for attribute in changes.attributes:
        if attribute.name not in _ATTRIBUTES_TOLD_ELSEWHERE:
            when = words.choose("à l'ouverture", "at opening") if attribute.at_opening else words.choose("fin", "end")
            yield Row(f"{attribute.name} ({when})", attribute.before or words.nobody, attribute.after or words.nobody)
    accepted = words.choose("accepté", "accepted")
    too_late = words.choose("après la fin du dossier", "after the complaint's end")
    for event in changes.unheard:
        before, after = (accepted if side is None else side or too_late for side in (event.before, event.after))
        yield Row(words.choose("événement {}", "event {}").format(event.event_id), before, after)


def _clock(change: ClockChange, words: Words) -> Row:
    name = words.choose("échéance : {}", "deadline: {}").format(words("clock", change.clock))
    both = change.before and change.after
    at = bool(both and not change.days)
    before, after = (_due(side, words, at=at) for side in (change.before, change.after))
    return Row(name, before, after, _shift(change.days, words))


def _due(clock: LivedClock | None, words: Words, *, at: bool) -> str:
    if clock is None:
        return words.nobody
    said = instant(clock.act_at, words) if at else day(clock.due_on, words)
    state = words.choose("manquée", "missed") if clock.breached else words("clock_state", clock.state)
    return f"{said} ({state})"


def _letter(change: LetterChange, words: Words) -> Row:
    name = words.choose("lettre : {}", "letter: {}").format(words("letter", change.kind))
    if change.in_other_words:
        name += words.choose(" (autres mots)", " (other words)")
    before, after = (_left(side, words) for side in (change.before, change.after))
    return Row(name, before, after, _shift(change.days, words), change.diff)


def _left(letter: LivedLetter | None, words: Words) -> str:
    if letter is None:
        return words.nobody
    said = [day(letter.on, words), words("channel", letter.channel)]
    if not letter.left:
        said.append(words("letter_status", letter.status))
    return ", ".join(said)


def _message(change: MessageChange, words: Words) -> Row:
    to = (
        words.choose("à l'autre Partie : {}", "to the other Party: {}")
        if change.to_partner
        else words.choose("au personnel : {}", "to staff: {}")
    )
    both = [side for side in (change.before, change.after) if side is not None]
    moved = (both[1].on - both[0].on).days if len(both) > 1 else 0
    to_others = len({side.to for side in both}) > 1
    before, after = (_told(side, words, to_others=to_others) for side in (change.before, change.after))
    return Row(to.format(_first_line(both[-1])), before, after, _shift(moved, words), change.diff)


def _told(message: LivedMessage | None, words: Words, *, to_others: bool) -> str:
    if message is None:
        return words.nobody
    said = day(message.on, words)
    return f"{said}, {', '.join(message.to)}" if to_others else said


def _first_line(message: LivedMessage) -> str:
    body = message.text.partition("\n\n")[2].strip()
    return shorten(body.partition("\n")[0], _SHORT, placeholder=" …")


def _charges(charges: tuple[Charge, ...], words: Words) -> str:
    said = (f"{charge.name} ({charge.contact}), {day(charge.on, words)}" for charge in charges)
    return " ; ".join(said) or words.nobody


def _shift(days: int, words: Words) -> str:
    return shift(days, days, words) if days else ""
