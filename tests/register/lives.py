"""Complaints for the register, made by the rules alone; and all that a register holds, to be compared."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from activities.register.database import Register
from activities.register.tables import Base
from tests.rehearsal import MONDAY, Rehearsal, complaint, paris
from workflows.procedure.dossier import Carried

NOT_COMPARED = frozenset({"written_at", "asked_at", "settled_at", "question"})
"""The machine's times; and what was asked of the directory, which a complaint tells nobody afterwards."""

REFERENCE = "REC-2026-TEST"
POSTAL = {"name": "Anne Martin", "postal_address": "1 rue de la Paix\n75002 Paris"}


def state(story: Rehearsal) -> Carried:
    """Give the dossier as it stands now, which later events do not change."""
    return Carried.model_validate_json(story.dossier.carried().model_dump_json())


def renamed(carried: Carried, reference: str) -> Carried:
    """Give the same complaint under another reference."""
    return Carried.model_validate_json(carried.model_dump_json().replace(REFERENCE, reference))


def ordinary() -> list[Carried]:
    """Tell an ordinary life in two rounds, to its end: its states, each longer than the one before."""
    story = Rehearsal()
    states = [state(story)]
    for days, kind, fields in (
        (15, "results_known", {"decision": "rejected", "reasons": "Hors délai"}),
        (17, "response_given", {"decision": "rejected", "reasons": "Hors délai"}),
        (30, "customer_rejects", {"reasons": "Non"}),
        (80, "response_given", {"decision": "upheld", "reasons": "Erreur"}),
        (90, "customer_accepts", {}),
    ):
        story.until(MONDAY + timedelta(days=days)).hear(kind, **fields)
        states.append(state(story))
    return states


def by_post() -> Rehearsal:
    """Tell of a customer without e-mail: the first letter lies ready for the post."""
    return Rehearsal(complaint(complainant=POSTAL))


def voided() -> tuple[Carried, Carried]:
    """Tell of an answer recorded by mistake: before it is voided, and after."""
    story = Rehearsal()
    story.until(paris(MONDAY + timedelta(days=3)))
    story.hear("response_given", id="answer", decision="rejected", reasons="Erreur de dossier")
    before = state(story)
    story.hear("recorded_in_error", event_id="answer", reason="Autre dossier")
    return before, state(story)


def waiting() -> tuple[Carried, Carried]:
    """Tell of a rejection that came before its answer: while it waits, and once it is taken up."""
    story = Rehearsal()
    story.until(paris(MONDAY + timedelta(days=3)))
    story.hear("customer_rejects", id="rejection", at=story.now)
    before = state(story)
    story.hear("response_given", decision="rejected", reasons="Non", at=story.now - timedelta(hours=2))
    return before, state(story)


def everything(register: Register) -> dict[str, list[dict[str, Any]]]:
    """Read all rows of all tables, but for what two registers of the same complaints need not share."""
    held: dict[str, list[dict[str, Any]]] = {}
    with register.reading() as session:
        for name, table in Base.metadata.tables.items():
            columns = [column for column in table.columns if column.name not in NOT_COMPARED]
            rows = session.execute(select(*columns).order_by(*table.primary_key.columns))
            held[name] = [dict(row._mapping) for row in rows]
    return held
