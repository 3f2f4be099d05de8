"""The state of a complaint in a few lines of Markdown, for the Temporal UI. No personal data."""

from datetime import datetime

from workflows.procedure.acts import STAFF_TOLD
from workflows.procedure.advice import next_steps, why_this_level
from workflows.procedure.calendar import PARIS
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.dossier import Dossier
from workflows.procedure.records import Entry
from workflows.procedure.view import refused_count
from workflows.procedure.vocabulary import EntryStatus
from workflows.procedure.waking import waits_for, wakes_at
from workflows.procedure.wording import clock_in_words

_LAST_ENTRIES = 8


def current_details(dossier: Dossier) -> str:
    """Tell where a complaint stands: level and why, Parties, what to do, clocks and what each waits for, events."""
    case = dossier.case
    lines = [_heading(case), ""]
    steps = next_steps(case)
    if steps:
        lines += [f"**{case.say('story_next')}**", "", *(f"- {step}" for step in steps), ""]
    lines += [case.say("story_clocks"), *(_clock_row(case, clock) for clock in case.clocks), ""]
    lines += [f"**{case.say('story_journal')}**", "", *(_entry_line(entry) for entry in _last_entries(dossier))]
    refused = refused_count(dossier)
    if refused:
        lines += ["", case.say("story_refused", count=refused)]
    return "\n".join(lines)


def _heading(case: Case) -> str:
    parts = [
        f"**{case.say('story_level', level=case.level)}** ({why_this_level(case)})",
        case.say(f"stage:{case.stage}"),
        case.say("story_round", round=case.round),
        case.say("story_led", party=case.say(f"party:{case.handling_party}")),
    ]
    if case.supporting_party:
        parts.append(case.say("story_helped", party=case.say(f"party:{case.supporting_party}")))
    contact = f"`{case.contact.id}`" if case.contact else case.say("story_nobody")
    return " · ".join([*parts, case.say("story_contact", contact=contact)])


def _clock_row(case: Case, clock: Clock) -> str:
    name = clock_in_words(case.procedure.language, clock.clock)
    state = case.say(f"state:{clock.state}") + (f" ({clock.reason})" if clock.reason else "")
    waits = ""
    if clock.running:
        instant = wakes_at(case, clock)
        waits = case.say(f"waits_{waits_for(case, clock)}", instant=_minute(instant))
    # The UI sets table cells without any space between them.
    return "| " + " | ".join(f"{cell}\u00a0\u00a0" for cell in (name, clock.due_on, state, waits)) + " |"


def _last_entries(dossier: Dossier) -> list[Entry]:
    return [entry for entry in dossier.journal if entry.type != STAFF_TOLD][-_LAST_ENTRIES:]


def _entry_line(entry: Entry) -> str:
    told = "" if entry.status is EntryStatus.ACCEPTED else f" — *{entry.status}*: {entry.reason or ''}"
    return f"- {_minute(entry.recorded_at)} {entry.type} `{entry.id}`{told}"


def _minute(instant: datetime) -> str:
    return instant.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
