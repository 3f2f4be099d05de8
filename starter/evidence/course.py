"""What was answered, asked of the other Party, brought before the mediator or a court; and the whole chronology."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from activities.notify.wording import money
from starter.evidence.parts import Cell, Line, Section, Style, Table, cell, line
from starter.evidence.record import Evidence
from starter.render.days import day, instant
from starter.render.story import details
from starter.render.words import Words
from workflows.procedure.dossier import SYSTEM
from workflows.procedure.records import Answer, Entry, HelpRequest
from workflows.procedure.vocabulary import EntryStatus

_BEFORE_OTHERS = {
    "mediator_seized": "mediation", "mediation_ended": "mediation",
    "summons_served": "court", "litigation_ended": "court",
}  # fmt: skip
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


def answers(evidence: Evidence, words: Words) -> list[Section]:
    """Give the answers with their reasons and offers."""
    title = words.choose("Réponses données au client", "Answers given to the customer")
    given = evidence.dossier.case.answers
    if not given:
        return [Section(title, [line(words.choose("Aucune réponse n'a été donnée.", "No answer was given."))])]
    headings = words.choose("Réponse|Motifs|Proposition", "Answer|Reasons|Offer").split("|")
    rows = [
        (_answer(number, answer, evidence, words), cell(answer.reasons), _offer(answer, words))
        for number, answer in enumerate(given, 1)
    ]
    return [Section(title, body=Table(headings, (2.6, 5, 2.4), rows))]


def _answer(number: int, answer: Answer, evidence: Evidence, words: Words) -> Cell:
    entry = next((each for each in evidence.carried.journal if each.id == answer.event_id), None)
    letters = [n for n, letter in enumerate(evidence.letters, 1) if answer.event_id in letter.record.causes]
    by = entry.by if entry else None
    return cell(
        line(f"{number}. {words('decision', answer.decision)}", Style.STRONG),
        instant(answer.at, words),
        f"{words.choose('tour', 'round')} {answer.round}",
        words.choose("par ", "by ") + by if by else None,
        words.choose("courrier n° {}", "letter no. {}").format(", ".join(map(str, letters))) if letters else None,
        _sent_by_staff(entry, words) if entry and answer.sent_by != SYSTEM else None,
    )


def _sent_by_staff(entry: Entry, words: Words) -> Line:
    """Say that the letter did not leave from here, so that it is not among the files."""
    on, channel = entry.data.get("sent_on"), entry.data.get("channel")
    said = words.choose("envoyée par le cabinet lui-même", "sent by staff themselves")
    said += f" ({words('channel', channel)})" if channel else ""
    said += words.choose(" le {}", " on {}").format(day(on, words)) if on else ""
    return line(said + words.choose(", hors de l'archive", ", not in the archive"), Style.MUTED)


def _offer(answer: Answer, words: Words) -> Cell:
    if answer.offer is None:
        return cell(line(words.nobody, Style.MUTED))
    amount = money(answer.offer.amount, answer.offer.currency, words.language)
    return cell(line(amount, Style.STRONG), answer.offer.terms)


def requests(evidence: Evidence, words: Words) -> list[Section]:
    """Give what was asked of the other Party, and what it answered."""
    asked = evidence.dossier.case.requests
    if not asked:
        return []
    headings = words.choose("Demande|Objet|Réponse", "Request|About|Answer").split("|")
    rows = [(_request(each, words), cell(each.about), _its_answer(each, words)) for each in asked]
    title = words.choose("Demandes d'aide à l'autre Partie", "Help asked of the other Party")
    return [Section(title, body=Table(headings, (2.6, 3.7, 3.7), rows))]


def _request(request: HelpRequest, words: Words) -> Cell:
    return cell(
        line(f"{request.number}. {words('party', request.party)}", Style.STRONG),
        words.choose("demandée le ", "asked on ") + instant(request.asked_at, words),
        words.choose("réponse attendue le ", "answer expected by ") + day(request.due_on, words),
    )


def _its_answer(request: HelpRequest, words: Words) -> Cell:
    answered = instant(request.answered_at, words) if request.answered_at else None
    documents = words.choose("pièces : ", "documents: ") + ", ".join(request.documents) if request.documents else None
    return cell(line(words("request_status", request.status), Style.STRONG), answered, request.answer, documents)


def before_others(evidence: Evidence, words: Words) -> list[Section]:
    """Give what happened before the mediator and before a court, as it stands in the journal."""
    titles = {
        "mediation": words.choose("Médiation", "Mediation"),
        "court": words.choose("Instance judiciaire", "Court proceedings"),
    }
    headings = words.choose("Survenu|Fait|Précisions", "When|What|Particulars").split("|")
    sections = []
    for where, title in titles.items():
        entries = [entry for entry in evidence.dossier.journal if _before(entry) == where]
        if entries:
            rows = [_step(entry, words) for entry in entries]
            sections.append(Section(title, body=Table(headings, (2.6, 3, 4.4), rows)))
    return sections


def _before(entry: Entry) -> str | None:
    if entry.status is not EntryStatus.ACCEPTED:
        return None
    if entry.type == "reply_filed":
        return "mediation" if entry.data.get("to") == "mediator" else "court"
    return _BEFORE_OTHERS.get(entry.type)


def _step(entry: Entry, words: Words) -> tuple[Cell, Cell, Cell]:
    data = entry.data
    favours, accepted, hearing = data.get("opinion_favours"), data.get("accepted"), data.get("hearing_on")
    return (
        cell(instant(entry.at, words)),
        cell(line(words("event", entry.type), Style.STRONG)),
        cell(
            *_details(entry, words),
            words.choose("avis favorable à : ", "opinion in favour of: ") + _favoured(favours, words)
            if favours
            else None,
            _accepted(accepted, words),
            words.choose("audience le ", "hearing on ") + day(hearing, words) if hearing else None,
        ),
    )


def _details(entry: Entry, words: Words) -> Iterator[Line]:
    for field, said in details(entry.type, entry.data, words):
        label = words.choose(*_LABELS.get(field, ("", "")))
        yield line(f"{label}{words.choose(' : ', ': ')}{said}" if label else said)


def _favoured(who: str, words: Words) -> str:
    if who in ("broker", "insurer"):
        return words("party", who)
    return words("field", who)


def _accepted(accepted: bool | None, words: Words) -> str | None:
    if accepted is None:
        return None
    if accepted:
        return words.choose("avis accepté", "opinion accepted")
    return words.choose("avis non accepté", "opinion not accepted")


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
        yield from _details(entry, words)
        if place := places.get(str(entry.data.get("id") or entry.data.get("letter_id"))):
            yield line(words.choose("courrier n° {}", "letter no. {}").format(place), Style.MUTED)
