"""Who is put in charge of a complaint: a pure choice among the people of the firm's file."""

import hashlib
from collections.abc import Container, Mapping, Sequence
from datetime import date

from babel.dates import format_date

from activities.firm.people import Person
from workflows.messages import Assignment, AssignRequest
from workflows.procedure.intake import is_contact_id
from workflows.procedure.orders import Contact
from workflows.procedure.vocabulary import Language, Party

_UNKNOWN = {
    Language.FR: "{who} ne figure pas parmi les personnes du cabinet.",
    Language.EN: "{who} is not among the people of the firm.",
}
_SOMEBODY = {Language.FR: "La personne demandée", Language.EN: "The person asked for"}
_ABSENT = {Language.FR: "{who} est absent(e) le {on}.", Language.EN: "{who} is absent on {on}."}
_CONCERNED = {
    Language.FR: "La réclamation met {who} en cause : cette personne ne peut pas en être chargée.",
    Language.EN: "The complaint is about {who}, who cannot be put in charge of it.",
}
_NOBODY_ELSE = {
    Language.FR: " La personne que la réclamation met en cause n'est pas prise en compte.",
    Language.EN: " The person whom the complaint is about is left out of account.",
}
_NOBODY = {
    Language.FR: (
        "Personne ne peut prendre en charge cette réclamation de niveau {level} le {on} : "
        "les personnes habilitées et les responsables sont tous absents."
    ),
    Language.EN: (
        "Nobody can take charge of this level {level} complaint on {on}: "
        "everybody able to handle it and every manager is absent."
    ),
}


def choose(
    request: AssignRequest,
    people: Sequence[Person],
    open_complaints: Mapping[str, int],
    staff: Language,
    *,
    answered: str | None = None,
    relieved: Container[str] = (),
) -> Assignment:
    """Choose the person in charge (§ 2 and § 3 of the procedure), or say why nobody can be.

    The person asked for is taken when present, whatever the level: somebody decided so. A complaint that was reopened
    stays with the person who had it (`keep`), unless that one is among the `relieved`, away for long; a question that
    is asked again has the same answer (`answered`, the id of a person) while that person is present.
    Else the broker's people able to handle the level and present on that day (a Paris civil date) are considered;
    failing them a manager who is present; and the person to be relieved only when nobody else is left. Of several,
    those who speak the complainant's language, then the least loaded by `open_complaints` (by id; 0 if not listed).
    Equal loads are told apart by the reference, so that they spread. Never the person whom the complaint is about.
    """
    ours = {person.id: person for person in people if person.party is Party.BROKER}
    if request.wanted is not None:
        return _the_wanted(request.wanted, ours, request, staff)
    eligible = {each: person for each, person in ours.items() if each != request.never}
    kept = eligible.get(request.keep or "")
    if kept and kept.id not in relieved:
        return _proposed(kept)
    present = {each: person for each, person in eligible.items() if person.present(request.on)}
    if answered in present:
        return _proposed(present[answered])
    others = [person for person in present.values() if person.id != request.not_this_one]
    for circle in (others, list(present.values())):
        able = [person for person in circle if request.level in person.levels]
        managers = [person for person in circle if person.manager]
        if candidates := able or managers:
            return _proposed(_preferred(candidates, request, open_complaints))
    problem = _NOBODY[staff].format(level=request.level, on=_said(request.on, staff))
    return Assignment(problem=problem + (_NOBODY_ELSE[staff] if request.never in ours else ""))


def _the_wanted(wanted: str, ours: Mapping[str, Person], request: AssignRequest, staff: Language) -> Assignment:
    person = ours.get(wanted)
    # What was given for an id may be a name: then it is not repeated.
    who = wanted if is_contact_id(wanted) else _SOMEBODY[staff]
    if person is None:
        return Assignment(problem=_UNKNOWN[staff].format(who=who))
    if wanted == request.never:
        return Assignment(problem=_CONCERNED[staff].format(who=who))
    if not person.present(request.on):
        return Assignment(problem=_ABSENT[staff].format(who=who, on=_said(request.on, staff)))
    return _proposed(person)


def _preferred(candidates: list[Person], request: AssignRequest, load: Mapping[str, int]) -> Person:
    return min(
        candidates,
        key=lambda person: (
            request.language not in person.languages,
            load.get(person.id, 0),
            _rank(request.reference, person.id),
        ),
    )


def _rank(reference: str, contact_id: str) -> bytes:
    return hashlib.sha256(f"{reference}/{contact_id}".encode()).digest()


def _proposed(person: Person) -> Assignment:
    return Assignment(contact=Contact(id=person.id, name=person.name, phone=person.phone, email=person.email))


def _said(day: date, language: Language) -> str:
    return format_date(day, format="long", locale=language.value)
