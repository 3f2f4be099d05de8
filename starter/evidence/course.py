"""What was answered, asked of the other Party, brought before the mediator or a court."""

from activities.notify.wording import money
from starter.evidence.chronology import particulars
from starter.evidence.parts import Cell, Line, Section, Style, Table, cell, line
from starter.evidence.record import Evidence
from starter.render.days import day, instant
from starter.render.words import Words
from workflows.procedure.dossier import SYSTEM
from workflows.procedure.records import Answer, Entry, HelpRequest
from workflows.procedure.vocabulary import EntryStatus

_BEFORE_OTHERS = {
    "mediator_seized": "mediation", "mediation_ended": "mediation",
    "summons_served": "court", "litigation_ended": "court",
}  # fmt: skip


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


def handled(evidence: Evidence, words: Words) -> list[Section]:
    """Give who led and who helped, since when, and what made it so; nothing while it never changed."""
    spans = evidence.dossier.case.handling
    if len(spans) < 2:
        return []
    headings = words.choose(
        "Depuis|Niveau|Traitée par|Aidé par|À la suite de", "Since|Level|Handled by|Helped by|After"
    )
    rows = [
        (
            cell(instant(each.since, words)),
            cell(each.level),
            cell(line(words("party", each.handled_by), Style.STRONG)),
            cell(words("party", each.helped_by) if each.helped_by else words.nobody),
            cell(words("event", each.because), line(each.entry, Style.MUTED)),
        )
        for each in spans
    ]
    title = words.choose("Qui a traité la réclamation", "Who handled the complaint")
    return [Section(title, body=Table(headings.split("|"), (2.6, 1, 2, 2, 2.4), rows))]


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
            *particulars(entry, words),
            words.choose("avis favorable à : ", "opinion in favour of: ") + _favoured(favours, words)
            if favours
            else None,
            _accepted(accepted, words),
            words.choose("audience le ", "hearing on ") + day(hearing, words) if hearing else None,
        ),
    )


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
