"""Keeps from a reader what is in a dossier and not theirs to read: that it happened stays, what was said goes."""

from collections.abc import Mapping
from typing import Any

from activities.access.roles import Caller, Right

_TOLD_WITH: Mapping[str, Right] = {
    "mediator_seized": Right.MEDIATION,
    "reply_filed": Right.MEDIATION,
    "mediation_ended": Right.MEDIATION,
    "note_added": Right.NOTES,
}


def as_seen_by(caller: Caller, view: dict[str, Any]) -> dict[str, Any]:
    """Give a dossier's view (CONTRACT, `dossier`) as the caller may read it; what is kept back is `withheld`."""
    return {**view, "journal": [_entry(caller, entry) for entry in view["journal"]]}


def _entry(caller: Caller, entry: dict[str, Any]) -> dict[str, Any]:
    right = _TOLD_WITH.get(entry["type"])
    if right is None or caller.may(right):
        return entry
    told = {name: value for name, value in entry.items() if name != "data"}
    return {**told, "reason": None, "withheld": True}
