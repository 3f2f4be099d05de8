"""Reads a register of complaints (CSV): a row becomes what opens a complaint and what answers it, or a refusal."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any

from workflows.procedure.intake import ComplainantKind, slug
from workflows.procedure.vocabulary import Channel, Decision, Party

NUMBER, AGAINST, BY = "Complaint number", "Complaint filed against", "Complaint filed by"
REASON, CONFIRMED, RESOLVED = "Reason complaint filed", "Confirmed complaint", "How resolved"
RECEIVED, CLOSED = "Received date", "Closed date"
COVERAGE, COVERAGE_LEVEL = "Coverage type", "Coverage level"
COMPLAINANT, KEYWORDS = "Complainant type", "Keywords"

COLUMNS = (
    NUMBER, AGAINST, BY, REASON, CONFIRMED, RESOLVED, RECEIVED, CLOSED, COVERAGE, COVERAGE_LEVEL, COMPLAINANT, KEYWORDS,
)  # fmt: skip
"""The columns of the Texas Department of Insurance; they may stand in any order."""

_BY_A_LAWYER = "attorney"
_AN_ORGANISATION = "ORG"
_KINDS = {
    "insured": ComplainantKind.INSURED,
    "third party": ComplainantKind.THIRD_PARTY,
    "third party billing service": ComplainantKind.THIRD_PARTY,
    "lienholder": ComplainantKind.THIRD_PARTY,
    "provider": ComplainantKind.THIRD_PARTY,
    "physician": ComplainantKind.THIRD_PARTY,
    "beneficiary": ComplainantKind.BENEFICIARY,
    "consumer (non-insured)": ComplainantKind.PROSPECT,
}
"""In what quality somebody complains; an attorney, an agent or a relative does not say whose complaint it is."""

_GAVE_WAY = frozenset(
    {
        "additional monies received",
        "additional payment expected",
        "cancellation withdrawn",
        "cash surrender paid",
        "claim settled",
        "corrective action taken",
        "non-renewal rescinded",
        "policy issued/restored",
        "premium refund",
        "premium refunded",
        "rate problem resolved",
        "stat pen pd-up to 45 dys late",  # a statutory penalty was paid
    }
)
"""Outcomes by which money or a correction followed, whether or not the complaint was confirmed."""

_NO_OUTCOME = "The register states no outcome."
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class RegisterRefused(ValueError):
    """The file as a whole is no register; the message says why and what is expected."""


@dataclass(frozen=True)
class Row:
    """One complaint to play. `number` counts the data rows from 1; the register names nobody, so the row does."""

    number: int
    reference: str
    complaint: dict[str, Any]
    """What opens the complaint, but for `received_at` and `sent_on`: the day of the play is not the register's."""
    days: int
    """Civil days from receipt to answer."""
    decision: Decision
    reasons: str


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be played, and why; the reason repeats no cell."""

    number: int
    reason: str


class _Unplayable(ValueError):
    """Why a row is none; `args[0]` is the reason."""


def read_register(path: Path, rows: int | None = None) -> Iterator[Row | BadRow]:
    """Read the register at `path`, its first `rows` data rows or all.

    UTF-8 with or without a byte order mark, UTF-16 with one, else Windows-1252. Blank lines are no rows.

    Raises:
        RegisterRefused: at once, before the first row: the file cannot be read, or its header lacks a column.

    """
    try:
        lines = csv.reader(StringIO(_decoded(path.read_bytes()), newline=""), strict=True)
        header = [cell.strip() for cell in next(lines, [])]
    except (OSError, csv.Error, UnicodeError) as error:
        raise RegisterRefused(f"{path}: it cannot be read as CSV: {error}") from None
    missing = [column for column in COLUMNS if header.count(column) != 1]
    if missing:
        raise RegisterRefused(
            f"{path}: the first line must name each of the columns once, separated by commas; "
            f"missing or repeated: {', '.join(missing)}"
        )
    return islice(_rows(lines, header), rows)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rows(lines: Iterator[list[str]], header: list[str]) -> Iterator[Row | BadRow]:
    references = _References()
    number = 0
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield BadRow(number, f"it cannot be read as CSV: {error}")
            continue
        if not cells:
            continue
        number += 1
        try:
            if len(cells) != len(header):
                raise _Unplayable(f"{len(header)} columns expected, {len(cells)} found")
            yield _row(number, dict(zip(header, (cell.strip() for cell in cells), strict=True)), references)
        except _Unplayable as why:
            yield BadRow(number, why.args[0])


class _References:
    """One reference for each row: of two rows with one number (two respondents), the second is `number-2`."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def for_number(self, number: str) -> str:
        reference, occurrence = number, 1
        while reference in self._given:
            occurrence += 1
            reference = f"{number}-{occurrence}"
        self._given.add(reference)
        return reference


def _row(number: int, cells: Mapping[str, str], references: _References) -> Row:
    if not _NUMBER.fullmatch(cells[NUMBER]):
        raise _Unplayable(f"{NUMBER}: expected up to 64 letters, digits, points and hyphens")
    # Given out before the rest is looked at: what becomes of one row changes no other row's reference.
    reference = references.for_number(cells[NUMBER])
    received_on, closed_on = _date(cells, RECEIVED), _date(cells, CLOSED)
    if closed_on < received_on:
        raise _Unplayable(f"{CLOSED}: it lies before {RECEIVED}")
    if not cells[REASON]:
        raise _Unplayable(f"{REASON}: empty, and it is the summary of the complaint")
    return Row(
        number=number,
        reference=reference,
        complaint=_complaint(cells, reference),
        days=(closed_on - received_on).days,
        decision=_decision(cells),
        reasons=cells[RESOLVED] or _NO_OUTCOME,
    )


def _date(cells: Mapping[str, str], column: str) -> date:
    found = _DATE.fullmatch(cells[column])
    try:
        if found:
            month, day, year = map(int, found.groups())
            return date(year, month, day)
    except ValueError:
        pass
    raise _Unplayable(f"{column}: no date; expected month/day/year, such as 12/31/2021")


def _complaint(cells: Mapping[str, str], reference: str) -> dict[str, Any]:
    by = cells[BY].casefold()
    product = "/".join(filter(None, (slug(cells[COVERAGE]), slug(cells[COVERAGE_LEVEL]))))
    return {
        "channel": Channel.EMAIL.value,
        "received_by": Party.BROKER.value,
        "source": "lawyer" if by == _BY_A_LAWYER else "customer",
        "complainant": {
            "name": f"Complainant {cells[NUMBER]}",
            "kind": _KINDS.get(by, ComplainantKind.OTHER).value,
            "email": f"complainant-{reference}@example.org",
            "consumer": cells[COMPLAINANT].upper() != _AN_ORGANISATION,
        },
        "insurer": slug(cells[AGAINST]).rstrip("-") or None,  # a long name may have been cut off at a hyphen
        "product": product or None,
        "summary": cells[REASON],
    }


def _decision(cells: Mapping[str, str]) -> Decision:
    if cells[CONFIRMED].casefold() == "yes":
        return Decision.UPHELD
    outcomes = {outcome.strip().casefold() for outcome in cells[RESOLVED].split(";")}
    return Decision.PARTLY_UPHELD if outcomes & _GAVE_WAY else Decision.REJECTED
