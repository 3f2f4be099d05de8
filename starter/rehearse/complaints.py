"""Which complaints are rehearsed: the sample, a register as CSV, those the firm's own register keeps."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from activities.register.dossiers import Dossiers
from starter.play import SAMPLE
from starter.play.register import BadRow, read_register
from starter.rehearse.plan import NotRehearsed, Plan, plan_of_row, plan_of_stored
from starter.render.words import Words

REGISTER, SAMPLED = "register", "sample"


def of_csv(path: Path, most: int, today: date, words: Words) -> Iterator[Plan | NotRehearsed]:
    """Plan the first `most` rows of a register as `complaints play` reads it.

    Raises:
        RegisterRefused: at once: the file is no register.

    """
    rows = read_register(path, most)
    row_of = words.choose("ligne {}", "row {}")
    return (
        NotRehearsed(row_of.format(row.number), row.reason) if isinstance(row, BadRow) else plan_of_row(row, today)
        for row in rows
    )


def of_sample(most: int, today: date, words: Words) -> Iterator[Plan | NotRehearsed]:
    """Plan the first `most` rows of the sample, with the delays they really had."""
    return of_csv(SAMPLE, most, today, words)


def of_references(
    dossiers: Dossiers, references: Sequence[str], today: date, words: Words
) -> Iterator[Plan | NotRehearsed]:
    """Plan stored complaints again, by their references."""
    for reference in dict.fromkeys(references):
        carried = dossiers.carried(reference)
        if carried is None:
            yield NotRehearsed(reference, words.choose("inconnue du registre", "not in the register"))
        else:
            yield plan_of_stored(carried, today)


def last_received(dossiers: Dossiers, most: int) -> list[str]:
    """Name the `most` complaints of the firm's register that were received last, the oldest of them first."""
    standings = sorted(dossiers.standings(), key=lambda each: (each.received_at, each.reference))
    return [each.reference for each in standings[-most:]]
