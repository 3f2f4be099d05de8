"""What the register holds of a complaint, whether it lags, and what a rebuild restored: for people and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from activities.register.kept import KeptAttempt, KeptEvent, KeptLetter, Standing
from activities.register.restoring import Gap
from starter.register.check import Lag
from starter.register.rebuild import Rebuilt
from starter.render.days import instant
from starter.render.dossier import render_dossier
from starter.render.words import Words, shown
from workflows.procedure.calendar import PARIS
from workflows.procedure.vocabulary import Language

_DIFFERS = {
    "missing": ("absente du registre", "not in the register"),
    "stage": ("état", "stage"),
    "level": ("niveau", "level"),
    "contact": ("interlocuteur", "contact"),
    "next_deadline": ("prochaine échéance", "next deadline"),
}
_GAPS = {
    Gap.WORDS_CHANGED: (
        "récrite, elle diffère : les modèles ou le fichier du cabinet ont changé",
        "written again it differs: the templates or the firm's file have changed",
    ),
    Gap.ORDER_FORGOTTEN: ("Temporal n'en a plus l'ordre", "Temporal no longer has its order"),
}
_DIGITS = 12


def kept_view(
    dossier: Mapping[str, Any], standing: Standing, letters: Sequence[KeptLetter], events: Sequence[KeptEvent]
) -> dict[str, Any]:
    """Give what the register holds as JSON: the dossier as its query answers, each attempt without its bytes."""
    return {
        "dossier": dict(dossier),
        "written_at": _in_paris(standing.written_at),
        "attempts": [
            {"letter_id": letter.record.id, **_attempt_view(attempt)}
            for letter in letters
            for attempt in letter.attempts
        ],
        "events": [
            {**asdict(event), "happened_at": _in_paris(event.happened_at), "received_at": _in_paris(event.received_at)}
            for event in events
        ],
    }


def _attempt_view(attempt: KeptAttempt) -> dict[str, Any]:
    shown_as_they_are = ("number", "carrier", "state", "settled_by", "provider_id", "detail", "template", "sha256")
    return {
        **{name: getattr(attempt, name) for name in shown_as_they_are},
        **{name: _in_paris(getattr(attempt, name)) for name in ("started_at", "asked_at", "settled_at")},
        "content_type": attempt.content_type,
        "bytes": len(attempt.content) if attempt.content is not None else None,
    }


def render_kept(
    dossier: Mapping[str, Any],
    standing: Standing,
    letters: Sequence[KeptLetter],
    events: Sequence[KeptEvent],
    language: Language,
    *,
    everything: bool = False,
) -> RenderableType:
    """Show the dossier as `complaints show` does, then what is known of the delivery of its letters."""
    words = Words(language)
    written = words.choose("Au registre le {}, {} lignes de journal.", "In the register on {}, {} lines of journal.")
    parts: list[RenderableType] = [
        Text(written.format(instant(standing.written_at, words), standing.revision), style="dim"),
        render_dossier(dossier, language, everything=everything),
    ]
    if any(letter.attempts for letter in letters):
        parts += [_heading(words.choose("Acheminement", "Delivery")), _attempts(letters, words)]
    if events:
        parts += [_heading(words.choose("Avis du transporteur", "Reported by the provider")), _events(events, words)]
    return Group(*parts)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold underline")


def _attempts(letters: Sequence[KeptLetter], words: Words) -> Table:
    table = _table(
        words.choose("courrier|essai|par|quand|état|preuve|SHA-256", "letter|attempt|by|when|state|proof|SHA-256")
    )
    for letter in letters:
        for attempt in letter.attempts:
            state = words("attempt_state", attempt.state)
            table.add_row(
                shown(letter.record.id), shown(attempt.number), shown(attempt.carrier),
                shown(instant(attempt.started_at, words)),
                shown(f"{state} ({attempt.detail})" if attempt.detail else state),
                shown(attempt.provider_id or words.nobody), shown(attempt.sha256[:_DIGITS]),
            )  # fmt: skip
    return table


def _events(events: Sequence[KeptEvent], words: Words) -> Table:
    table = _table(words.choose("courrier|quand|avis|détail", "letter|when|event|detail"))
    for event in events:
        when = instant(event.happened_at, words)
        table.add_row(
            shown(event.letter_id), shown(when), shown(event.event), shown(event.detail or words.nobody, longest=500)
        )
    return table


def lag_view(lag: Lag) -> dict[str, Any]:
    """Give one complaint in which the register lags as JSON."""
    return {"reference": lag.reference, "differs": list(lag.differs)}


def render_lags(lags: Sequence[Lag], language: Language) -> RenderableType:
    """Name the complaints in which the register lags, and in what."""
    words = Words(language)
    if not lags:
        return Text(words.choose("Le registre est à jour.", "The register is up to date."))
    table = _table(words.choose("référence|diffère", "reference|differs"))
    for lag in lags:
        said = ", ".join(words.choose(*_DIFFERS[what]) for what in lag.differs)
        table.add_row(shown(lag.reference, "bold"), shown(said))
    advice = words.choose(
        "Le worker le complète à l’étape suivante de chaque dossier ; `complaints register rebuild` tout de suite.",
        "The worker completes it at the next step of each complaint; `complaints register rebuild` at once.",
    )
    return Group(table, Text(advice))


def render_rebuilt(done: Rebuilt, language: Language) -> RenderableType:
    """Say what was restored, and name what could not be."""
    return Group(*_rebuilt(done, Words(language)))


def _rebuilt(done: Rebuilt, words: Words) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    counts = (
        (words.choose("Dossiers connus de Temporal", "Complaints Temporal knows"), done.complaints),
        (words.choose("  au registre maintenant", "  now in the register"), done.written),
        (words.choose("  jamais ouverts", "  never opened"), done.never_opened),
        (words.choose("Envois retrouvés", "Attempts restored"), done.attempts),
        (words.choose("Contenus complétés", "Contents completed"), done.contents),
    )
    for label, count in counts:
        table.add_row(Text(label), Text(str(count)))
    yield table
    if done.gaps:
        yield _heading(words.choose("Sans leur contenu", "Without their content"))
        for letter_id, gap in sorted(done.gaps.items()):
            yield shown(letter_id).append(words.choose(" : ", ": ")).append(words.choose(*_GAPS[gap]))
    if done.unread:
        yield _heading(words.choose("Dossiers illisibles", "Complaints that could not be read"))
        for reference, why in sorted(done.unread.items()):
            yield shown(reference).append(words.choose(" : ", ": ")).append_text(shown(why, longest=300))


def _table(headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings.split("|"):
        table.add_column(heading)
    return table


def _in_paris(when: datetime | None) -> str | None:
    return when.astimezone(PARIS).isoformat(timespec="seconds") if when else None
