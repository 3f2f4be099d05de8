"""The search attributes of a complaint: the one list, and their values. Never a name, a policy number, an address."""

from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from workflows.procedure.dossier import Dossier
from workflows.procedure.view import refused_count
from workflows.procedure.waking import next_deadline

LEVEL = SearchAttributeKey.for_keyword("ComplaintLevel")
STAGE = SearchAttributeKey.for_keyword("ComplaintStage")
CONTACT = SearchAttributeKey.for_keyword("ComplaintContact")
HANDLING_PARTY = SearchAttributeKey.for_keyword("HandlingParty")
INSURER = SearchAttributeKey.for_keyword("Insurer")
NEXT_DEADLINE = SearchAttributeKey.for_datetime("NextDeadline")
OVERDUE = SearchAttributeKey.for_bool("Overdue")
NEEDS_ATTENTION = SearchAttributeKey.for_bool("NeedsAttention")
REFUSED = SearchAttributeKey.for_int("Refused")

ALL: tuple[SearchAttributeKey[Any], ...] = (
    LEVEL, STAGE, CONTACT, HANDLING_PARTY, INSURER, NEXT_DEADLINE, OVERDUE, NEEDS_ATTENTION, REFUSED,
)  # fmt: skip


def values_of(dossier: Dossier) -> dict[SearchAttributeKey[Any], Any]:
    """Give the value of each attribute now; None for one that has none. Instants are aware."""
    case = dossier.case
    return {
        LEVEL: case.level.value,
        STAGE: case.stage.value,
        CONTACT: case.contact.id if case.contact else None,
        HANDLING_PARTY: case.handling_party.value,
        INSURER: case.insurer,
        NEXT_DEADLINE: next_deadline(case),
        OVERDUE: case.overdue,
        NEEDS_ATTENTION: bool(case.attention),
        REFUSED: refused_count(dossier),
    }


def changed(values: dict[SearchAttributeKey[Any], Any], known: TypedSearchAttributes) -> list[Any]:
    """List the updates that bring `known` to `values`; empty when nothing changed."""
    updates: list[Any] = []
    for key, value in values.items():
        before = known.get(key)
        if value == before:
            continue
        updates.append(key.value_unset() if value is None else key.value_set(value))
    return updates


def at_start(values: dict[SearchAttributeKey[Any], Any]) -> TypedSearchAttributes:
    """Give the attributes to start a complaint with."""
    pairs = [SearchAttributePair(key, value) for key, value in values.items() if value is not None]
    return TypedSearchAttributes(pairs)
