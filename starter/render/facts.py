"""The facts of a complaint that take a sentence rather than a word: Parties, contact, receipt."""

from collections.abc import Mapping
from typing import Any

from starter.render.days import day, instant
from starter.render.words import Words

View = Mapping[str, Any]


def parties(dossier: View, words: Words) -> str:
    """Say which Party handles it, which helps, and what insurer."""
    said = words("party", dossier["handling_party"])
    if dossier["supporting_party"]:
        helper = words("party", dossier["supporting_party"])
        said += words.choose(f", avec l'aide de l'autre Partie ({helper})", f", helped by {helper}")
    return f"{said} · {dossier['insurer']}" if dossier["insurer"] else said


def contact(dossier: View, words: Words) -> str:
    """Name the person in charge, and how to reach them."""
    person = dossier["contact"]
    if not person:
        return words.choose("personne n'est en charge", "nobody is in charge")
    return f"{person['name']} ({person['id']}), {person['phone']}, {person['email']}"


def received(dossier: View, words: Words) -> str:
    """Say when it came in, and when it had been sent in writing."""
    came_in = instant(dossier["received_at"], words)
    if not dossier["sent_on"]:
        return came_in + words.choose(", pas encore par écrit", ", not yet in writing")
    sent = words.choose(", envoyée le ", ", sent on ") + day(dossier["sent_on"], words)
    if dossier["sent_on_assumed"]:
        sent += words.choose(" (date supposée : celle de la réception)", " (assumed: the day of receipt)")
    return came_in + sent
