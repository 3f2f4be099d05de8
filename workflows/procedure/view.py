"""What a complaint answers when it is asked: the JSON of the queries `dossier` and `agenda` and of `submit`."""

from datetime import datetime
from typing import Any

from workflows.procedure.advice import next_steps, why_this_level
from workflows.procedure.calendar import PARIS
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.dossier import Dossier
from workflows.procedure.records import Entry, HelpRequest, Letter
from workflows.procedure.vocabulary import EntryStatus, Language
from workflows.procedure.waking import next_deadline, waits_for, wakes_at
from workflows.procedure.wording import clock_in_words, letter_in_words, say


def dossier_view(dossier: Dossier, language: Language | None = None) -> dict[str, Any]:
    """Give the whole state (CONTRACT, "What a complaint answers"). Instants are in Paris time, dates are civil.

    `language`: that of the sentences of the moment (`next_steps`, `level_reason`), when it is not the staff's own.
    """
    case = dossier.case if language is None else dossier.case.spoken_in(language)
    return {
        "reference": dossier.reference,
        "level": case.level.value,
        "stage": case.stage.value,
        "round": case.round,
        "handling_party": case.handling_party.value,
        "supporting_party": case.supporting_party.value if case.supporting_party else None,
        "insurer": case.insurer,
        "contact": case.contact.model_dump(mode="json") if case.contact else None,
        "complained_about": case.complained_about,
        "received_at": _instant(case.complaint.received_at),
        "sent_on": case.written_on.isoformat() if case.written_on else None,
        "sent_on_assumed": case.sent_on_assumed,
        "next_deadline": _instant(next_deadline(case)),
        "overdue": case.overdue,
        "needs_attention": bool(case.attention),
        "attention": case.attention,
        "next_steps": next_steps(case),
        "level_reason": why_this_level(case),
        "refused": refused_count(dossier),
        "sources": case.sources,
        "closed_by": case.closed_by,
        "procedure": case.procedure.version,
        "clocks": [{**clock_view(clock), **_next(case, clock)} for clock in case.clocks],
        "letters": [_letter_view(letter) for letter in case.letters],
        "requests": [_request_view(request) for request in case.requests],
        "handling": [
            {**handling.model_dump(mode="json"), "since": _instant(handling.since)} for handling in case.handling
        ],
        "classification": case.classification.model_dump(mode="json") if case.classification else None,
        "journal": [_entry_view(case, entry) for entry in dossier.journal],
    }


def agenda_view(dossier: Dossier) -> list[dict[str, Any]]:
    """Give the running clocks, soonest first, each with the instant it is waited for (`next_at`)."""
    case = dossier.case
    running = sorted(case.running(), key=lambda clock: wakes_at(case, clock))
    return [{**clock_view(clock), **_next(case, clock)} for clock in running]


def _next(case: Case, clock: Clock) -> dict[str, Any]:
    """Say what a running clock waits for: the instant, and whether a `letter`, a `warning` or its `end` comes then."""
    if not clock.running:
        return {}
    return {"next_at": _instant(wakes_at(case, clock)), "next_is": waits_for(case, clock)}


def receipt(dossier: Dossier, entry: Entry) -> dict[str, Any]:
    """Give what `submit` returns: where the complaint stands now, and a sentence for the sender."""
    case = dossier.case
    return {
        "reference": dossier.reference,
        "event_id": entry.id,
        "level": case.level.value,
        "stage": case.stage.value,
        "next_deadline": _instant(next_deadline(case)),
        "message": _sentence(dossier, entry)
        + (" " + say(case.procedure.language, "came_in_clear") if entry.in_clear else ""),
    }


def _sentence(dossier: Dossier, entry: Entry) -> str:
    case, language = dossier.case, dossier.case.procedure.language
    if entry.reason:
        return entry.reason
    if case.closed_by:
        return say(language, "recorded_closed")
    leaving = [call.kind for call in case.letter_calls if not call.blocked]
    if leaving:
        return say(language, "recorded_letter", letter=", ".join(letter_in_words(language, kind) for kind in leaving))
    if not case.running():
        return say(language, "recorded")
    soonest = min(case.running(), key=lambda clock: wakes_at(case, clock))
    return say(
        language,
        "recorded_next",
        clock=clock_in_words(language, soonest.clock),
        day=soonest.due_on.isoformat(),
    )


def refused_count(dossier: Dossier) -> int:
    """Count the messages that could not be accepted."""
    return sum(entry.status is EntryStatus.REFUSED for entry in dossier.journal)


def clock_view(clock: Clock) -> dict[str, Any]:
    """Give one clock as the contract names it; optional parts only where they say something."""
    shown = clock.model_dump(
        mode="json", include={"clock", "round", "starts_on", "due_on", "act_on", "skipped", "state"}
    )
    optional = clock.model_dump(
        mode="json",
        include={"opens_on", "moved", "reason", "recorded_late", "moot"},
        exclude_defaults=True,
    )
    return {
        **shown,
        "kind": clock.kind.value,
        "act_at": _instant(clock.act_at),
        **{name: value for name, value in optional.items() if value},
        **({"settled_at": _instant(clock.settled_at)} if clock.settled_at else {}),
    }


def _letter_view(letter: Letter) -> dict[str, Any]:
    return {
        **letter.model_dump(mode="json", exclude={"clocks", "causes", "kept", "contact", "tried_since"}),
        "prepared_at": _instant(letter.prepared_at),
        "sent_at": _instant(letter.sent_at),
        "again_at": _instant(letter.again_at),
    }


def _request_view(request: HelpRequest) -> dict[str, Any]:
    return {
        **request.model_dump(mode="json", exclude={"clock", "steps"}),
        "asked_at": _instant(request.asked_at),
        "answered_at": _instant(request.answered_at),
        "repeats": [{"at": _instant(step.at), "kind": step.kind.value} for step in request.steps],
    }


def _entry_view(case: Case, entry: Entry) -> dict[str, Any]:
    return {
        "at": entry.at.astimezone(PARIS).isoformat(),
        "recorded_at": entry.recorded_at.astimezone(PARIS).isoformat(),
        "type": entry.type,
        "by": entry.by,
        "id": entry.id,
        "status": entry.status.value,
        "reason": entry.reason or (say(case.procedure.language, "came_in_clear") if entry.in_clear else None),
        **({"in_clear": True} if entry.in_clear else {}),
        **({"at_assumed": True} if entry.at_assumed else {}),
        **({"data": entry.data} if entry.data else {}),
    }


def _instant(instant: datetime | None) -> str | None:
    return instant.astimezone(PARIS).isoformat(timespec="seconds") if instant else None
