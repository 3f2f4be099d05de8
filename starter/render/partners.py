"""The insurers: how each is reached, and the last calls either way; for people and as JSON. Never a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from activities.firm.partners import Insurer
from activities.register.partner_calls import CallResult, KeptCall
from starter.render.days import instant
from starter.render.words import Words, shown
from workflows.procedure.calendar import PARIS
from workflows.procedure.vocabulary import Language

_RESULTS = {
    CallResult.TAKEN: ("pris", "taken"),
    CallResult.DEFERRED: ("à reprendre", "to be tried again"),
    CallResult.REFUSED: ("refusé", "refused"),
    CallResult.CLAIMED: ("inachevé", "unfinished"),
    CallResult.ACCEPTED: ("accepté", "accepted"),
    CallResult.REPLAYED: ("répété", "repeated"),
    CallResult.CONFLICT: ("identifiant déjà pris", "id taken by another"),
    CallResult.FORGED: ("mal signé", "not signed by it"),
    CallResult.STALE: ("trop vieux", "too old"),
    CallResult.MALFORMED: ("mal formé", "malformed"),
    CallResult.TOO_LARGE: ("trop grand", "too large"),
    CallResult.FOREIGN: ("dossier d'un autre", "not its complaint"),
    CallResult.UNKNOWN_INSURER: ("compagnie inconnue", "unknown insurer"),
}


@dataclass(frozen=True)
class Partner:
    """An insurer, the ids of its keys that have no secret here, our last call on it and its last on us."""

    insurer: Insurer
    keys_without_secret: tuple[str, ...]
    last_out: KeptCall | None
    last_in: KeptCall | None


def partner_view(partner: Partner) -> dict[str, Any]:
    """Give one insurer as JSON, instants in Paris time."""
    webhook = partner.insurer.webhook
    return {
        **partner.insurer.model_dump(mode="json", include={"id", "name", "email", "manager_email"}),
        "webhook": {"url": webhook.url, "keys": list(webhook.keys)} if webhook else None,
        "keys_without_secret": list(partner.keys_without_secret),
        "last_out": _call_view(partner.last_out),
        "last_in": _call_view(partner.last_in),
    }


def _call_view(call: KeptCall | None) -> dict[str, Any] | None:
    if call is None:
        return None
    return {
        "at": call.received_at.astimezone(PARIS).isoformat(timespec="seconds"),
        "outcome": call.outcome.value,
        "type": call.type,
        "reference": call.reference,
    }


def render_partners(partners: Sequence[Partner], language: Language) -> RenderableType:
    """Show insurers in a table, in the order of the firm's file."""
    words = Words(language)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings = words.choose(
        "compagnie|courriel|webhook|clés|dernier appel vers elle|dernier appel d'elle",
        "insurer|e-mail|webhook|keys|last call on it|last call by it",
    ).split("|")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for each in partners:
        webhook = each.insurer.webhook
        table.add_row(
            shown(each.insurer.id, "bold"),
            shown(each.insurer.email),
            shown(webhook.url if webhook else words.nobody),
            _keys(each, words),
            shown(_call(each.last_out, words)),
            shown(_call(each.last_in, words)),
        )
    return table


def _keys(partner: Partner, words: Words) -> Text:
    said = Text()
    for key_id in partner.insurer.webhook.keys if partner.insurer.webhook else ():
        said.append(", " if said else "").append(key_id)
        if key_id in partner.keys_without_secret:
            said.append(words.choose(" (sans secret)", " (no secret)"), style="bold red")
    return said or Text(words.nobody)


def _call(call: KeptCall | None, words: Words) -> str:
    if call is None:
        return words.nobody
    about = f", {call.reference}" if call.reference else ""
    return f"{instant(call.received_at, words)} : {words.choose(*_RESULTS[call.outcome])}{about}"
