"""Who may do what: the roles of people and systems, what each may read, and which events each may send.

One table, read by every door. A door asks a `Caller`; it compares no role.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflows.procedure.events import EVENTS


class Role(StrEnum):
    """What somebody is to complaints; the values stand in the register."""

    INTAKE = "intake"  # takes complaints in, and what customers send later
    HANDLER = "handler"  # handles complaints
    MANAGER = "manager"  # answers for those who do
    PARTNER = "partner"  # an insurer: sees its own complaints, answers what it is asked
    AUDITOR = "auditor"  # reads everything, changes nothing
    OPERATOR = "operator"  # keeps the service running: sees where complaints stand, not what is in them


class Right(StrEnum):
    """What can be done at a door, beside sending events."""

    INTAKE = "intake"  # open complaints
    LISTS = "lists"  # which complaints there are and what comes due: nothing personal
    READ = "read"  # dossiers
    LETTERS = "letters"  # letters as sent
    NOTES = "notes"  # what staff noted for each other
    MEDIATION = "mediation"  # what is said in a mediation, which is confidential (Code de la consommation, L. 612-3)
    MAILBOX = "mailbox"  # what customers wrote to the complaints address
    RESOLVE = "resolve"  # compose the answer to a customer
    APPROVE = "approve"  # release an answer that somebody else composed
    TEAM = "team"  # how much each person has to do
    REGISTER = "register"  # the register's lines, and the figures made of them
    ACCOUNTS = "accounts"  # who has access
    DECODE = "decode"  # what Temporal keeps encrypted: everything of a complaint


_FROM_CUSTOMERS = frozenset({
    "written_complaint_received", "details_given", "source_joined", "customer_rejects", "customer_accepts",
    "withdrawn", "mediator_seized", "summons_served", "note_added",
})  # fmt: skip
_OF_SUPERVISORS = frozenset({"recorded_in_error", "calendar_changed"})
_OF_STAFF = frozenset(EVENTS) - _OF_SUPERVISORS

RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.INTAKE: frozenset({Right.INTAKE, Right.LISTS, Right.READ, Right.NOTES, Right.MAILBOX}),
    Role.HANDLER: frozenset(Right) - {Right.APPROVE, Right.REGISTER, Right.ACCOUNTS, Right.DECODE},
    Role.MANAGER: frozenset(Right),
    Role.PARTNER: frozenset({Right.LISTS, Right.READ}),
    Role.AUDITOR: frozenset({
        Right.LISTS, Right.READ, Right.LETTERS, Right.NOTES, Right.MEDIATION, Right.MAILBOX, Right.TEAM,
        Right.REGISTER, Right.DECODE,
    }),
    Role.OPERATOR: frozenset({Right.LISTS, Right.TEAM, Right.ACCOUNTS}),
}  # fmt: skip

EVENTS_OF: Mapping[Role, frozenset[str]] = {
    Role.INTAKE: _FROM_CUSTOMERS,
    Role.HANDLER: _OF_STAFF,
    Role.MANAGER: frozenset(EVENTS),
    Role.PARTNER: frozenset({"partner_answered"}),
    Role.AUDITOR: frozenset(),
    Role.OPERATOR: frozenset({"calendar_changed", "delivery_reported"}),
}


@dataclass(frozen=True)
class Caller:
    """Somebody let in at a door, a person or a system. `name` stands in journals: an id, never a person's name.

    `insurer`: the caller sees the complaints of this insurer only; None: all. `vouches`: it may say who did a thing, as
    a system does that has people of its own; anybody else acts in their own name.
    """

    name: str
    rights: frozenset[Right]
    events: frozenset[str]
    insurer: str | None = None
    vouches: bool = False

    def may(self, right: Right) -> bool:
        """Say whether the caller has the right."""
        return right in self.rights

    def may_send(self, kind: str) -> bool:
        """Say whether the caller may send events of that kind (CONTRACT, "Events")."""
        return kind in self.events

    def sees(self, insurer: str | None) -> bool:
        """Say whether complaints that name this insurer are the caller's to see."""
        return self.insurer is None or self.insurer == insurer


def caller_of(name: str, roles: Collection[Role], insurer: str | None = None) -> Caller:
    """Give what several roles allow together; with the role of a partner, for that insurer's complaints only."""
    return Caller(
        name,
        frozenset().union(*(RIGHTS[role] for role in roles)),
        frozenset().union(*(EVENTS_OF[role] for role in roles)),
        insurer if Role.PARTNER in roles else None,
    )
