"""What each event does to a complaint. Each function changes the case; the table and the guards have let it through."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from workflows.procedure import events as ev
from workflows.procedure import partner_help
from workflows.procedure.calendar import end_of_day, paris_date
from workflows.procedure.case import BOTH, Case
from workflows.procedure.clocks import (
    COMMITMENTS_OF_A_ROUND,
    KEPT_BY_A_WRITTEN_ANSWER,
    KEPT_BY_AN_ANSWER,
    KEPT_BY_RESULTS,
    REGULATORY,
    Clock,
)
from workflows.procedure.delivery import delivery_reported
from workflows.procedure.orders import StaffRole
from workflows.procedure.records import Answer, Classification, ContactWish, Entry, Litigation, Mediation
from workflows.procedure.vocabulary import (
    ClockKind,
    ClockName,
    ClockState,
    LetterKind,
    Level,
    Party,
    Stage,
)

_CONTACT = (StaffRole.CONTACT,)
_INSTANT = timedelta(microseconds=1)

MEDIATOR, COURT = "mediator", "court"
"""The sources that are a mediator's notification and a summons, wherever they come in."""


def begin(case: Case, opening: Entry) -> None:
    """Open the dossier (§ 1): its level by its source, its clocks, its first letter."""
    complaint = case.complaint
    source_id = case.procedure.source_id(complaint.source) or "customer"
    case.sources.append(source_id)
    source = case.procedure.sources[source_id]
    case.sent_on_assumed = complaint.sent_on is None
    if complaint.channel.written:
        case.written_on = complaint.sent_on or case.received_on
    case.base_handling = complaint.received_by
    if source.level is Level.TWO_B:
        case.base_level = Level.TWO_B
    elif complaint.previous_response_on:
        case.base_level = Level.TWO_A

    for clock in COMMITMENTS_OF_A_ROUND:
        case.start_clock(clock, case.received_on)
    if case.written_on:
        for clock in REGULATORY:
            case.start_clock(clock, case.written_on)

    if source_id == MEDIATOR:
        case.mediation = Mediation(addressed_to=complaint.received_by, notified_on=case.received_on)
        _enter_mediation(case, opening, case.received_on)
    elif source_id == COURT:
        case.litigation = Litigation(addressed_to=complaint.received_by, served_on=case.received_on)
        _enter_litigation(case, opening, case.received_on)
    if case.litigation is None:
        _greet(case, opening)
    case.bring_in_other_party(opening.id)
    case.contact_wish = ContactWish()
    _say_what_is_odd(case, opening, source.closed_on, source.name)


def _greet(case: Case, opening: Entry) -> None:
    """Choose the first letter: acknowledgement, invitation to write after a call, or who now handles it."""
    if case.recipient is None:
        _nobody_to_write_to(case)
    elif case.insurer_leads:
        _handed_to_insurer(case, opening.id)
    elif case.written_on is None:
        case.call_for(LetterKind.WRITTEN_INVITATION, opening.id)
    else:
        case.call_for(LetterKind.ACKNOWLEDGEMENT, opening.id)


def _say_what_is_odd(case: Case, opening: Entry, source_closed_on: date | None, source_name: str) -> None:
    if source_closed_on and case.received_on >= source_closed_on:
        case.tell(
            f"source_closed/{opening.id}", _CONTACT, "tell_source_closed",
            source=source_name, day=source_closed_on, level=case.level,
        )  # fmt: skip
    _say_what_is_missing(case, opening.id)
    if case.recipient is None:
        case.tell(f"anonymous/{opening.id}", _CONTACT, "tell_anonymous")


def _say_what_is_missing(case: Case, cause: str) -> None:
    missing = missing_details(case)
    if missing:
        case.tell(f"missing/{cause}", _CONTACT, "tell_missing", fields=", ".join(missing))
    if case.representative and not case.representative.mandate:
        case.tell(f"no_mandate/{cause}", _CONTACT, "tell_no_mandate")


def missing_details(case: Case) -> tuple[str, ...]:
    """Name what the procedure asks for and the file does not hold ("votre numéro de police")."""
    return tuple(name for name in ("policy_number", "insurer") if getattr(case, name) is None)


def _nobody_to_write_to(case: Case) -> None:
    """Drop the clocks that only a letter can keep; the answer itself is still owed (anonymous report)."""
    letters = (ClockName.ACKNOWLEDGEMENT, *COMMITMENTS_OF_A_ROUND)
    case.drop(case.owing(*letters), "dropped_anonymous", "anonymous")


def _handed_to_insurer(case: Case, cause: str) -> None:
    """Drop the broker's commitments: the insurer leads (2b, 3). The customer is told; the law's clocks run on."""
    case.drop(_commitments(case), "handled_by_insurer", "insurer")
    if case.recipient:
        case.call_for(LetterKind.TRANSFER, cause)


def _commitments(case: Case) -> list[Clock]:
    return [clock for clock in case.owing() if clock.kind is ClockKind.COMMITMENT]


# The four main signals, and what goes with them ------------------------------------------------------------------


def response_given(case: Case, event: ev.ResponseGiven, entry: Entry) -> None:
    """The answer is given (§ 5): waiting letters are pointless now, the resolution letter leaves or has left."""
    answer = Answer(
        event_id=entry.id, round=case.round, at=entry.at, decision=event.decision, reasons=event.reasons,
        offer=event.offer, sent_by=event.sent_by,
    )  # fmt: skip
    if event.sent_by == "staff":
        answer.at = _moment(event.sent_on, entry)
    case.answers.append(answer)
    case.base_stage = Stage.ANSWERED
    case.settle(KEPT_BY_AN_ANSWER, answer.at, entry.recorded_at)
    if not case.running(ClockName.RESOLUTION_LETTER) and not (
        case.insurer_leads or case.in_mediation or case.litigation
    ):
        case.start_clock(ClockName.RESOLUTION_LETTER, paris_date(entry.at))
    if event.sent_by == "system" and case.recipient:
        case.call_for(LetterKind.RESOLUTION, entry.id)
    elif event.sent_by == "system":
        # Anonymous: the answer filed on the platform is the writing.
        case.settle(KEPT_BY_A_WRITTEN_ANSWER, entry.at, entry.recorded_at)
        case.tell(f"platform/{entry.id}", _CONTACT, "tell_answer_platform")
    elif event.channel is None or event.channel.written:
        case.settle(KEPT_BY_A_WRITTEN_ANSWER, answer.at, entry.recorded_at)
    partner_help.give_up(case, entry.id)


def customer_rejects(case: Case, event: ev.CustomerRejects, entry: Entry) -> None:
    """The customer contests the answer: a second round, once; after that only the mediator is left."""
    if case.base_level is Level.ONE:
        case.base_level = Level.TWO_A
    elif case.base_level is Level.TWO_A or case.round > 1:
        if case.recipient:
            case.call_for(LetterKind.EXHAUSTED, entry.id)
        case.tell(f"exhausted/{entry.id}", BOTH, "tell_exhausted")
        return
    received_on = event.received_on or paris_date(entry.at)
    case.drop(case.owing(ClockName.RESOLUTION_LETTER, *KEPT_BY_AN_ANSWER), "dropped_round", "round")
    case.round += 1
    case.base_stage = Stage.INVESTIGATING
    case.estimate = None
    case.pin_wish = "round"
    for clock in COMMITMENTS_OF_A_ROUND:
        case.start_clock(clock, received_on)
    if case.recipient is None:
        _nobody_to_write_to(case)
    if case.insurer_leads:
        mine = case.owing(*COMMITMENTS_OF_A_ROUND)
        case.drop(mine, "handled_by_insurer", "insurer")
    case.bring_in_other_party(entry.id)
    case.tell(f"round/{entry.id}", BOTH, "tell_round", level=case.level)


def mediator_seized(case: Case, event: ev.MediatorSeized, entry: Entry) -> None:
    """The mediator has it (level 3): the commitments of this round stop, the law's clocks run on."""
    notified_on = event.notified_on or paris_date(entry.at)
    led = case.handling_party
    case.mediation = Mediation(
        addressed_to=event.addressed_to, notified_on=notified_on, reference=event.mediator_reference
    )
    _enter_mediation(case, entry, notified_on)
    if case.insurer_leads and led is Party.BROKER:
        _handed_to_insurer(case, entry.id)
    case.bring_in_other_party(entry.id)


def _enter_mediation(case: Case, entry: Entry, notified_on: date) -> None:
    case.drop(_commitments(case), "dropped_mediation", "mediation")
    clock = case.start_clock(ClockName.MEDIATOR_REPLY, notified_on)
    if clock:
        case.tell(f"mediator/{entry.id}", BOTH, "tell_mediator", day=clock.due_on)


def summons_served(case: Case, event: ev.SummonsServed, entry: Entry) -> None:
    """A court is seized (level 4): every clock stops but the appearance, and no letter leaves by itself any more."""
    served_on = event.served_on or paris_date(entry.at)
    if case.litigation is None:
        case.litigation = Litigation(
            addressed_to=event.addressed_to,
            served_on=served_on,
            court=event.court,
            hearing_on=event.hearing_on,
        )
    _enter_litigation(case, entry, served_on)
    case.bring_in_other_party(entry.id)


def _enter_litigation(case: Case, entry: Entry, served_on: date) -> None:
    others = [c for c in case.owing() if c.clock is not ClockName.COURT_APPEARANCE]
    case.drop(others, "dropped_litigation", "litigation")
    case.letter_calls.clear()
    partner_help.give_up(case, entry.id)
    clock = case.start_clock(ClockName.COURT_APPEARANCE, served_on)
    if clock:
        case.tell(f"summons/{entry.id}", BOTH, "tell_summons", day=clock.due_on)


def results_known(case: Case, event: ev.ResultsKnown, entry: Entry) -> None:
    """The results are in: five business days for the resolution letter (§ 5), from the first results recorded."""
    if case.base_stage is Stage.INVESTIGATING:  # during a mediation the answer may have come before
        case.base_stage = Stage.RESULTS_KNOWN
    case.settle(KEPT_BY_RESULTS, entry.at, entry.recorded_at)
    already = any(c.clock is ClockName.RESOLUTION_LETTER and c.round == case.round for c in case.clocks)
    if already:
        return
    clock = case.start_clock(ClockName.RESOLUTION_LETTER, paris_date(entry.at))
    if clock and case.insurer_leads:
        case.drop([clock], "handled_by_insurer", "insurer")
    elif clock and case.in_mediation:
        case.drop([clock], "dropped_mediation", "mediation")


def estimate_given(case: Case, event: ev.EstimateGiven, entry: Entry) -> None:
    """The next letter says when the results are expected, and where matters stand (§ 2, § 4)."""
    case.estimate = event


def customer_accepts(case: Case, event: ev.CustomerAccepts, entry: Entry) -> None:
    """The customer accepts the answer: that is the end."""
    case.close("customer_accepts")


def withdrawn(case: Case, event: ev.Withdrawn, entry: Entry) -> None:
    """The customer withdraws: confirmed in writing, and closed."""
    case.letter_calls.clear()
    partner_help.give_up(case, entry.id)
    case.close("withdrawn")
    if case.recipient:
        case.call_for(LetterKind.WITHDRAWAL, entry.id)


# What else can happen --------------------------------------------------------------------------------------------


def source_joined(case: Case, event: ev.SourceJoined, entry: Entry) -> None:
    """A lawyer or a body takes the complaint up: level 2b, with whoever received their letter. Clocks do not change."""
    source_id = case.procedure.source_id(event.source) or event.source
    if source_id not in case.sources:
        case.sources.append(source_id)
    if event.representative:
        case.representative = event.representative
        _say_what_is_missing(case, entry.id)
    if case.base_level.rank >= Level.TWO_B.rank:
        return
    led = case.handling_party
    case.base_level, case.base_handling = Level.TWO_B, event.received_by
    if case.level is not Level.TWO_B:
        return  # a mediator or a court stands above it; it counts when they are done
    name = case.procedure.sources[source_id].name
    case.tell(f"level/{entry.id}", BOTH, "tell_level", level=case.level, why=name)
    if case.insurer_leads and led is Party.BROKER:
        partner_help.give_up(case, entry.id)
        _handed_to_insurer(case, entry.id)
    if case.insurer_leads or (case.base_stage is not Stage.ANSWERED and not partner_help.being_asked(case)):
        case.bring_in_other_party(entry.id)


def written_complaint_received(case: Case, event: ev.WrittenComplaintReceived, entry: Entry) -> None:
    """The writing that follows a call: the regulatory clocks start from its sending, and it is acknowledged."""
    case.sent_on_assumed = event.sent_on is None
    case.written_on = event.sent_on or event.received_on
    if case.litigation:
        return
    for name in REGULATORY:
        case.start_clock(name, case.written_on)
    if case.recipient is None:
        _nobody_to_write_to(case)
    elif case.answer is None:
        case.call_for(LetterKind.ACKNOWLEDGEMENT, entry.id)


def details_given(case: Case, event: ev.DetailsGiven, entry: Entry) -> None:
    """Missing or wrong details are put right; a corrected date of sending moves the clocks that start from it."""
    given = event.given()
    sent_on = given.pop("sent_on", None)
    had_nobody = case.recipient is None
    for name, value in given.items():
        setattr(case, name, value)
    if had_nobody and case.recipient is not None:
        case.restore("anonymous")
    if sent_on and case.written_on and not case.litigation:
        case.written_on, case.sent_on_assumed = sent_on, False
        _count_again_from(case, sent_on)
    case.dead_addresses.clear()
    if event.complained_about:
        _relieve_who_is_complained_about(case)


def _relieve_who_is_complained_about(case: Case) -> None:
    """Have somebody else take charge at once; of a closed complaint, only if it is ever reopened."""
    about, wish = case.complained_about, case.contact_wish
    in_charge = case.contact is not None and case.contact.id == about and case.stage is not Stage.CLOSED
    if in_charge or (wish and wish.wanted == about):
        case.contact_wish = ContactWish(instead_of=about)


def _count_again_from(case: Case, sent_on: date) -> None:
    """Count the regulatory clocks from the corrected day: what was done in time is kept, what was late is not."""
    for clock in case.clocks:
        if clock.clock not in REGULATORY:
            continue
        clock.starts_on = sent_on
        case.recount(clock)
        if clock.state in (ClockState.KEPT, ClockState.BREACHED):
            done, clock.state, clock.settled_at, clock.recorded_late = (
                clock.settled_at,
                ClockState.RUNNING,
                None,
                False,
            )
            if done:
                clock.settle(done, done)


def contact_reassigned(case: Case, event: ev.ContactReassigned, entry: Entry) -> None:
    """Another person takes charge; the customer learns who it is (§ 3)."""
    case.contact_wish = ContactWish(wanted=event.contact, instead_of=case.contact.id if case.contact else None)


def mediation_ended(case: Case, event: ev.MediationEnded, entry: Entry) -> None:
    """The mediation is over: settled or opinion closes; the other ends bring everything back as it stood."""
    if case.mediation is None:
        return
    case.mediation.outcome = event.outcome
    case.settle([ClockName.MEDIATOR_REPLY], entry.at, entry.recorded_at)
    if not event.outcome.restores:
        partner_help.give_up(case, entry.id)
        case.close(f"mediation_{event.outcome}")
        return
    case.restore("mediation")
    if case.base_stage is Stage.ANSWERED and case.answers:
        case.settle(KEPT_BY_AN_ANSWER, case.answers[-1].at, entry.recorded_at)
    case.tell(f"restored/{entry.id}", BOTH, "tell_restored", outcome=event.outcome, level=case.level)


def litigation_ended(case: Case, event: ev.LitigationEnded, entry: Entry) -> None:
    """The court is done: that is the end."""
    if case.litigation:
        case.litigation.outcome = event.outcome
    case.settle([ClockName.COURT_APPEARANCE], entry.at, entry.recorded_at)
    case.close("litigation_ended")


def reply_filed(case: Case, event: ev.ReplyFiled, entry: Entry) -> None:
    """Our reply left for the mediator, or counsel appeared: that keeps the clock."""
    name = ClockName.MEDIATOR_REPLY if event.to == MEDIATOR else ClockName.COURT_APPEARANCE
    case.settle([name], _moment(event.filed_on, entry), entry.recorded_at)


def calendar_changed(case: Case, event: ev.CalendarChanged, entry: Entry) -> None:
    """The due dates are worked out again, once the procedure is pinned anew."""
    case.pin_wish = "calendar"


def complaint_classified(case: Case, event: ev.ComplaintClassified, entry: Entry) -> None:
    """What the register is to know of its causes; nothing is owed for it, so a closed complaint stays closed."""
    case.classification = (case.classification or Classification()).model_copy(update=event.given())


def _changes_nothing(case: Case, event: ev.Event, entry: Entry) -> None:
    """A note, or what the journal alone keeps."""


def _moment(day: date | None, entry: Entry) -> datetime:
    """The instant an act of `day` counts for: within that day, never after it; without a day, that of the entry."""
    if day is None or day == paris_date(entry.at):
        return entry.at
    return end_of_day(day) - _INSTANT


TRANSITIONS: dict[str, Callable[[Case, Any, Entry], None]] = {
    "response_given": response_given,
    "customer_rejects": customer_rejects,
    "mediator_seized": mediator_seized,
    "summons_served": summons_served,
    "results_known": results_known,
    "estimate_given": estimate_given,
    "source_joined": source_joined,
    "written_complaint_received": written_complaint_received,
    "details_given": details_given,
    "partner_answered": partner_help.answered,
    "help_wanted": partner_help.wanted,
    "contact_reassigned": contact_reassigned,
    "customer_accepts": customer_accepts,
    "withdrawn": withdrawn,
    "mediation_ended": mediation_ended,
    "litigation_ended": litigation_ended,
    "reply_filed": reply_filed,
    "delivery_reported": delivery_reported,
    "recorded_in_error": _changes_nothing,
    "calendar_changed": calendar_changed,
    "note_added": _changes_nothing,
    "complaint_classified": complaint_classified,
}
