"""What a complaint owes next, and what a person should do about it, worked out from its dossier."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from starter.render.days import counted, day, instant
from starter.render.words import Words
from workflows.procedure.calendar import end_of_day

View = Mapping[str, Any]

_LEAVES_BY_ITSELF = frozenset({"acknowledgement", "holding_letter", "status_letter", "promised_date", "final_answer"})
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

_TO_DO: dict[str, tuple[str, str]] = {
    "letter_failed": (
        "Un courrier n'a pas pu partir : corrigez ce qui manque (details_given) ; il est alors retenté.",
        "A letter could not leave: put right what is missing (details_given); it is then tried again.",
    ),
    "letter_undelivered": (
        "Le dernier courrier n'est pas arrivé : donnez une autre adresse (details_given) ou appelez le client.",
        "The last letter did not arrive: give another address (details_given) or call the customer.",
    ),
    "event_refused": (
        "Un événement reçu a été refusé : voyez pourquoi ci-dessous, et renvoyez-le corrigé.",
        "An event that came was refused: see why below, and send it again, corrected.",
    ),
    "no_contact": (
        "Personne n'est en charge : désignez quelqu'un (contact_reassigned).",
        "Nobody is in charge: name a person (contact_reassigned).",
    ),
    "partner_unreachable": (
        "L'autre Partie n'a pas pu être jointe : complétez la compagnie (details_given), ou appelez-la.",
        "The other Party could not be reached: give the insurer (details_given), or call it.",
    ),
    "calendar_exhausted": (
        "Le calendrier connu ne suffit plus : prolongez-le, puis envoyez calendar_changed.",
        "The known calendar is too short: extend it, then send calendar_changed.",
    ),
}


class Item(NamedTuple):
    """One thing owed: what, to whom, by when, what happens by itself, and why."""

    late: bool
    what: str
    to_whom: str
    by_when: str
    by_itself: str
    why: str


def owed_next(dossier: View, words: Words, now: datetime) -> list[Item]:
    """List what is owed, what was missed first, then by the instant it is waited for; `now` is aware."""
    owing = [clock for clock in dossier["clocks"] if _owes(clock)]
    owing.sort(key=lambda clock: (clock["state"] == "running", _waited_for(clock, now), clock["clock"]))
    return [_item(dossier, clock, words, now) for clock in owing]


def to_do(dossier: View, words: Words, now: datetime) -> list[str]:
    """List what a person should do next, most pressing first."""
    return list(_to_do(dossier, words, now))


def _owes(clock: View) -> bool:
    if clock["clock"] == "mediation_window":
        return False  # the customer's right, no duty of ours
    missed = clock["state"] == "breached" and not clock.get("settled_at")
    return missed or clock["state"] == "running"


def _waited_for(clock: View, now: datetime) -> datetime:
    act_at, ends_at = datetime.fromisoformat(clock["act_at"]), end_of_day(date.fromisoformat(clock["due_on"]))
    return act_at if now < act_at else ends_at


def _item(dossier: View, clock: View, words: Words, now: datetime) -> Item:
    name = clock["clock"]
    return Item(
        late=clock["state"] == "breached",
        what=words("clock", name),
        to_whom=words.choose(*_TO.get(name, _TO_THE_CUSTOMER)),
        by_when=day(clock["due_on"], words),
        by_itself=_by_itself(dossier, clock, words, now),
        why=f"{words('basis', name)}{words.choose(' : ', ': ')}{counted(clock, words)}",
    )


def _by_itself(dossier: View, clock: View, words: Words, now: datetime) -> str:
    name = clock["clock"]
    if name == "resolution_letter":
        return words.choose("sur response_given, par une personne", "on response_given, by a person")
    ours = dossier["handling_party"] == "broker" and dossier["stage"] not in ("litigation", "closed")
    if name not in _LEAVES_BY_ITSELF or not ours:
        return words.choose("rien d'automatique", "nothing leaves by itself")
    if clock["state"] != "running" or datetime.fromisoformat(clock["act_at"]) <= now:
        return ""
    return words.choose(*_DEPARTURES.get(name, _ITS_LETTER)).format(instant(clock["act_at"], words))


def _to_do(dossier: View, words: Words, now: datetime) -> Iterator[str]:
    for item in owed_next(dossier, words, now):
        if item.late:
            said = words.choose("En retard : {}, due le {} ({}).", "Overdue: {}, due on {} ({}).")
            yield said.format(item.what, item.by_when, item.to_whom)
    for reason in dossier["attention"]:
        pair = _TO_DO.get(reason)
        yield words.choose(*pair) if pair else reason
    if dossier["stage"] == "results_known":
        yield words.choose(
            "Les résultats sont connus : donnez la réponse (response_given), la lettre de résolution partira.",
            "The results are known: give the answer (response_given), and the resolution letter leaves.",
        )
    for letter in dossier["letters"]:
        if letter["status"] == "queued":
            said = words.choose(
                "À poster : {} ; puis delivery_reported, status posted ({}).",
                "To be posted: {}; then delivery_reported, status posted ({}).",
            )
            yield said.format(words("letter", letter["kind"]), letter["id"])
    if any(entry["status"] == "waiting" for entry in dossier["journal"]):
        yield words.choose(
            "Le client s'est prononcé avant toute réponse enregistrée : si elle est partie, enregistrez "
            "response_given avec sa date.",
            "The customer spoke before any recorded answer: if it has left, record response_given with its date.",
        )
