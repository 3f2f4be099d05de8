"""The letters to the customer: what each is, how it left, what proves it, and what the carrier reported."""

from collections.abc import Iterator, Sequence, Set

from activities.register.kept import KeptAttempt, KeptLetter
from activities.register.tables import AttemptState
from starter.evidence.papers import Paper
from starter.evidence.parts import Cell, Line, Section, Style, Table, cell, line
from starter.evidence.record import Evidence
from starter.render.days import day, instant
from starter.render.words import Words
from workflows.procedure.vocabulary import EntryStatus

_WENT_WRONG = frozenset({"failed", "deferred", "doubtful", "lost", "bounced", "blocked", "returned"})
_DID_NOT_LEAVE = (AttemptState.NOT_TAKEN, AttemptState.REFUSED)


def correspondence(evidence: Evidence, papers: Sequence[Paper], words: Words) -> list[Section]:
    """Give the letters in the dossier's order, then what it does not know yet, then the carrier's reports."""
    title = words.choose("Courriers au client", "Letters to the customer")
    if not evidence.letters:
        return [Section(title, [line(words.choose("Aucun courrier.", "No letter."))])]
    headings = words.choose("Courrier|Envoi|Preuves", "Letter|Sending|Proofs").split("|")
    voided = {entry.id for entry in evidence.dossier.journal if entry.status is EntryStatus.VOIDED}
    rows = [
        (
            _what(place, letter, voided, words),
            _sending(letter, words),
            cell(*_proofs(letter, [paper for paper in papers if paper.letter_id == letter.record.id], words)),
        )
        for place, letter in enumerate(evidence.letters, 1)
    ]
    intro = words.choose(
        "L'empreinte SHA-256 est celle que le registre a notée avant de confier le courrier au transporteur ; c'est "
        "celle du fichier nommé à côté, dans l'archive.",
        "The SHA-256 hash is the one the register wrote down before it handed the letter to the carrier; it is that of "
        "the file named beside it, in the archive.",
    )
    sections = [Section(title, [line(intro)], Table(headings, (2.4, 2.4, 5.2), rows))]
    return [*sections, *_under_way(evidence, papers, words), *_reports(evidence, words)]


def _what(place: int, letter: KeptLetter, voided: Set[str], words: Words) -> Cell:
    record = letter.record
    name = " + ".join(words("letter", kind) for kind in record.sections)
    serves = ", ".join(words("clock", clock) for clock in record.serves)
    return cell(
        line(f"{place}. {name}", Style.STRONG),
        words.choose("en {}, tour {}", "in {}, round {}").format(words("language", record.language), record.round),
        words.choose("échéance : ", "deadline: ") + serves if serves else None,
        words.choose("annonce le ", "announces ") + day(record.announces, words) if record.announces else None,
        _rests_on_what_was_voided(voided & set(record.causes), words),
    )


def _rests_on_what_was_voided(causes: Set[str], words: Words) -> Line | None:
    if not causes:
        return None
    said = words.choose("écrit pour un événement annulé ensuite ({})", "for an event that was voided later ({})")
    return line(said.format(", ".join(sorted(causes))), Style.ALERT)


def _sending(letter: KeptLetter, words: Words) -> Cell:
    record = letter.record
    style = Style.ALERT if record.status in _WENT_WRONG else Style.STRONG
    sent = words.choose("partie le ", "left on ") + instant(record.sent_at, words) if record.sent_at else None
    prepared = words.choose("préparée le ", "prepared on ") + instant(record.prepared_at, words)
    return cell(
        line(words("letter_status", record.status), style), words("channel", record.channel), sent or prepared,
        record.problem,
    )  # fmt: skip


def _proofs(letter: KeptLetter, papers: Sequence[Paper], words: Words) -> Iterator[Line | str]:
    record = letter.record
    if record.template:
        yield words.choose("modèle ", "template ") + record.template
    for attempt in letter.attempts:
        yield _attempt(attempt, words)
        if attempt.state not in _DID_NOT_LEAVE:
            yield line(attempt.sha256, Style.CODE)
    for paper in papers:
        yield from _enclosed(paper, words)
    if record.sha256 and any(paper.attempt.sha256 != record.sha256 for paper in papers):
        yield line(words.choose("L'EMPREINTE AU JOURNAL DIFFÈRE", "THE HASH IN THE JOURNAL DIFFERS"), Style.ALERT)
    if not papers and not record.status.never_left:
        yield line(
            words.choose("CONTENU MANQUANT : absent du registre", "CONTENT MISSING: not in the register"), Style.ALERT
        )
        if record.sha256 and not letter.attempts:
            yield line(record.sha256, Style.CODE)


def _attempt(attempt: KeptAttempt, words: Words) -> str:
    said = words.choose("essai {} par {}, le {} : {}", "attempt {} by {}, on {}: {}").format(
        attempt.number, attempt.carrier, instant(attempt.started_at, words), words("attempt_state", attempt.state)
    )
    if attempt.detail:
        said += f" ({attempt.detail})"
    return said + (words.choose(", identifiant ", ", id ") + attempt.provider_id if attempt.provider_id else "")


def _enclosed(paper: Paper, words: Words) -> Iterator[Line]:
    yield line(words.choose("pièce ", "file ") + paper.name, Style.CODE)
    if paper.pdf_name:
        yield line(words.choose("et son PDF ", "and its PDF ") + paper.pdf_name, Style.CODE)
    if paper.altered:
        yield line(
            words.choose("LE CONTENU NE RÉPOND PLUS À SON EMPREINTE", "THE CONTENT NO LONGER MATCHES ITS HASH"),
            Style.ALERT,
        )


def _under_way(evidence: Evidence, papers: Sequence[Paper], words: Words) -> Iterator[Section]:
    names = {(paper.letter_id, paper.attempt.number): paper for paper in papers}
    rows = [
        (
            cell(letter_id),
            cell(_attempt(attempt, words)),
            cell(
                line(attempt.sha256, Style.CODE),
                *(_enclosed(names[letter_id, attempt.number], words) if (letter_id, attempt.number) in names else ()),
            ),
        )
        for letter_id, attempt in evidence.letters_under_way()
    ]
    if rows:
        title = words.choose("Envois que le journal ne connaît pas encore", "Attempts the journal does not know yet")
        headings = words.choose("Courrier|Essai|Preuves", "Letter|Attempt|Proofs").split("|")
        yield Section(title, body=Table(headings, (2.4, 2.4, 5.2), rows), depth=2)


def _reports(evidence: Evidence, words: Words) -> Iterator[Section]:
    places = {letter.record.id: place for place, letter in enumerate(evidence.letters, 1)}
    rows = [
        (
            cell(f"{places[event.letter_id]}" if event.letter_id in places else event.letter_id),
            cell(instant(event.happened_at, words)),
            cell(line(words("letter_status", event.event), Style.STRONG), event.detail),
            cell(line(event.event_id, Style.CODE)),
        )
        for event in evidence.events
    ]
    if rows:
        title = words.choose("Ce que le transporteur a rapporté", "What the carrier reported")
        headings = words.choose("Courrier n°|Quand|Avis|Identifiant", "Letter no.|When|Report|Id").split("|")
        yield Section(title, body=Table(headings, (1, 2.2, 4, 2.8), rows), depth=2)
