"""The words of the morning's digest, in French and in English."""

from collections.abc import Iterable

from activities.morning.matters import Section
from workflows.procedure.vocabulary import Language

_TITLES: dict[Section, tuple[str, str]] = {
    Section.BREACHED: ("Échéances manquées", "Deadlines missed"),
    Section.TODAY: ("À faire aujourd'hui", "To do today"),
    Section.NEXT_DAY: ("Dernier jour : le prochain jour ouvré", "Last day: the next business day"),
    Section.SOON: ("Dans trois jours ouvrés au plus", "Within three business days"),
    Section.BOUNCED: ("Courriers revenus", "Letters that came back"),
    Section.TO_POST: ("À poster", "To post"),
    Section.SILENT: ("L'autre Partie n'a pas répondu", "The other Party has not answered"),
    Section.NOBODY: ("Personne n'est en charge", "Nobody is in charge"),
    Section.ATTENTION: ("À reprendre", "To put right"),
    Section.OVERDUE: ("Toujours en retard", "Still overdue"),
}
_HEADLINES: dict[Section, tuple[tuple[str, str], tuple[str, str]]] = {
    Section.BREACHED: (("1 manquée", "{} manquées"), ("1 missed", "{} missed")),
    Section.TODAY: (("1 à faire aujourd'hui", "{} à faire aujourd'hui"), ("1 to do today", "{} to do today")),
    Section.NEXT_DAY: (
        ("1 au prochain jour ouvré", "{} au prochain jour ouvré"),
        ("1 on the next business day", "{} on the next business day"),
    ),
    Section.SOON: (("1 sous trois jours", "{} sous trois jours"), ("1 within three days", "{} within three days")),
    Section.BOUNCED: (("1 courrier revenu", "{} courriers revenus"), ("1 letter came back", "{} letters came back")),
    Section.TO_POST: (("1 à poster", "{} à poster"), ("1 to post", "{} to post")),
    Section.SILENT: (
        ("1 sans réponse de l'autre Partie", "{} sans réponse de l'autre Partie"),
        ("1 unanswered by the other Party", "{} unanswered by the other Party"),
    ),
    Section.NOBODY: (
        ("1 sans personne en charge", "{} sans personne en charge"),
        ("1 with nobody in charge", "{} with nobody in charge"),
    ),
    Section.ATTENTION: (("1 à reprendre", "{} à reprendre"), ("1 to put right", "{} to put right")),
    Section.OVERDUE: (("1 en retard", "{} en retard"), ("1 overdue", "{} overdue")),
}
_IN_A_SUBJECT = 3

_SENTENCES: dict[str, tuple[str, str]] = {
    "subject": ("Réclamations du {day} : {headline}", "Complaints on {day}: {headline}"),
    "hello": ("Bonjour {name},", "Good morning {name},"),
    "hello_team": ("Bonjour à tous,", "Good morning everybody,"),
    "covers": (
        "Ce message comprend les réclamations de {names}, en absence.",
        "This message includes the complaints of {names}, who cannot be here.",
    ),
    "team": ("Dans l'équipe", "In the team"),
    "loads": ("Qui a quoi", "Who has what"),
    "level": ("niveau {}", "level {}"),
    "due": ("échéance {}", "due {}"),
    "more": ("et {} autres : {}", "and {} more: {}"),
    "look": (
        "Pour lire un dossier : complaints show RÉFÉRENCE. Ce message part une fois par jour ouvré ; sans rien à dire, "
        "il ne part pas.",
        "To read a complaint: complaints show REFERENCE. This message leaves once each business day; with nothing to "
        "say it does not leave.",
    ),
    "nobody": ("personne", "nobody"),
    "and": (" et ", " and "),
}


def say(language: Language, code: str, *values: object, **named: object) -> str:
    """Say the sentence `code`."""
    return _chosen(_SENTENCES[code], language).format(*values, **named)


def title(language: Language, section: Section) -> str:
    """Name a section."""
    return _chosen(_TITLES[section], language)


def headline(language: Language, counts: Iterable[tuple[Section, int]], most: int = _IN_A_SUBJECT) -> str:
    """Say in a line how much there is, most pressing first; at most so many sections are named."""
    said = [_counted(language, section, count) for section, count in counts if count]
    return ", ".join(said[:most])


def joined(language: Language, names: list[str]) -> str:
    """Join names in prose."""
    return say(language, "and").join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _counted(language: Language, section: Section, count: int) -> str:
    french, english = _HEADLINES[section]
    one, several = french if language is Language.FR else english
    return one if count == 1 else several.format(count)


def _chosen(words: tuple[str, str], language: Language) -> str:
    return words[0] if language is Language.FR else words[1]
