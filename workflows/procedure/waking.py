"""When a complaint wakes by itself: the one timer of each clock, and those of whatever is to be tried again."""

from datetime import datetime

from workflows.procedure.acts import warns, writes_itself
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock, label
from workflows.procedure.partner_help import next_steps
from workflows.procedure.vocabulary import ClockState, LetterStatus, Stage


def wakes_at(case: Case, clock: Clock) -> datetime:
    """Say what a running clock is waited for: its act while one comes by itself, else the end of its last day."""
    acts = not clock.acted and not clock.blocked and (writes_itself(case, clock) or warns(case, clock))
    # A letter that waits for a carrier has a timer of its own.
    return clock.act_at if acts and clock.again_at is None else clock.ends_at


def waits_for(case: Case, clock: Clock) -> str:
    """Say what that instant brings by itself: `letter`, `warning`, or the `end` of the clock's last day."""
    if wakes_at(case, clock) == clock.ends_at:
        return "end"
    return "letter" if writes_itself(case, clock) else "warning"


def timers(case: Case) -> dict[str, tuple[datetime, str]]:
    """Give the one timer of each running clock: its instant, and its label in the Temporal UI."""
    wanted = {
        clock.key: (wakes_at(case, clock), label(clock, case.procedure.deadlines.get(clock.clock)))
        for clock in case.clocks
        if clock.state is ClockState.RUNNING
    }
    if case.closes_without_window and case.window_ends_at:
        wanted["closing"] = (case.window_ends_at, "1 year: answered, the complaint closes")
    return wanted | _besides_the_clocks(case)


_WAITS_FOR_A_CARRIER = {LetterStatus.DEFERRED: "tried again", LetterStatus.DOUBTFUL: "no word from the carrier"}


def _besides_the_clocks(case: Case) -> dict[str, tuple[datetime, str]]:
    """Give the timers of what no carrier could take or gave no answer for, and of what the other Party owes."""
    wanted = {
        f"letter/{letter.id}": (letter.again_at, f"{letter.kind} letter: {_WAITS_FOR_A_CARRIER[letter.status]}")
        for letter in case.letters
        if letter.again_at
    }
    wanted |= {
        f"call/{wish.key}": (wish.again_at, f"Other Party: {wish.kind} again")
        for wish in case.partner_wishes
        if wish.again_at and not wish.blocked
    }
    wanted |= {
        f"help/{request.number}": (step.at, f"Other Party: {step.kind}, request {request.number}")
        for request, step in next_steps(case)
    }
    wish = case.contact_wish
    if wish and wish.again_at and (case.stage is not Stage.CLOSED or case.letter_calls):
        wanted["contact"] = (wish.again_at, "Nobody in charge: looked for again")
    if case.notices and case.notices_again_at:
        wanted["notices"] = (case.notices_again_at, "Tell staff again")
    return wanted


def next_deadline(case: Case) -> datetime | None:
    """The soonest instant that is waited for; None when nothing runs."""
    return min((instant for instant, _ in timers(case).values()), default=None)
