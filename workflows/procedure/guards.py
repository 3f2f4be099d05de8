"""The particulars of an event, looked at once the table has let it through: what makes it impossible here and now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflows.procedure import events as ev
from workflows.procedure.calendar import end_of_day, paris_date
from workflows.procedure.case import Case
from workflows.procedure.intake import CLOCKS_DISAGREE
from workflows.procedure.vocabulary import ClockName, DeliveryStatus, LetterStatus, Level, Stage

Problem = tuple[str, dict[str, object]]
"""The code of a sentence of `wording`, and its values."""


def problem_with(case: Case, event: ev.Event, at: datetime, now: datetime) -> Problem | None:
    """Say why `event` cannot be accepted, or None. `at` and `now` are aware instants."""
    if at > now + CLOCKS_DISAGREE:
        return "future_at", {}
    for field, day in event.days_named().items():
        if day > paris_date(now):
            return "future_day", {"field": field}
    guard = _GUARDS.get(type(event))
    return guard(case, event, at) if guard else None


def must_wait(case: Case, event: ev.Event, at: datetime) -> str | None:
    """Say what a customer's word on an answer still waits for (code of `wording`), or None.

    A rejection or an acceptance speaks of an answer given no later than itself (CONTRACT, "Events").
    """
    if not isinstance(event, ev.CustomerRejects | ev.CustomerAccepts):
        return None
    spoken_at = end_of_day(event.received_on) if event.received_on else at
    answer = case.answer
    if answer is None or answer.at > spoken_at:
        return "waits_for_answer"
    if isinstance(event, ev.CustomerRejects) and case.in_mediation:
        return "waits_for_mediator"
    return None


def _response_given(case: Case, event: ev.ResponseGiven, at: datetime) -> Problem | None:
    if at < case.complaint.received_at - CLOCKS_DISAGREE:
        return "before_receipt", {}
    if event.sent_by == "system" and case.litigation:
        return "counsel_only", {}
    last = case.answer
    if last and case.open_stage is Stage.ANSWERED:
        said, says = ((a.decision, a.reasons, a.offer) for a in (last, event))
        if said == says:
            return "same_answer", {"event": last.event_id}
    return None


def _results_known(case: Case, event: ev.ResultsKnown, at: datetime) -> Problem | None:
    return ("before_receipt", {}) if at < case.complaint.received_at - CLOCKS_DISAGREE else None


def _estimate_given(case: Case, event: ev.EstimateGiven, at: datetime) -> Problem | None:
    last = case.procedure.calendar.last
    if event.expected_on > last:
        return "estimate_too_far", {"last": last}
    return None if case.announceable(event.expected_on, paris_date(at)) else ("estimate_past", {})


def _source_joined(case: Case, event: ev.SourceJoined, at: datetime) -> Problem | None:
    source_id = case.procedure.source_id(event.source)
    if source_id is None:
        return "unknown_source", {"known": ", ".join(case.procedure.sources)}
    if case.procedure.sources[source_id].level is not Level.TWO_B:
        return "not_a_joining_source", {}
    return None


def _written(case: Case, event: ev.WrittenComplaintReceived, at: datetime) -> Problem | None:
    return ("already_written", {}) if case.written_on else None


def _withdrawn(case: Case, event: ev.Withdrawn, at: datetime) -> Problem | None:
    authority = case.brought_by_authority
    return ("authority", {"source": authority.name}) if authority else None


def _contact_reassigned(case: Case, event: ev.ContactReassigned, at: datetime) -> Problem | None:
    return ("complained_about", {}) if event.contact and event.contact == case.complained_about else None


def _reply_filed(case: Case, event: ev.ReplyFiled, at: datetime) -> Problem | None:
    name = ClockName.MEDIATOR_REPLY if event.to == "mediator" else ClockName.COURT_APPEARANCE
    return None if any(clock.clock is name and clock.owes for clock in case.clocks) else ("no_reply_due", {})


def _delivery_reported(case: Case, event: ev.DeliveryReported, at: datetime) -> Problem | None:
    letter = case.letter(event.letter_id)
    if letter is None:
        return "unknown_letter", {}
    if letter.status.never_left:
        return "never_left", {}
    if event.status is DeliveryStatus.POSTED and letter.status is not LetterStatus.QUEUED:
        return "not_by_post", {}
    return None


_GUARDS: dict[type[ev.Event], Callable[[Case, Any, datetime], Problem | None]] = {
    ev.ResponseGiven: _response_given,
    ev.ResultsKnown: _results_known,
    ev.EstimateGiven: _estimate_given,
    ev.SourceJoined: _source_joined,
    ev.WrittenComplaintReceived: _written,
    ev.Withdrawn: _withdrawn,
    ev.ContactReassigned: _contact_reassigned,
    ev.ReplyFiled: _reply_filed,
    ev.DeliveryReported: _delivery_reported,
}
