"""Who reads a digest in the morning: everybody who is there, and for whoever is not, the one who stands in."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from activities.firm.people import Person
from activities.firm.schema import Firm
from workflows.morning_messages import THE_TEAM, Reader
from workflows.procedure.vocabulary import Party

OnDuty = Callable[[Firm, Person, date], Person | None]
"""Says who does a person's work on a Paris civil date: themselves when present, else who stands in; None: nobody."""
TeamOf = Callable[[Firm, Person], str]
"""Names a person's team."""


def present_or_a_manager(firm: Firm, person: Person, on: date) -> Person | None:
    """Let the first manager who is there stand in for whoever is not."""
    if person.present(on):
        return person
    return next((manager for manager in firm.managers if manager.present(on)), None)


def one_team(firm: Firm, person: Person) -> str:
    """Hold the whole complaints service for one team."""
    return firm.complaints_service


def readers(firm: Firm, on: date, on_duty: OnDuty = present_or_a_manager, team_of: TeamOf = one_team) -> list[Reader]:
    """List who may get a digest on `on` (a Paris civil date): the people present, managers among them, and the team.

    An absent person gets none: what they would have read is in the digest of whoever is on duty instead.
    """
    ours = [person for person in firm.people if person.party is Party.BROKER]
    covered: defaultdict[str, list[str]] = defaultdict(list)
    for person in ours:
        reads = on_duty(firm, person, on)
        if reads:
            covered[reads.id].append(person.id)
    people = [
        Reader(
            id=person.id,
            covers=tuple(covered[person.id]),
            manager=person.manager,
            other_teams=tuple(each.id for each in ours if team_of(firm, each) != team_of(firm, person)),
        )
        for person in ours
        if person.present(on)
    ]
    return [*people, Reader(id=THE_TEAM, manager=True)]
