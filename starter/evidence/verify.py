"""Verifies an archive: every hash, the letters against the journal, and the whole worked out again and compared."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starter.evidence.archive import DOSSIER, EVENTS, PAGES, PROCEDURES, README, SUMS, files_of
from starter.evidence.gather import release
from starter.evidence.papers import missing, papers
from starter.evidence.received import altered, named
from starter.evidence.record import Evidence, read_back
from starter.render.words import Words

_SUM = re.compile(r"([0-9a-f]{64}) [ *](.+)")


class NoArchive(ValueError):
    """The file is no ZIP."""


class Fault(StrEnum):
    """What can be wrong with a file of an archive."""

    DAMAGED = "damaged"  # it cannot be unpacked
    TWICE = "twice"  # two files bear this name
    UNLISTED = "unlisted"  # SHA256SUMS does not name it
    ABSENT = "absent"  # SHA256SUMS names it, or the archive should have it, and it is not there
    CHANGED = "changed"  # its hash is not the one in SHA256SUMS
    UNREADABLE = "unreadable"  # what it holds is not what it should be, so that nothing can be worked out from it
    ALTERED = "altered"  # a letter whose hash is not the one that was written down when it left
    NOT_AS_RECEIVED = "not_as_received"  # an attachment whose hash is not the one that was written down when it came
    OTHER_IN_JOURNAL = "other_in_journal"  # a letter whose hash is not the one in the journal
    DIFFERS = "differs"  # worked out again, it comes out otherwise


@dataclass(frozen=True, order=True)
class Finding:
    """A fault, and where: a file, and in `dossier.json` the place in it."""

    file: str
    fault: Fault
    place: str = ""


@dataclass(frozen=True)
class Verified:
    """What was found. `pages_compared`: whether this release is the one that set the pages, so that they could be."""

    findings: tuple[Finding, ...]
    files: int
    letters: int
    missing: int
    """Letters of which the archive never had the bytes."""
    pages_compared: bool


def verify(content: bytes) -> Verified:
    """Verify an archive. Raises NoArchive."""
    files, findings = _unpacked(content)
    findings |= set(_sums_checked(files))
    try:
        evidence = _evidence(files)
        enclosed, again, without = papers(evidence), files_of(evidence), missing(evidence)
    except Exception:  # what was tampered with may fail anywhere
        wrong = next((name for name in (*EVENTS.values(), PROCEDURES) if name in files), PROCEDURES)
        findings.add(Finding(wrong, Fault.UNREADABLE))
        return Verified(tuple(sorted(findings)), len(files), 0, 0, pages_compared=False)
    compared = evidence.export.release == release()
    findings |= {*_letters_checked(evidence), *_mails_checked(evidence), *_compared(files, again, pages=compared)}
    return Verified(tuple(sorted(findings)), len(files), len(enclosed), len(without), compared)


def _unpacked(content: bytes) -> tuple[dict[str, bytes], set[Finding]]:
    files: dict[str, bytes] = {}
    findings = set()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise NoArchive from None
    with archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            if entry.filename in files:
                findings.add(Finding(entry.filename, Fault.TWICE))
            try:
                files[entry.filename] = archive.read(entry)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
                files[entry.filename] = b""
                findings.add(Finding(entry.filename, Fault.DAMAGED))
    return files, findings


def _sums_checked(files: Mapping[str, bytes]) -> Iterator[Finding]:
    if SUMS not in files:
        yield Finding(SUMS, Fault.ABSENT)
        return
    matches = (_SUM.fullmatch(line) for line in files[SUMS].decode("utf-8", "replace").splitlines())
    listed = {match[2]: match[1] for match in matches if match}
    for name in sorted(set(files) - set(listed) - {SUMS}):
        yield Finding(name, Fault.UNLISTED)
    for name, digest in listed.items():
        if name not in files:
            yield Finding(name, Fault.ABSENT)
        elif hashlib.sha256(files[name]).hexdigest() != digest:
            yield Finding(name, Fault.CHANGED)


def _evidence(files: Mapping[str, bytes]) -> Evidence:
    events = next(files[name] for name in EVENTS.values() if name in files)
    return read_back(events, files[PROCEDURES], files)


def _letters_checked(evidence: Evidence) -> Iterator[Finding]:
    in_journal = {
        (letter.record.id, letter.record.attempt): letter.record.sha256
        for letter in evidence.letters
        if letter.record.sha256
    }
    for paper in papers(evidence):
        if paper.altered:
            yield Finding(paper.name, Fault.ALTERED)
        told = in_journal.get((paper.letter_id, paper.attempt.number))
        if told and told != hashlib.sha256(paper.content).hexdigest():
            yield Finding(paper.name, Fault.OTHER_IN_JOURNAL)


def _mails_checked(evidence: Evidence) -> Iterator[Finding]:
    words = Words(evidence.export.language)
    for mail, names in named(evidence.mails, words):
        for name in altered(mail, names):
            yield Finding(name, Fault.NOT_AS_RECEIVED)


def _compared(files: Mapping[str, bytes], again: Mapping[str, bytes], *, pages: bool) -> Iterator[Finding]:
    """Compare with what the archive would be, made anew of its events, procedures and letters."""
    # The hashes were checked; those of what this release does not make alike cannot be compared.
    left_out = {SUMS} if pages else {SUMS, PAGES, *README.values()}
    for name in sorted(set(again) - set(files)):
        yield Finding(name, Fault.ABSENT)
    for name in sorted(set(files) - set(again)):
        yield Finding(name, Fault.UNLISTED)
    for name in sorted(set(files) & set(again) - left_out):
        if files[name] == again[name]:
            continue
        yield from (Finding(name, Fault.DIFFERS, place) for place in _places(name, files[name], again[name]))


def _places(name: str, there: bytes, here: bytes) -> Iterator[str]:
    """Say where `dossier.json` comes out otherwise; never with its values."""
    if name != DOSSIER:
        yield ""
        return
    try:
        found = list(_different(json.loads(there), json.loads(here), ""))
    except ValueError:
        found = []
    yield from found or [""]


def _different(there: Any, here: Any, place: str) -> Iterator[str]:
    match there, here:
        case dict(), dict() if set(there) == set(here):
            for name in there:
                yield from _different(there[name], here[name], f"{place}.{name}" if place else name)
        case list(), list() if len(there) == len(here):
            for number, pair in enumerate(zip(there, here, strict=True)):
                yield from _different(*pair, f"{place}[{number}]")
        case _ if there != here:
            yield place
