"""What a person should do next about a complaint, and why it stands at its level: sentences for staff."""

from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.vocabulary import ClockName, LetterStatus, Level, Stage
from workflows.procedure.wording import clock_in_words


def next_steps(case: Case) -> list[str]:
    """Say what a person should do now, most pressing first; empty when only time has to pass."""
    return [*_troubles(case), *_late(case), *_posting(case), *_STEPS[case.stage](case)]


def why_this_level(case: Case) -> str:
    """Say in a sentence why the complaint stands at its level (the published table)."""
    if case.level is Level.TWO_B:
        found = [case.procedure.sources[s] for s in case.sources]
        name = next((source.name for source in found if source.level is Level.TWO_B), "")
        return case.say("why_2b", source=name)
    return case.say(f"why_{case.level}")


def _troubles(case: Case) -> list[str]:
    return [case.say(f"do_{reason}") for reason in case.attention]


def _late(case: Case) -> list[str]:
    late = [clock for clock in case.clocks if clock.overdue]
    language = case.procedure.language
    return [case.say("tell_breach", clock=clock_in_words(language, clock.clock), day=clock.due_on) for clock in late]


def _posting(case: Case) -> list[str]:
    waiting = [letter.id for letter in case.letters if letter.status is LetterStatus.QUEUED]
    return [case.say("do_post", letter=letter_id) for letter_id in waiting]


def _soonest(case: Case, *names: ClockName) -> Clock | None:
    return min((c for c in case.clocks if c.clock in names and c.owes), key=lambda c: c.due_on, default=None)


def _investigating(case: Case) -> list[str]:
    steps = []
    informing = _soonest(case, ClockName.HOLDING_LETTER, ClockName.STATUS_LETTER, ClockName.PROMISED_DATE)
    if case.insurer_leads:
        return [case.say("do_follow_insurer")]
    if case.estimate is None and informing:
        steps.append(case.say("do_estimate", day=informing.act_on))
    answer = _soonest(case, ClockName.FINAL_ANSWER)
    steps.append(case.say("do_answer_by", day=answer.due_on) if answer else case.say("do_answer"))
    if case.written_on is None:
        steps.append(case.say("do_writing"))
    return steps


def _results_known(case: Case) -> list[str]:
    letter = _soonest(case, ClockName.RESOLUTION_LETTER)
    return [case.say("do_release", day=letter.due_on) if letter else case.say("do_answer")]


def _answered(case: Case) -> list[str]:
    ends_at = case.window_ends_at
    return [case.say("do_nothing_until", day=ends_at.date())] if ends_at else []


def _mediation(case: Case) -> list[str]:
    reply, steps = _soonest(case, ClockName.MEDIATOR_REPLY), []
    if reply:
        steps.append(case.say("do_reply_mediator", day=reply.due_on))
    answer = _soonest(case, ClockName.FINAL_ANSWER)
    if answer and case.answer is None:
        steps.append(case.say("do_answer_by", day=answer.due_on))
    return [*steps, case.say("do_mediation_end")]


def _litigation(case: Case) -> list[str]:
    appearance = _soonest(case, ClockName.COURT_APPEARANCE)
    steps = [case.say("do_appear", day=appearance.due_on)] if appearance else []
    return [*steps, case.say("do_litigation_end")]


def _closed(case: Case) -> list[str]:
    return []


_STEPS = {
    Stage.INVESTIGATING: _investigating,
    Stage.RESULTS_KNOWN: _results_known,
    Stage.ANSWERED: _answered,
    Stage.MEDIATION: _mediation,
    Stage.LITIGATION: _litigation,
    Stage.CLOSED: _closed,
}
