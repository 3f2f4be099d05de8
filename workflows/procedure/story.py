"""The state of a complaint in a few lines of Markdown, for the Temporal UI. No personal data."""

from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Dossier
from workflows.procedure.owed import wakes_at
from workflows.procedure.vocabulary import EntryStatus
from workflows.procedure.wording import clock_in_words

_LAST_ENTRIES = 8


def current_details(dossier: Dossier) -> str:
    """Tell where the complaint stands: level, Parties, clocks with what each waits for, the last entries."""
    case = dossier.case
    helper = f", helped by the {case.supporting_party}" if case.supporting_party else ""
    lines = [
        f"**Level {case.level} · {case.stage} · round {case.round}** — handled by the {case.handling_party}{helper}, "
        f"contact `{case.contact.id if case.contact else 'none'}`",
        "",
    ]
    if case.attention:
        lines += [f"**Needs attention:** {', '.join(case.attention)}", ""]
    lines += ["| clock | due | state | next |", "|---|---|---|---|"]
    for clock in case.clocks:
        following = wakes_at(case, clock).astimezone(PARIS).strftime("%Y-%m-%d %H:%M") if clock.running else ""
        name = clock_in_words(case.procedure.language, clock.clock)
        state = f"{clock.state}: {clock.reason}" if clock.reason else str(clock.state)
        lines.append(f"| {name} | {clock.due_on} | {state} | {following} |")
    lines += ["", "| recorded | entry | |", "|---|---|---|"]
    for entry in dossier.journal[-_LAST_ENTRIES:]:
        recorded = entry.recorded_at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")
        status = "" if entry.status is EntryStatus.ACCEPTED else f"{entry.status}: {entry.reason or ''}"
        lines.append(f"| {recorded} | {entry.type} `{entry.id}` | {status} |")
    return "\n".join(lines)
