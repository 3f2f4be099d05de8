"""What the complaint itself does, written into its journal like any event, and what each act changes.

The journal alone gives the dossier back: an act is applied here when it is recorded, and again whenever the dossier is
worked out anew.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from workflows.procedure import partner_help
from workflows.procedure.calendar import CalendarExhausted, at_time, paris_date
from workflows.procedure.case import BOTH, Case
from workflows.procedure.clocks import COMMITMENTS_OF_A_ROUND, Clock
from workflows.procedure.delivery import (
    TRIED_AGAIN_AFTER,
    doubt_lasts,
    letter_deferred,
    letter_doubtful,
    letter_failed,
    letter_made,
    nth,
)
from workflows.procedure.orders import CallKind, Contact, StaffRole
from workflows.procedure.records import Entry, PartnerWish
from workflows.procedure.vocabulary import (
    ClockKind,
    ClockName,
    ClockState,
    LetterKind,
    LetterStatus,
    Stage,
    Way,
)
from workflows.procedure.wording import clock_in_words

OPENED = "opened"
PROCEDURE_PINNED = "procedure_pinned"
CONTACT_ASSIGNED = "contact_assigned"
CONTACT_MISSING = "contact_missing"
LETTER_SENT = "letter_sent"
LETTER_QUEUED = "letter_queued"
LETTER_FAILED = "letter_failed"
LETTER_DEFERRED = "letter_deferred"
LETTER_DOUBTFUL = "letter_doubtful"
DOUBT_LASTS = "doubt_lasts"
STAFF_TOLD = "staff_told"
STAFF_NOT_REACHED = "staff_not_reached"
PARTNER_UNREACHABLE = "partner_unreachable"
PARTNER_CALL_DEFERRED = "partner_call_deferred"
CLOCK_WARNED = "clock_warned"
CLOCK_BREACHED = "clock_breached"
WINDOW_ENDED = "window_ended"

LETTER_ENTRIES = {
    LetterStatus.SENT: LETTER_SENT,
    LetterStatus.QUEUED: LETTER_QUEUED,
    LetterStatus.FAILED: LETTER_FAILED,
    LetterStatus.DEFERRED: LETTER_DEFERRED,
    LetterStatus.DOUBTFUL: LETTER_DOUBTFUL,
}
"""What the journal calls the outcome of handing a letter to a carrier."""

PARTNER_TRIED_AGAIN_AFTER = tuple(timedelta(minutes=m) for m in (30, 30, 30, 60, 120, 240))
"""From one try of a call to the next; the last one again and again, so that long outages cost a history little."""
WEBHOOK_TRIES = 3
"""How often a webhook is tried before the e-mail contact is written to: an hour and a half after the first try."""

CALL_ENTRIES = {
    CallKind.ASK: "help_requested",
    CallKind.REMIND: "help_reminded",
    CallKind.INSIST: "help_insisted",
    CallKind.HAND_OVER: "dossier_handed_over",
    CallKind.INFORM: "partner_informed",
    CallKind.TAKE_BACK: "help_withdrawn",
}
"""What the journal calls each call on the other Party."""


def procedure_pinned(case: Case, entry: Entry) -> None:
    """Count again what the occasion asks for: after `calendar`, all; for a `round`, the commitments of that round."""
    because = entry.data["because"]
    case.pin_wish, case.calendar_too_short = None, False
    if because == "calendar":
        for clock in case.clocks:
            if clock.running or clock.state is ClockState.DROPPED:
                case.recount(clock)
    elif because == "round":
        for clock in case.running(*COMMITMENTS_OF_A_ROUND):
            if clock.round == case.round:
                case.recount(clock)
    waiting, case.unscheduled = case.unscheduled, []
    for name, starts_on in waiting:
        if begun := case.start_clock(name, starts_on):
            _catch_up(case, begun, entry.recorded_at)
    if case.unscheduled or paris_date(entry.recorded_at) >= case.procedure.calendar.last:
        case.calendar_too_short, case.pin_wish = True, None
    if case.calendar_too_short:
        case.tell(f"calendar/{entry.id}", BOTH, "tell_calendar", last=case.procedure.calendar.last)


def _catch_up(case: Case, clock: Clock, now: datetime) -> None:
    """Do to a clock that had waited for a longer calendar what was done to the others meanwhile."""
    if clock.clock is ClockName.RESOLUTION_LETTER:
        for letter in case.letters:
            answers = any(answer.event_id in letter.causes for answer in case.answers if answer.round == case.round)
            is_its_letter = letter.kind is LetterKind.RESOLUTION and answers
            if is_its_letter and letter.sent_at and paris_date(letter.sent_at) >= clock.starts_on:
                clock.settle(letter.sent_at, now)
    if case.litigation and clock.owes and clock.clock is not ClockName.COURT_APPEARANCE:
        case.drop([clock], "dropped_litigation", "litigation")
    elif case.in_mediation and clock.owes and clock.kind is ClockKind.COMMITMENT:
        case.drop([clock], "dropped_mediation", "mediation")


def contact_assigned(case: Case, entry: Entry) -> None:
    """A person is in charge; whoever was written to under another name is told (§ 3)."""
    contact = Contact.model_validate(entry.data["contact"])
    changed = case.contact is not None and contact.id != case.contact.id
    if case.contact is None:
        case.unblock()  # what nobody could sign can leave now
    case.contact, case.contact_wish = contact, None
    told = [letter.contact for letter in case.letters if not letter.status.never_left]
    if told and told[-1] != contact.id and case.recipient and case.stage not in (Stage.LITIGATION, Stage.CLOSED):
        case.call_for(LetterKind.CONTACT_CHANGE, entry.id)
    if changed or not told:
        case.tell(f"in_charge/{entry.id}", (StaffRole.CONTACT,), "tell_in_charge", level=case.level)


def contact_missing(case: Case, entry: Entry) -> None:
    """Nobody could be put in charge: the manager is told once, and it is tried again each open morning."""
    wish = case.contact_wish
    told_before = wish is not None and wish.again_at is not None
    if wish and wish.wanted and case.contact:
        case.contact_wish = None  # the one in charge stays; the person asked for is not to be had
    elif wish:
        wish.wanted, wish.again_at = None, _next_morning(case, entry)
    if told_before:
        return
    case.tell(f"no_contact/{entry.id}", (StaffRole.MANAGER,), "tell_no_contact", problem=entry.data["problem"])


def _next_morning(case: Case, entry: Entry) -> datetime:
    tomorrow = paris_date(entry.at) + timedelta(days=1)
    with suppress(CalendarExhausted):
        tomorrow = case.procedure.calendar.next_open_day(tomorrow)
    return at_time(tomorrow, case.procedure.post_ready_at)


def staff_told(case: Case, entry: Entry) -> None:
    """Persons were told these matters."""
    for key in entry.data["keys"]:
        case.notices.pop(key, None)
    case.notices_again_at = None
    if not case.notices:
        case.notices_tries = 0


def staff_not_reached(case: Case, entry: Entry) -> None:
    """No carrier could take the word to staff: it is tried again later and later, with what has come meanwhile."""
    case.notices_tries += 1
    case.notices_again_at = entry.at + nth(TRIED_AGAIN_AFTER, case.notices_tries)


def partner_called(case: Case, entry: Entry) -> None:
    """The other Party was called on; a request for help starts its own clock."""
    wish = PartnerWish.model_validate(entry.data["wish"])
    case.partner_wishes = [w for w in case.partner_wishes if w.key != wish.key]
    problem = entry.data.get("webhook_problem")
    if problem and not case.webhook_refused:
        case.webhook_refused = True
        case.tell(f"webhook/{entry.id}", (StaffRole.MANAGER,), "tell_webhook_refused", problem=problem)
    if wish.kind is CallKind.ASK:
        partner_help.asked(case, wish, entry)


def partner_call_deferred(case: Case, entry: Entry) -> None:
    """Neither webhook nor carrier could take the call: it is made a little later."""
    for wish in case.partner_wishes:
        if wish.key == entry.data["key"]:
            wish.deferred += 1
            wish.again_at = entry.at + nth(PARTNER_TRIED_AGAIN_AFTER, wish.deferred)
            wish.tries += entry.data.get("by") == Way.WEBHOOK


def partner_unreachable(case: Case, entry: Entry) -> None:
    """The other Party could not be reached: staff see why, and a person's act tries it again."""
    for wish in case.partner_wishes:
        if wish.key == entry.data["key"]:
            wish.blocked = True
    case.tell(f"unreachable/{entry.id}", BOTH, "tell_partner_unreachable", problem=entry.data["problem"])


def clock_warned(case: Case, entry: Entry) -> None:
    """The day has come and no letter of ours settles it: persons are warned."""
    clock = case.clock(entry.data["clock"])
    if clock is None:
        return
    clock.acted = True
    words: dict[str, Any] = {"clock": clock_in_words(case.procedure.language, clock.clock), "day": clock.due_on}
    case.tell_in_the_morning(f"warn/{clock.key}", BOTH, "tell_warning", **words)
    if clock.kind is ClockKind.PROCEDURAL:
        case.wish(CallKind.INFORM, entry.id, case.handling_party.other, "warn_party", **words)


def clock_breached(case: Case, entry: Entry) -> None:
    """A clock was not kept by the end of its last day: that stands for ever, and managers are told."""
    clock = case.clock(entry.data["clock"])
    if clock is None or not clock.running:
        return
    clock.state = ClockState.BREACHED
    case.tell_in_the_morning(
        f"breach/{clock.key}", BOTH, "tell_breach",
        clock=clock_in_words(case.procedure.language, clock.clock), day=clock.due_on,
    )  # fmt: skip


def window_ended(case: Case, entry: Entry) -> None:
    """The year of the mediator is over (L. 612-2): an answered complaint ends here, an unanswered one never does."""
    for clock in case.running(ClockName.MEDIATION_WINDOW):
        clock.state, clock.settled_at = ClockState.KEPT, entry.at
    close_if_over(case, entry.recorded_at)


def close_if_over(case: Case, now: datetime) -> None:
    """Close an answered complaint whose mediation window has ended."""
    ends_at = case.window_ends_at
    if case.open_stage is Stage.ANSWERED and ends_at is not None and ends_at <= now:
        case.close("window_ended")


def _nothing(case: Case, entry: Entry) -> None:
    """What the opening itself has done."""


ACTS: dict[str, Callable[[Case, Entry], None]] = {
    OPENED: _nothing,
    PROCEDURE_PINNED: procedure_pinned,
    CONTACT_ASSIGNED: contact_assigned,
    CONTACT_MISSING: contact_missing,
    LETTER_SENT: letter_made,
    LETTER_QUEUED: letter_made,
    LETTER_FAILED: letter_failed,
    LETTER_DEFERRED: letter_deferred,
    LETTER_DOUBTFUL: letter_doubtful,
    DOUBT_LASTS: doubt_lasts,
    STAFF_TOLD: staff_told,
    STAFF_NOT_REACHED: staff_not_reached,
    **dict.fromkeys(CALL_ENTRIES.values(), partner_called),
    PARTNER_UNREACHABLE: partner_unreachable,
    PARTNER_CALL_DEFERRED: partner_call_deferred,
    partner_help.HELP_STEP_DUE: partner_help.step_due,
    CLOCK_WARNED: clock_warned,
    CLOCK_BREACHED: clock_breached,
    WINDOW_ENDED: window_ended,
}


def due_by(case: Case, now: datetime) -> list[tuple[str, datetime, dict[str, Any]]]:
    """List what has come due by `now` without anybody's doing, in legal order: entry, instant, data.

    A clock that passed its last day is breached at 24:00 of it; one whose day has come and which no letter of ours
    settles gives a warning.
    """
    found: list[tuple[datetime, int, str, tuple[str, Any]]] = []
    for clock in case.clocks:
        order = list(ClockName).index(clock.clock)
        if clock.clock is ClockName.MEDIATION_WINDOW:
            if clock.running and clock.ends_at <= now:
                found.append((clock.ends_at, order, WINDOW_ENDED, ("clock", clock.key)))
            continue
        if clock.running and clock.ends_at <= now:
            found.append((clock.ends_at, order, CLOCK_BREACHED, ("clock", clock.key)))
        elif clock.running and not clock.acted and clock.act_at <= now and warns(case, clock):
            found.append((clock.act_at, order, CLOCK_WARNED, ("clock", clock.key)))
    if case.closes_without_window and case.window_ends_at and case.window_ends_at <= now:
        found.append((case.window_ends_at, len(ClockName), WINDOW_ENDED, ("clock", "")))
    found += [
        (letter.again_at, len(ClockName), DOUBT_LASTS, ("letter", letter.id))
        for letter in case.letters
        if letter.status is LetterStatus.DOUBTFUL and letter.again_at and letter.again_at <= now
    ]
    # What passed together is one reminder, at the last of its instants.
    reminders = {number: at for at, number in partner_help.steps_due(case, now)}
    found += [(at, len(ClockName), partner_help.HELP_STEP_DUE, ("request", number)) for number, at in reminders.items()]
    return [(act, at, dict([what])) for at, _, act, what in sorted(found)]


_WARN_ONLY = frozenset({ClockName.MEDIATOR_REPLY, ClockName.COURT_APPEARANCE})


_NO_LETTER = frozenset({ClockName.RESOLUTION_LETTER, ClockName.MEDIATION_WINDOW, ClockName.PARTNER_HELP})


def warns(case: Case, clock: Clock) -> bool:
    """Whether a clock's day calls for a warning: no automatic letter settles it, or none of ours may leave."""
    if clock.clock in _WARN_ONLY:
        return True
    return clock.clock in (ClockName.FINAL_ANSWER, ClockName.ACKNOWLEDGEMENT) and not writes_itself(case, clock)


def writes_itself(case: Case, clock: Clock) -> bool:
    """Whether a letter leaves by itself for this clock: ours to write, to somebody, and no court is seized."""
    if clock.clock in _WARN_ONLY or clock.clock in _NO_LETTER:
        return False
    if clock.clock is ClockName.FINAL_ANSWER and case.answer is not None:
        return False  # an answer was given, if not in writing: no letter may say there is none
    return case.recipient is not None and not case.insurer_leads and case.stage not in (Stage.LITIGATION, Stage.CLOSED)
