"""Who is in charge of what: each choice is made and written down in one transaction, knowing all choices before it.

Two complaints that open at the same instant would else both find the same person the least loaded.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activities.register.database import Register, insert
from activities.register.tables import AssignmentRow
from workflows.messages import Assignment

_CHOOSING = 0x61737369
"""The key of PostgreSQL's lock that one choice at a time holds; another one than that of migrations."""

Choice = Callable[[Mapping[str, int], str | None], Assignment]
"""Chooses by the load of each person (their other open complaints; 0 if not listed), and by what was answered before
to the same question (the id of a person, or None)."""


class Assignments:
    """The load of the firm's people. Threads and processes may share the register.

    Every method raises SQLAlchemy's `OperationalError` where the database does not answer.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def assign(self, reference: str, question: str, at: datetime, choose: Choice) -> Assignment:
        """Have `choose` put a person in charge of a complaint at `at` (aware), and write it down.

        `question`: what was asked, or a digest of it. Choices are made one after the other, each knowing all before.
        """
        # On SQLite it waits here for its turn. What a power cut takes back, the next record of the dossier restores.
        with self._register.session(lasting=False) as session:
            if not self._register.is_sqlite:
                session.execute(select(func.pg_advisory_xact_lock(_CHOOSING)))
            stands = session.get(AssignmentRow, reference)
            answered = stands.contact if stands and stands.question == question else None
            found = choose(_load(session, but=stands), answered)
            if found.contact:
                values = {"contact": found.contact.id, "assigned_at": at, "open": True, "question": question}
                session.execute(
                    insert(session, AssignmentRow)
                    .values(reference=reference, **values)
                    .on_conflict_do_update(index_elements=["reference"], set_=values)
                )
            return found

    def load(self) -> Mapping[str, int]:
        """Count the open complaints of each person in charge, by their id; who has none is not in it."""
        with self._register.reading() as session:
            return _load(session)

    def open_of(self) -> Mapping[str, list[str]]:
        """List the references of the open complaints of each person in charge, by their id, in their order."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        with self._register.reading() as session:
            for contact, reference in session.execute(
                select(AssignmentRow.contact, AssignmentRow.reference)
                .where(AssignmentRow.open)
                .order_by(AssignmentRow.contact, AssignmentRow.reference)
            ):
                found[contact].append(reference)
        return dict(found)


def _load(session: Session, but: AssignmentRow | None = None) -> Mapping[str, int]:
    """Count open complaints; the one to be assigned does not weigh on whoever has it now.

    From the index alone: every complaint that opens waits for this.
    """
    counted = session.execute(
        select(AssignmentRow.contact, func.count()).where(AssignmentRow.open).group_by(AssignmentRow.contact)
    )
    load = Counter({contact: count for contact, count in counted})
    if but and but.open:
        load[but.contact] -= 1
    return +load
