"""The same complaint under two configurations, side by side: each clock, letter and message with its other self."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Generic, TypeVar

from starter.rehearse.lived import LivedClock, LivedComplaint, LivedLetter, LivedMessage

_Kept = TypeVar("_Kept", LivedClock, LivedLetter, LivedMessage)
_NUMBERS = re.compile(r"(/\d+)+$", re.ASCII)


@dataclass(frozen=True)
class Pair(Generic[_Kept]):
    """One thing on both sides, or on one of them."""

    before: _Kept | None
    after: _Kept | None

    @property
    def one(self) -> _Kept:
        """The thing, from the side that has it."""
        found = self.before if self.before is not None else self.after
        if found is None:
            raise ValueError("a pair has at least one side")
        return found

    @property
    def differs(self) -> bool:
        """Whether the two sides are not alike."""
        return self.before != self.after


@dataclass(frozen=True)
class Paired:
    """One complaint on both sides."""

    before: LivedComplaint
    after: LivedComplaint
    clocks: tuple[Pair[LivedClock], ...]
    letters: tuple[Pair[LivedLetter], ...]
    messages: tuple[Pair[LivedMessage], ...]

    @property
    def reference(self) -> str:
        """The complaint's reference, the same on both sides."""
        return self.before.reference


def paired(before: LivedComplaint, after: LivedComplaint) -> Paired:
    """Lay the two sides beside each other.

    Where one side has more of a kind (progress letters, say), those that lie closest are the same one: the number in
    a business key says only how many came before. What lies past the day a complaint was followed to is left out,
    unless it has another self before that day.
    """
    ends = [side.followed_to for side in (before, after) if side.followed_to]
    until = min(ends, default=date.max)
    return Paired(
        before,
        after,
        tuple(_pairs(before.clocks, after.clocks, lambda clock: clock.starts_on, until)),
        tuple(_pairs(before.letters, after.letters, lambda letter: letter.on, until)),
        tuple(_pairs(before.messages, after.messages, lambda message: message.on, until)),
    )


def _pairs(
    before: Sequence[_Kept], after: Sequence[_Kept], on: Callable[[_Kept], date], until: date
) -> Iterator[Pair[_Kept]]:
    ours, theirs = _by_kind(before), _by_kind(after)
    pairs = [pair for kind in {**ours, **theirs} for pair in _aligned(ours[kind], theirs[kind], on)]
    for pair in sorted(pairs, key=lambda each: (on(each.one), each.one.key)):
        if any(side is not None and on(side) <= until for side in (pair.before, pair.after)):
            yield pair


def _by_kind(things: Sequence[_Kept]) -> defaultdict[str, list[_Kept]]:
    found = defaultdict[str, list[_Kept]](list)
    for each in things:
        found[_NUMBERS.sub("", each.key)].append(each)
    return found


def _aligned(before: list[_Kept], after: list[_Kept], on: Callable[[_Kept], date]) -> list[Pair[_Kept]]:
    """Pair two rows of things in their order, so that the days between the two of each pair are the fewest."""
    swapped = len(before) > len(after)
    few, many = (after, before) if swapped else (before, after)
    chosen = min(
        combinations(range(len(many)), len(few)),
        key=lambda places: sum(abs((on(many[place]) - on(each)).days) for place, each in zip(places, few, strict=True)),
    )
    others = dict(zip(chosen, few, strict=True))
    both = [(others.get(place), each) for place, each in enumerate(many)]
    return [_pair(one, other) for other, one in both] if swapped else [_pair(one, other) for one, other in both]


def _pair(before: _Kept | None, after: _Kept | None) -> Pair[_Kept]:
    # One identity for both: a number that differs is no change.
    return Pair(before, after.model_copy(update={"key": before.key}) if before and after else after)
