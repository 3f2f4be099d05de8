"""The journal as a story: one line for each entry, in the words of a person who was there."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from rich.table import Table
from rich.text import Text

from activities.notify.wording import money
from starter.render.days import day, instant
from starter.render.words import Words, shown

_TOLD_OF: dict[str, tuple[str, ...]] = {
    "opened": ("channel", "source"),
    "procedure_pinned": ("because",),
    "contact_assigned": ("contact",),
    "contact_missing": ("problem",),
    "letter_sent": ("sections", "channel"),
    "letter_queued": ("sections",),
    "letter_failed": ("sections", "problem"),
    "letter_deferred": ("sections", "problem", "again_at"),
    "letter_doubtful": ("sections", "problem"),
    "doubt_lasts": ("letter",),
    "help_requested": ("party", "by"),
    "help_reminded": ("party", "by"),
    "help_insisted": ("party", "by"),
    "dossier_handed_over": ("party", "by"),
    "partner_informed": ("party", "about", "by"),
    "help_withdrawn": ("party", "by"),
    "partner_call_deferred": ("by",),
    "partner_unreachable": ("problem",),
    "clock_warned": ("clock",),
    "clock_breached": ("clock",),
    "response_given": ("decision", "reasons"),
    "customer_rejects": ("received_on", "reasons"),
    "mediator_seized": ("notified_on", "addressed_to", "mediator_reference"),
    "summons_served": ("served_on", "addressed_to", "court"),
    "results_known": ("decision", "reasons"),
    "estimate_given": ("expected_on", "situation"),
    "source_joined": ("source", "received_by"),
    "written_complaint_received": ("received_on", "channel"),
    "partner_answered": ("party", "answer"),
    "help_wanted": ("about",),
    "contact_reassigned": ("contact", "reason"),
    "customer_accepts": ("received_on",),
    "withdrawn": ("received_on",),
    "mediation_ended": ("mediation_outcome",),
    "litigation_ended": ("outcome",),
    "reply_filed": ("to", "filed_on"),
    "delivery_reported": ("status", "letter_id", "detail"),
    "recorded_in_error": ("event_id", "reason"),
    "calendar_changed": ("reason",),
    "note_added": ("text",),
    "complaint_classified": ("cause", "root_cause", "corrective_action", "redress"),
}
"""What is told of an entry beside its name, in this order: fields of its data, as far as they are there."""

_STAFF_TOLD, _OPENED = "staff_told", "opened"
_RECORDED_LATE = timedelta(hours=1)
_STYLES = {"refused": "red", "waiting": "yellow", "duplicate": "dim", "voided": "dim strike"}
_EVENT_STYLES = {
    **dict.fromkeys(("clock_breached", "letter_failed", "contact_missing", "doubt_lasts"), "red"),
    **dict.fromkeys(("letter_deferred", "letter_doubtful"), "yellow"),
    "opened": "bold",
}


def render_story(journal: list[dict[str, Any]], words: Words, *, everything: bool) -> Table:
    """Show the journal; `everything` tells also when staff were told what they were told."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True)
    for entry in journal:
        if everything or entry["type"] != _STAFF_TOLD:
            table.add_row(shown(instant(entry["at"], words), "dim"), told(entry, words), shown(entry["id"], "dim"))
    return table


def told(entry: Mapping[str, Any], words: Words) -> Text:
    """Tell one entry."""
    kind, status = entry["type"], entry["status"]
    line = shown(words("event", kind), _STYLES.get(status, _EVENT_STYLES.get(kind, "")))
    if status in ("refused", "duplicate"):
        # What was sent is not told again: it may be anything, and nothing came of it.
        line.append_text(_outcome(entry, words))
        return line
    if said := details(kind, entry.get("data", {}), words):
        line.append(words.choose(" : ", ": "))
        line.append_text(shown(" · ".join(each.said for each in said)))
    if status != "accepted":
        line.append_text(_outcome(entry, words))
    line.append_text(_by_and_when(entry, words))
    return line


def _outcome(entry: Mapping[str, Any], words: Words) -> Text:
    said = Text(f" — {words('entry_status', entry['status'])}")
    # A refusal's reason stands among the refusals.
    if entry["reason"] and entry["status"] != "refused":
        said.append(words.choose(" : ", ": ")).append_text(shown(entry["reason"], longest=1_000))
    return said


def _by_and_when(entry: Mapping[str, Any], words: Words) -> Text:
    said = []
    if entry["by"] and entry["by"] != "system":
        said.append(words.choose("par ", "by ") + entry["by"])
    ours = entry["by"] == "system" and entry["type"] != _OPENED
    if not ours and _moment(entry["recorded_at"]) - _moment(entry["at"]) >= _RECORDED_LATE:
        said.append(words.choose("enregistré ", "recorded ") + instant(entry["recorded_at"], words))
    return Text(" ").append_text(shown(f"({', '.join(said)})", "dim")) if said else Text()


def _moment(when: str) -> datetime:
    return datetime.fromisoformat(when)


class Detail(NamedTuple):
    """One thing an entry tells: the field it comes from, and what it says."""

    field: str
    said: str


def details(kind: str, data: Mapping[str, Any], words: Words) -> list[Detail]:
    """Say what an entry of that type tells beside its name, in the reader's words, each text whole and as it came."""
    return list(_details(kind, data, words))


def _details(kind: str, data: Mapping[str, Any], words: Words) -> Iterator[Detail]:
    # An opening and a call on the other Party carry what they speak of one level down.
    fields = {**data, **data.get("complaint", {}), **data.get("wish", {})}
    if kind == "mediation_ended":
        fields["mediation_outcome"] = data.get("outcome")
    if kind == _OPENED:
        fields.setdefault("source", "customer")
    if kind == "details_given":
        yield Detail("fields", ", ".join(words("field", name) for name in data))
        return
    for name in _TOLD_OF.get(kind, ()):
        value = fields.get(name)
        if value:
            yield Detail(name, _SAID.get(name, _as_it_is)(value, words))


def _as_it_is(value: Any, words: Words) -> str:
    return str(value)


def _named(category: str) -> Callable[[Any, Words], str]:
    return lambda value, words: words(category, value)


def _contact(value: Any, words: Words) -> str:
    return str(value["name"]) if isinstance(value, dict) else str(value)


def _sections(value: Any, words: Words) -> str:
    return " + ".join(words("letter", kind) for kind in value)


def _clock(value: Any, words: Words) -> str:
    return words("clock", str(value).partition("/")[0])


def _day(value: Any, words: Words) -> str:
    return day(str(value), words)


def _redress(value: Any, words: Words) -> str:
    return money(Decimal(value["amount"]), value.get("currency", "EUR"), words.language)


def _again_at(value: Any, words: Words) -> str:
    return words.choose("nouvel essai ", "tried again ") + instant(str(value), words)


_SAID: dict[str, Callable[[Any, Words], str]] = {
    "because": _named("because"),
    "channel": _named("channel"),
    "source": _named("source"),
    "party": _named("party"),
    "addressed_to": _named("party"),
    "by": _named("way"),
    "received_by": _named("party"),
    "decision": _named("decision"),
    "mediation_outcome": _named("outcome"),
    "status": _named("letter_status"),
    "to": _named("to"),
    "contact": _contact,
    "sections": _sections,
    "clock": _clock,
    "again_at": _again_at,
    "redress": _redress,
    "received_on": _day,
    "notified_on": _day,
    "served_on": _day,
    "expected_on": _day,
    "filed_on": _day,
}
"""How a field is told, where it is more than its own text."""
