"""The first page: who complains of what, where it stands, and whence all this is known."""

from collections.abc import Iterator

from starter.evidence.parts import Cell, Facts, Line, Section, Style, cell, line
from starter.evidence.readme import source
from starter.evidence.record import Evidence
from starter.render.days import instant, long_day
from starter.render.facts import contact, parties, received
from starter.render.words import Words
from workflows.procedure.intake import Complainant, Representative


def opening(evidence: Evidence, words: Words) -> list[Section]:
    """Give what stands before the deadlines."""
    return [
        Section(
            words.choose("Le dossier", "The file"),
            body=Facts([(label, told) for label, told in _standing(evidence, words) if told]),
        ),
        Section(
            words.choose("La réclamation", "The complaint"),
            body=Facts([(label, told) for label, told in _complaint(evidence, words) if told]),
        ),
        Section(words.choose("À propos de ce document", "About this document"), [line(_about(evidence, words))]),
    ]


def _standing(evidence: Evidence, words: Words) -> Iterator[tuple[str, Cell]]:
    view = evidence.view
    level = f"{view['level']} – {words('level', view['level'])}"
    stage = words("stage", view["stage"])
    if view["closed_by"]:
        stage += f" ({words('closed_by', view['closed_by'])})"
    late = line(words.choose("EN RETARD", "OVERDUE"), Style.ALERT) if view["overdue"] else None
    yield words.choose("Référence", "Reference"), cell(line(view["reference"], Style.STRONG))
    yield words.choose("Niveau", "Level"), cell(level, line(view["level_reason"], Style.MUTED))
    yield words.choose("État", "Stage"), cell(f"{stage}, {words.choose('tour', 'round')} {view['round']}", late)
    yield words.choose("Traitée par", "Handled by"), cell(parties(view, words))
    yield words.choose("Interlocuteur", "Contact"), cell(contact(view, words))


def _complaint(evidence: Evidence, words: Words) -> Iterator[tuple[str, Cell]]:
    case, first = evidence.dossier.case, evidence.dossier.case.complaint
    arrived = words.choose("par {}, reçue par {} ; provenance : {}", "by {}, received by {}; source: {}").format(
        words("channel", first.channel),
        words("party", first.received_by),
        ", ".join(words("source", each) for each in case.sources),
    )
    yield words.choose("Reçue", "Received"), cell(received(evidence.view, words), arrived)
    yield words.choose("Réclamant", "Complainant"), _person(case.complainant, first.complainant, words)
    yield words.choose("Représentant", "Representative"), _agent(case.representative, first.representative, words)
    yield words.choose("Contrat", "Policy"), _changed(case.policy_number, first.policy_number, words)
    yield words.choose("Produit", "Product"), cell(first.product)
    yield words.choose("Assureur", "Insurer"), _changed(case.insurer, first.insurer, words)
    if first.previous_response_on:
        before = long_day(first.previous_response_on, words)
        yield (
            words.choose("Première réponse", "First answer"),
            cell(words.choose("donnée le {}, avant ce dossier", "given on {}, before this file").format(before)),
        )
    yield words.choose("Objet", "About"), cell(first.summary)
    yield words.choose("Démarches faites", "Steps taken"), _changed(case.steps_taken, first.steps_taken, words)


def _person(now: Complainant, first: Complainant, words: Words) -> Cell:
    told = cell(line(now.name or words.choose("anonyme", "anonymous"), Style.STRONG), *_particulars(now, words))
    if now == first:
        return told
    before = ", ".join([first.name or words.choose("anonyme", "anonymous"), *_particulars(first, words)])
    return (*told, *cell(_at_the_opening(before, words)))


def _particulars(person: Complainant, words: Words) -> list[str]:
    consumer = words.choose("consommateur", "consumer") if person.consumer else ""
    quality = [words("complainant_kind", person.kind), consumer, _written_to(person, words)]
    return [
        each for each in (", ".join(filter(None, quality)), person.email, person.phone, person.postal_address) if each
    ]


def _agent(now: Representative | None, first: Representative | None, words: Words) -> Cell:
    if now is None:
        return ()
    mandate = (
        words.choose("avec mandat", "with a mandate") if now.mandate else words.choose("sans mandat", "no mandate")
    )
    theirs = words.choose("référence : ", "reference: ") + now.reference if now.reference else None
    told = cell(line(now.name, Style.STRONG), now.organisation, mandate, now.email, now.postal_address, theirs)
    if first == now:
        return told
    before = first.name if first else words.choose("aucun", "none")
    return (*told, *cell(_at_the_opening(before, words)))


def _written_to(person: Complainant, words: Words) -> str:
    return words.choose("courriers en {}", "letters in {}").format(words("language", person.language))


def _changed(now: str | None, first: str | None, words: Words) -> Cell:
    if now == first or not now:
        return cell(now)
    return cell(now, _at_the_opening(first or words.choose("non indiqué", "not given"), words))


def _at_the_opening(before: str, words: Words) -> Line:
    return line(words.choose("(à l'ouverture : {})", "(when it was opened: {})").format(before), Style.MUTED)


def _about(evidence: Evidence, words: Words) -> str:
    said = words.choose(
        "Établi d'après {}, en l'état du {} (ligne {} du journal). Toutes les heures sont celles de Paris. Les dates "
        "des échéances sont recalculées à partir du seul journal. Les courriers tels qu'ils sont partis, le journal "
        "entier et les empreintes sont dans la même archive que ce document ; LISEZMOI.txt dit comment les vérifier.",
        "Drawn up from {}, as of {} (line {} of the journal). All times are those of Paris. The dates of the deadlines "
        "are worked out from the journal alone. The letters as they left, the whole journal and the hashes are in the "
        "same archive as this document; README.txt says how to verify them. What "
        "was recorded in the journal is in the language of those who recorded it.",
    )
    return said.format(source(evidence, words), instant(evidence.export.as_of, words), evidence.export.revision)
