"""The chronology: every line of the journal in the reader's words, with who recorded it, and when."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from starter.evidence.parts import Cell, Line, Section, Style, Table, cell, line
from starter.evidence.record import Evidence
from starter.render.days import instant
from starter.render.story import details
from starter.render.words import Words
from workflows.procedure.dossier import SYSTEM
from workflows.procedure.records import Entry
from workflows.procedure.vocabulary import EntryStatus

_LABELS = {
    "addressed_to": ("adressée à", "addressed to"),
    "received_by": ("reçue par", "received by"),
    "received_on": ("reçue le", "received on"),
    "notified_on": ("notifiée le", "notified on"),
    "served_on": ("signifiée le", "served on"),
    "filed_on": ("déposée le", "filed on"),
    "expected_on": ("prévue le", "expected on"),
    "mediator_reference": ("référence du médiateur", "the mediator's reference"),
    "court": ("juridiction", "court"),
    "channel": ("voie", "channel"),
    "source": ("provenance", "source"),
    "decision": ("décision", "decision"),
    "reasons": ("motifs", "reasons"),
    "reason": ("raison", "reason"),
    "problem": ("raison", "reason"),
    "because": ("raison", "reason"),
    "mediation_outcome": ("issue", "outcome"),
    "outcome": ("issue", "outcome"),
    "event_id": ("événement annulé", "voided event"),
    "clock": ("échéance", "deadline"),
    "party": ("Partie", "Party"),
    "status": ("état", "status"),
    "fields": ("indiqué", "given"),
    "situation": ("situation", "situation"),
}
"""What stands before a detail; one that is not here speaks for itself."""
_STAFF_TOLD = "staff_told"
_GONE_WRONG = frozenset({"clock_breached", "letter_failed", "letter_doubtful", "contact_missing", "doubt_lasts"})
_RECORDED_LATER = timedelta(minutes=1)


def chronology(evidence: Evidence, words: Words) -> list[Section]:
    """Give every line of the journal, in the order in which it was recorded."""
    intro = words.choose(
        "Chaque ligne du journal, dans l'ordre où elle a été enregistrée ; rien n'en est jamais effacé. Ce qui a été "
        "refusé, annulé, reçu deux fois ou laissé en attente est marqué comme tel.",
        "Every line of the journal, in the order in which it was recorded; nothing is ever removed from it. What was "
        "refused, voided, received twice or left waiting is marked as such.",
    )
    headings = words.choose("N°|Survenu|Fait|Enregistré par", "No.|When|What|Recorded by").split("|")
    places = {letter.record.id: place for place, letter in enumerate(evidence.letters, 1)}
    rows = [_entry(number, entry, places, words) for number, entry in enumerate(evidence.dossier.journal, 1)]
    title = words.choose("Chronologie", "Chronology")
    return [Section(title, [line(intro)], Table(headings, (0.6, 2.6, 4.8, 2), rows))]


def _entry(number: int, entry: Entry, places: Mapping[str, int], words: Words) -> tuple[Cell, ...]:
    return (
        cell(line(str(number), Style.MUTED)),
        cell(instant(entry.at, words), *_recorded(entry, words)),
        cell(*_told(entry, places, words)),
        cell(
            words.choose("le système", "the system") if entry.by == SYSTEM else entry.by or words.nobody,
            line(entry.id, Style.CODE),
        ),
    )


def _recorded(entry: Entry, words: Words) -> Iterator[Line]:
    if entry.at_assumed:
        yield line(words.choose("(heure de l'enregistrement)", "(time of recording)"), Style.MUTED)
    if abs(entry.recorded_at - entry.at) >= _RECORDED_LATER:
        yield line(words.choose("enregistré le ", "recorded on ") + instant(entry.recorded_at, words), Style.MUTED)


def _told(entry: Entry, places: Mapping[str, int], words: Words) -> Iterator[Line]:
    accepted = entry.status is EntryStatus.ACCEPTED
    style = Style.ALERT if entry.type in _GONE_WRONG else Style.STRONG
    if entry.type == _STAFF_TOLD:
        style = Style.MUTED
    yield line(words("event", entry.type), style if accepted else Style.MUTED)
    if not accepted:
        yield line(words("entry_status", entry.status).upper(), Style.ALERT)
    if entry.reason:
        yield line(entry.reason)
    if entry.status not in (EntryStatus.REFUSED, EntryStatus.DUPLICATE):
        # What was sent and refused may be anything; the file of events has it.
        yield from particulars(entry, words)
        if place := places.get(str(entry.data.get("id") or entry.data.get("letter_id"))):
            yield line(words.choose("courrier n° {}", "letter no. {}").format(place), Style.MUTED)


def particulars(entry: Entry, words: Words) -> Iterator[Line]:
    """Give what an entry tells beside its name, each thing with a word before it where it needs one."""
    for field, said in details(entry.type, entry.data, words):
        label = words.choose(*_LABELS.get(field, ("", "")))
        yield line(f"{label}{words.choose(' : ', ': ')}{said}" if label else said)
