"""Marks the words that differ within the lines that differ, so that a reader sees ten become fifteen."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Marked:
    """One line of a unified diff: `sign` is "-", "+" or " ", or "@" where lines were left out.

    `parts`: each with whether it is what differs.
    """

    sign: str
    parts: tuple[tuple[str, bool], ...]


def marked(diff: Sequence[str]) -> Iterator[Marked]:
    """Mark a unified diff without file names, as `compare` makes it."""
    lines = [(line[:1], line[1:].strip()) for line in diff]
    # A blank line between paragraphs tells a reader nothing.
    lines = [(sign, text) for sign, text in lines if text]
    blocks = [(changed, list(block)) for changed, block in groupby(lines, key=lambda line: line[0] in "-+")]
    for changed, block in blocks:
        removed = [text for sign, text in block if sign == "-"]
        added = [text for sign, text in block if sign == "+"]
        if not changed or len(removed) != len(added):
            yield from (Marked(sign, ((text, False),)) for sign, text in block)
            continue
        for old, new in zip(removed, added, strict=True):
            yield from _one_for_the_other(old, new)


def _one_for_the_other(old: str, new: str) -> Iterator[Marked]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    found = SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    yield Marked("-", tuple(("".join(before[a:b]), how != "equal") for how, a, b, _, _ in found if b > a))
    yield Marked("+", tuple(("".join(after[c:d]), how != "equal") for how, _, _, c, d in found if d > c))
