"""The same complaint under two configurations, side by side: each clock, letter and message with its other self."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from starter.rehearse.lived import LivedClock, LivedComplaint, LivedLetter, LivedMessage

_Kept = TypeVar("_Kept")


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

    What lies past the day a complaint was followed to is left out, unless it has another self before that day.
    """
    ends = [side.followed_to for side in (before, after) if side.followed_to]
    until = min(ends, default=date.max)
    return Paired(
        before,
        after,
        _pairs(before.clocks, after.clocks, lambda clock: clock.key, lambda clock: clock.starts_on, until),
        _pairs(before.letters, after.letters, lambda letter: letter.id, lambda letter: letter.on, until),
        _pairs(before.messages, after.messages, lambda message: message.key, lambda message: message.on, until),
    )


def _pairs(
    before: Sequence[_Kept],
    after: Sequence[_Kept],
    key: Callable[[_Kept], str],
    on: Callable[[_Kept], date],
    until: date,
) -> tuple[Pair[_Kept], ...]:
    ours, theirs = ({key(each): each for each in side} for side in (before, after))
    keys = sorted({**ours, **theirs}, key=lambda each: (on(ours.get(each) or theirs[each]), each))
    pairs = (Pair(ours.get(each), theirs.get(each)) for each in keys)
    return tuple(
        pair for pair in pairs if any(side is not None and on(side) <= until for side in (pair.before, pair.after))
    )
