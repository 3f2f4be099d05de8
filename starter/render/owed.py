"""What a complaint owes next, for people: what, to whom, by when and why."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from starter.render.days import counted, day, instant
from starter.render.words import Words
from workflows.procedure.calendar import end_of_day

View = Mapping[str, Any]

_TO = {
    "partner_help": ("à nous, de l'autre Partie", "to us, from the other Party"),
    "mediator_reply": ("au médiateur", "to the mediator"),
    "court_appearance": ("au tribunal", "to the court"),
}
_ITS_LETTER = ("automatique, le {}", "by itself, on {}")
_DEPARTURES = {
    "promised_date": ("sinon lettre de suivi, le {}", "else a progress letter, on {}"),
    "final_answer": ("sinon lettre des deux mois, le {}", "else the two-months letter, on {}"),
}
_TO_THE_CUSTOMER = ("au client", "to the customer")


class Item(NamedTuple):
    """One thing owed: what, to whom, by when, what happens by itself, and why."""

    late: bool
    what: str
    to_whom: str
    by_when: str
    by_itself: str
    why: str


def owed_next(dossier: View, words: Words) -> list[Item]:
    """List what is owed, what was missed first, then by the instant it is waited for."""
    owing = [clock for clock in dossier["clocks"] if _owes(clock)]
    owing.sort(key=lambda clock: (clock["state"] == "running", _waited_for(clock), clock["clock"]))
    return [_item(clock, words) for clock in owing]


def _owes(clock: View) -> bool:
    if clock["clock"] == "mediation_window":
        return False  # the customer's right, no duty of ours
    missed = clock["state"] == "breached" and not (clock.get("settled_at") or clock.get("moot"))
    return missed or clock["state"] == "running"


def _waited_for(clock: View) -> datetime:
    """The instant the complaint waits for; for what is late, its last day."""
    if "next_at" in clock:
        return datetime.fromisoformat(clock["next_at"])
    return end_of_day(date.fromisoformat(clock["due_on"]))


def _item(clock: View, words: Words) -> Item:
    name = clock["clock"]
    return Item(
        late=clock["state"] == "breached",
        what=words("clock", name),
        to_whom=words.choose(*_TO.get(name, _TO_THE_CUSTOMER)),
        by_when=day(clock["due_on"], words),
        by_itself=_by_itself(clock, words),
        why=f"{words('basis', name)}{words.choose(' : ', ': ')}{counted(clock, words)}",
    )


def _by_itself(clock: View, words: Words) -> str:
    name = clock["clock"]
    if name == "resolution_letter":
        return words.choose("sur response_given, par une personne", "on response_given, by a person")
    if clock.get("next_is") == "letter":
        return words.choose(*_DEPARTURES.get(name, _ITS_LETTER)).format(instant(clock["next_at"], words))
    if clock.get("next_is") == "warning":
        return words.choose("rien d'automatique", "nothing leaves by itself")
    return ""
