"""The totals over all complaints: per clock, per kind of letter, per change of words, per day, per person."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from starter.play.report import IN_ORDER
from starter.rehearse.changes import (
    ClockTotal,
    ComplaintChanges,
    Count,
    DayTotal,
    LetterChange,
    LetterTotal,
    PersonTotal,
    WordsChange,
)
from starter.rehearse.lived import LivedComplaint, LivedLetter
from starter.rehearse.pairs import Paired
from workflows.procedure.vocabulary import ClockName, LetterKind


def clock_totals(details: Sequence[ComplaintChanges], both: Sequence[Paired]) -> tuple[ClockTotal, ...]:
    """Total the changes of each clock, in the order of the procedure; a clock that does not change is left out."""
    return tuple(total for name in ClockName if (total := _clock_total(name, details, both)).complaints)


def _clock_total(name: ClockName, details: Sequence[ComplaintChanges], both: Sequence[Paired]) -> ClockTotal:
    changed = [(each.reference, change) for each in details for change in each.clocks if change.clock is name]
    moves = [change.days for _, change in changed if change.days]
    moved = {reference for reference, change in changed if change.days}
    pairs = [pair for each in both for pair in each.clocks if pair.one.clock is name]
    return ClockTotal(
        clock=name,
        complaints=len({reference for reference, _ in changed}),
        moved=len(moved),
        dates=len(moves),
        earliest=min(moves, default=0),
        latest=max(moves, default=0),
        breaches=Count(
            before=sum(pair.before is not None and pair.before.breached for pair in pairs),
            after=sum(pair.after is not None and pair.after.breached for pair in pairs),
        ),
    )


def letter_totals(details: Sequence[ComplaintChanges], both: Sequence[Paired]) -> tuple[LetterTotal, ...]:
    """Total the letters of each kind that leave under either configuration, changed or not."""
    totals = (_letter_total(kind, details, both) for kind in IN_ORDER)
    return tuple(total for total in totals if total.letters != Count(before=0, after=0))


def _letter_total(kind: LetterKind, details: Sequence[ComplaintChanges], both: Sequence[Paired]) -> LetterTotal:
    changes = [change for each in details for change in each.letters if change.kind is kind]
    moves = [change.days for change in changes if change.days]
    pairs = [pair for each in both for pair in each.letters if pair.one.kind is kind]
    return LetterTotal(
        kind=kind,
        letters=Count(before=sum(_left(pair.before) for pair in pairs), after=sum(_left(pair.after) for pair in pairs)),
        moved=len(moves),
        earliest=min(moves, default=0),
        latest=max(moves, default=0),
        in_other_words=sum(change.in_other_words for change in changes),
        another_way=sum(_another_way(change) for change in changes),
    )


def _left(letter: LivedLetter | None) -> bool:
    return letter is not None and letter.left


def _another_way(change: LetterChange) -> bool:
    return bool(change.before and change.after and change.before.channel is not change.after.channel)


def words_changes(details: Sequence[ComplaintChanges]) -> tuple[WordsChange, ...]:
    """Group the letters that say something in other words, by the two versions of their template."""
    found: defaultdict[tuple[str, str], list[tuple[LetterChange, LivedLetter]]] = defaultdict(list)
    for change in (change for each in details for change in each.letters if change.in_other_words):
        if change.before and change.after:
            found[(change.before.template, change.after.template)].append((change, change.after))
    return tuple(
        WordsChange(
            kind=group[0][0].kind,
            language=group[0][1].language,
            template_before=before,
            template_after=after,
            letters=len(group),
            example=group[0][0].id,
            diff=group[0][0].diff,
        )
        for (before, after), group in sorted(found.items())
    )


def day_totals(both: Sequence[Paired]) -> tuple[DayTotal, ...]:
    """Count the letters of each day on which any leaves."""
    before, after = Counter[date](), Counter[date]()
    for pair in (pair for each in both for pair in each.letters):
        before.update([pair.before.on] if pair.before and pair.before.left else [])
        after.update([pair.after.on] if pair.after and pair.after.left else [])
    return tuple(
        DayTotal(on=day, letters=Count(before=before[day], after=after[day])) for day in sorted({*before, *after})
    )


def people_totals(both: Sequence[Paired]) -> tuple[PersonTotal, ...]:
    """Total the load of each person who is ever in charge, in the order of their ids."""
    befores, afters = [each.before for each in both], [each.after for each in both]
    names = {charge.contact: charge.name for side in (befores, afters) for each in side for charge in each.charges}
    letters_before = [pair.before for each in both for pair in each.letters if pair.before and pair.before.left]
    letters_after = [pair.after for each in both for pair in each.letters if pair.after and pair.after.left]
    return tuple(
        PersonTotal(
            contact=contact,
            name=name,
            complaints=Count(before=_in_charge_of(contact, befores), after=_in_charge_of(contact, afters)),
            at_once=Count(before=_most_at_once(contact, befores), after=_most_at_once(contact, afters)),
            letters=Count(before=_letters_of(contact, letters_before), after=_letters_of(contact, letters_after)),
            busiest_day=Count(before=_busiest(contact, letters_before), after=_busiest(contact, letters_after)),
        )
        for contact, name in sorted(names.items())
    )


def _in_charge_of(contact: str, complaints: Iterable[LivedComplaint]) -> int:
    return sum(any(charge.contact == contact for charge in each.charges) for each in complaints)


def _most_at_once(contact: str, complaints: Iterable[LivedComplaint]) -> int:
    """Count the complaints somebody is in charge of at the end of each day on which that changes; the highest count."""
    changes = Counter[date]()
    for each in complaints:
        for first, until in _spans(contact, each):
            changes[first] += 1
            changes[until] -= 1
    most = now = 0
    for day in sorted(changes):
        now += changes[day]
        most = max(most, now)
    return most


def _spans(contact: str, complaint: LivedComplaint) -> Iterator[tuple[date, date]]:
    ends = [*(charge.on for charge in complaint.charges[1:]), complaint.closed_on or date.max]
    for charge, end in zip(complaint.charges, ends, strict=True) if complaint.charges else ():
        if charge.contact == contact:
            yield charge.on, end


def _letters_of(contact: str, letters: Iterable[LivedLetter]) -> int:
    return sum(letter.contact == contact for letter in letters)


def _busiest(contact: str, letters: Iterable[LivedLetter]) -> int:
    return max(Counter(letter.on for letter in letters if letter.contact == contact).values(), default=0)
