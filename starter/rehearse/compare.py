"""Compares what became of the same complaints under two configurations: a pure function, nothing is read or asked."""

import re
from collections.abc import Iterator, Mapping
from difflib import unified_diff

from starter.rehearse.changes import (
    AttributeChange,
    Changes,
    ClockChange,
    ComplaintChanges,
    Count,
    LetterChange,
    MessageChange,
    UnheardChange,
)
from starter.rehearse.lived import Lived, LivedLetter, LivedMessage
from starter.rehearse.pairs import Pair, Paired, paired
from starter.rehearse.totals import clock_totals, day_totals, letter_totals, people_totals, words_changes
from workflows.procedure.vocabulary import LetterStatus

_CONTEXT = 1
_DATE = re.compile(r"(?:(?:\w+day|\w+di|dimanche)\s+)?\d{1,2}(?:er)?\s+\w+\s+\d{4}")


def compare(before: Lived, after: Lived) -> Changes:
    """Say what `after` changes. Complaints are matched by reference, what is in them by its business key.

    A complaint that was followed for a time only is compared up to there.
    """
    later = {each.reference: each for each in after.complaints}
    both = [paired(each, later[each.reference]) for each in before.complaints if each.reference in later]
    details = tuple(
        changes for each in both if (changes := _changes(each)) != ComplaintChanges(reference=each.reference)
    )
    messages = [message for each in both for message in each.messages]
    return Changes(
        rehearsed=len(both),
        details=details,
        clocks=clock_totals(details, both),
        letters=letter_totals(details, both),
        words=words_changes(details),
        notices=_count([each for each in messages if not each.one.to_partner]),
        calls=_count([each for each in messages if each.one.to_partner]),
        days=day_totals(both),
        people=people_totals(both),
        followed=sum(each.before.followed_to is not None for each in both),
        unposted=sum(
            pair.after is not None and pair.after.status is LetterStatus.QUEUED
            for each in both
            for pair in each.letters
        ),
        why_not={**after.why_not, **before.why_not},
    )


def never_heard(before: Lived, after: Lived) -> dict[tuple[str, str], str]:
    """Say why an event was accepted on neither side, by reference and event: what it did then was not rehearsed.

    The reason is empty where it came after the end: a rehearsal reopens no complaint.
    """
    later = {each.reference: each for each in after.complaints}
    return {
        (each.reference, event): reason
        for each in before.complaints
        if each.reference in later
        for event, reason in each.unheard.items()
        if event in later[each.reference].unheard
    }


def _changes(each: Paired) -> ComplaintChanges:
    before, after = each.before, each.after
    another = before.charges != after.charges
    return ComplaintChanges(
        reference=each.reference,
        clocks=tuple(
            ClockChange(key=pair.one.key, clock=pair.one.clock, before=pair.before, after=pair.after)
            for pair in each.clocks
            if pair.differs
        ),
        letters=tuple(
            LetterChange(
                id=pair.one.key,
                kind=pair.one.kind,
                before=pair.before,
                after=pair.after,
                diff=_diff(pair),
                in_other_words=_in_other_words(pair),
            )
            for pair in each.letters
            if pair.differs
        ),
        messages=tuple(
            MessageChange(
                key=pair.one.key,
                to_partner=pair.one.to_partner,
                before=pair.before,
                after=pair.after,
                diff=_diff(pair),
            )
            for pair in each.messages
            if pair.differs
        ),
        charges_before=before.charges if another else (),
        charges_after=after.charges if another else (),
        attributes=(
            *_attributes(before.opening_attributes, after.opening_attributes, at_opening=True),
            *_attributes(before.last_attributes, after.last_attributes, at_opening=False),
        ),
        unheard=tuple(
            UnheardChange(event_id=event, before=before.unheard.get(event), after=after.unheard.get(event))
            for event in sorted({*before.unheard, *after.unheard})
            if before.unheard.get(event) != after.unheard.get(event)
        ),
    )


def _attributes(before: Mapping[str, str], after: Mapping[str, str], *, at_opening: bool) -> Iterator[AttributeChange]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield AttributeChange(name=name, at_opening=at_opening, before=before.get(name), after=after.get(name))


def _diff(pair: Pair[LivedLetter] | Pair[LivedMessage]) -> tuple[str, ...]:
    if pair.before is None or pair.after is None:
        return ()
    lines = unified_diff(pair.before.text.splitlines(), pair.after.text.splitlines(), lineterm="", n=_CONTEXT)
    return tuple(lines)[2:]  # without the names of the two files


def _in_other_words(pair: Pair[LivedLetter]) -> bool:
    if pair.before is None or pair.after is None:
        return False
    if pair.before.template != pair.after.template:
        return True
    # Another person in charge is told as such; that person's name is no other wording.
    return pair.before.contact == pair.after.contact and _undated(pair.before.text) != _undated(pair.after.text)


def _undated(text: str) -> str:
    """Take the dates and the line ends out of a letter: what is left are its words."""
    return " ".join(_DATE.sub("", text).split())


def _count(messages: list[Pair[LivedMessage]]) -> Count:
    return Count(
        before=sum(pair.before is not None for pair in messages),
        after=sum(pair.after is not None for pair in messages),
    )
