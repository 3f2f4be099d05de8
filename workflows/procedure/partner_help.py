"""Help between the Parties: what was asked, of whom, by when; reminders, the manager of a silent Party, the answer.

The last column of the published table ("avec l'aide de la compagnie", "avec l'aide de l'autre Partie"), in both
directions. What the other Party does or leaves undone delays nothing that the customer is owed (ACPR, delegation).
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from workflows.procedure import events as ev
from workflows.procedure.calendar import Calendar, CalendarExhausted, Deadline, Unit, at_time, due, paris_date
from workflows.procedure.case import Case
from workflows.procedure.orders import CallKind, StaffRole
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry, HelpRequest, HelpStep, PartnerWish
from workflows.procedure.vocabulary import ClockName, RequestStatus, Stage

HELP_STEP_DUE = "help_step_due"

_ABOUT = {CallKind.REMIND: "remind_help", CallKind.INSIST: "insist_help"}
_DAY = timedelta(days=1)


def asked(case: Case, wish: PartnerWish, entry: Entry) -> None:
    """Put a request on file, once it has reached the other Party: its clock runs, its reminders have their days."""
    clock = case.start_clock(ClockName.PARTNER_HELP, paris_date(entry.at))
    if clock is None:
        return
    request = HelpRequest(
        number=1 + len(case.requests),
        party=wish.party,
        asked_at=entry.at,
        about=wish.about,
        due_on=clock.due_on,
        clock=clock.key,
        steps=_steps(case.procedure, paris_date(entry.at), clock.due_on),
    )
    case.requests.append(request)
    if case.stage is Stage.CLOSED:
        clock.drop(case.say("dropped_closed"), "closing")


def wanted(case: Case, event: ev.HelpWanted, entry: Entry) -> None:
    """A person asks the other Party: "aide éventuelle" (level 3), or one more question at any level."""
    party = event.party or (case.supporting_party or case.handling_party.other)
    case.partner_wishes.append(
        PartnerWish(kind=CallKind.ASK, cause=entry.id, party=party, level=case.level, about=event.about)
    )


def answered(case: Case, event: ev.PartnerAnswered, entry: Entry) -> None:
    """The other Party answered: its request is settled with answer and documents, and the contact is told."""
    request = _request_answered(case, event)
    if request:
        request.status, request.answered_at = RequestStatus.ANSWERED, entry.at
        request.answer, request.documents = event.answer, list(event.documents)
        request.steps = []
        _settle_clock(case, request, entry)
    _forget_reminders(case)
    case.tell(f"partner_answered/{entry.id}", (StaffRole.CONTACT,), "tell_partner_answered")


def give_up(case: Case, cause: str) -> None:
    """Take back what was asked of the other Party, or was about to be: it is no longer needed."""
    asking = (CallKind.ASK, CallKind.REMIND, CallKind.INSIST)
    case.partner_wishes = [wish for wish in case.partner_wishes if wish.kind not in asking]
    for request in open_requests(case):
        request.status, request.steps = RequestStatus.WITHDRAWN, []
        case.wish(CallKind.TAKE_BACK, cause, request.party, "take_back_help", request=request.number)
    case.drop(case.owing(ClockName.PARTNER_HELP), "dropped_help", "help")


def open_requests(case: Case) -> list[HelpRequest]:
    """List the requests that wait for an answer."""
    return [request for request in case.requests if request.status is RequestStatus.OPEN]


def being_asked(case: Case) -> bool:
    """Whether the other Party was asked and has not answered, or is about to be asked."""
    return bool(open_requests(case)) or any(wish.kind is CallKind.ASK for wish in case.partner_wishes)


def answer_by(case: Case, wish: PartnerWish, now: datetime) -> date | None:
    """Say by when the other Party is asked to answer; None for what asks for no answer."""
    if wish.kind is CallKind.ASK:
        try:
            return due(
                case.procedure.deadlines[ClockName.PARTNER_HELP], paris_date(now), case.procedure.calendar
            ).due_on
        except CalendarExhausted:
            return None
    return next((request.due_on for request in case.requests if request.number == wish.request), None)


# Reminders ---------------------------------------------------------------------------------------------------------


def steps_due(case: Case, now: datetime) -> list[tuple[datetime, int]]:
    """List the reminders that have come due by `now`: when, and of which request."""
    return [(step.at, request.number) for request in open_requests(case) for step in request.steps if step.at <= now]


def next_steps(case: Case) -> Iterator[tuple[HelpRequest, HelpStep]]:
    """Give the next reminder of each open request."""
    for request in open_requests(case):
        if request.steps:
            yield request, request.steps[0]


def step_due(case: Case, entry: Entry) -> None:
    """The day of a reminder has come: the Party is reminded, or its manager written to; one call for what passed."""
    request = next((each for each in open_requests(case) if each.number == entry.data["request"]), None)
    if request is None:
        return
    passed = [step for step in request.steps if step.at <= entry.at]
    request.steps = [step for step in request.steps if step.at > entry.at]
    if passed:
        kind = passed[-1].kind
        case.wish(kind, entry.id, request.party, _ABOUT[kind], request=request.number)


def _steps(procedure: Procedure, asked_on: date, due_on: date) -> list[HelpStep]:
    """Work out the days on which a request is repeated, each at the hour at which the firm's day begins."""
    calendar, plan = procedure.calendar, procedure.help_reminders
    found = set[tuple[date, CallKind]]()
    try:
        for days in plan.remind_before:
            day = _open_days_before(calendar, due_on, days)
            if day > asked_on:
                found.add((day, CallKind.REMIND))
        for days in plan.insist_after:
            later = due(Deadline(amount=days, unit=Unit.JOURS_OUVRES), due_on, calendar).due_on
            found.add((later, CallKind.INSIST))
    except CalendarExhausted:
        pass  # the days known so far are reminded of
    return [HelpStep(at=at_time(day, procedure.post_ready_at), kind=kind) for day, kind in sorted(found)]


def _open_days_before(calendar: Calendar, day: date, count: int) -> date:
    """Give the open day so many open days before `day`; with 0, the last open day on or before it."""
    found = calendar.last_open_day(day)
    for _ in range(count):
        found = calendar.last_open_day(found - _DAY)
    return found


def _request_answered(case: Case, event: ev.PartnerAnswered) -> HelpRequest | None:
    ours = [request for request in open_requests(case) if request.party is event.party]
    if event.request is not None:
        return next((request for request in ours if request.number == event.request), None)
    return ours[0] if ours else None


def _settle_clock(case: Case, request: HelpRequest, entry: Entry) -> None:
    clock = case.clock(request.clock)
    if clock:
        clock.settle(entry.at, entry.recorded_at)


def _forget_reminders(case: Case) -> None:
    """A reminder that has not left yet would ask for what has come."""
    waiting = {request.number for request in open_requests(case)}
    repeats = (CallKind.REMIND, CallKind.INSIST)
    case.partner_wishes = [w for w in case.partner_wishes if w.kind not in repeats or w.request in waiting]
