"""The procedure as a complaint carries it: the part of the firm's file that its rules use, pinned when it opens.

Editing the firm's file changes no open complaint; a new round and `calendar_changed` pin it again.
"""

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workflows.procedure.calendar import Calendar, Deadline, at_time
from workflows.procedure.intake import slug
from workflows.procedure.vocabulary import ClockName, Language, LetterKind, Level, Party


class Pinned(BaseModel):
    """A part of the pinned procedure; never changed once it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LevelRule(Pinned):
    """Who handles a level, and who helps (the table at the end of the published procedure).

    `handled_by`: `broker`, or `receiver`, the Party that received the demand (level 4: the one it is addressed to).
    `help`: `asked` with a deadline, `where_needed` (a person asks), `informed` only, or `none`.
    """

    handled_by: Literal["broker", "receiver"]
    help: Literal["none", "asked", "where_needed", "informed"]

    def handler(self, received_by: Party) -> Party:
        """Say which Party handles what `received_by` received."""
        return Party.BROKER if self.handled_by == "broker" else received_by

    def helper(self, handler: Party) -> Party | None:
        """Say which Party helps `handler`, if one does."""
        return handler.other if self.help in ("asked", "where_needed") else None


class Source(Pinned):
    """Whence a complaint can come, and what level that makes it (2b: the sensitive sources of the procedure)."""

    level: Level
    name: str
    aliases: tuple[str, ...] = ()
    authority: bool = False
    """Brought by an authority: the customer alone cannot withdraw it."""
    closed_on: date | None = None
    """The day the source ceased to exist: a later receipt is flagged, never refused."""


class HelpReminders(Pinned):
    """When a request for help is repeated, in jours ouvrés before its deadline, and after it to the manager."""

    remind_before: tuple[int, ...] = (3, 0)
    insist_after: tuple[int, ...] = (1, 6, 11)


class Procedure(Pinned):
    """What the rules need to know of the firm."""

    version: str
    language: Language
    """What staff read: refusals, notices, explanations."""
    calendar: Calendar
    deadlines: dict[ClockName, Deadline]
    mediation_opens: Deadline
    default_dates: dict[LetterKind, Deadline]
    """The date a letter announces, counted from its day, when nobody gave an estimate."""
    letters_leave_at: time
    """Paris time."""
    letters_spread: timedelta
    post_ready_at: time
    """Paris time."""
    levels: dict[Level, LevelRule]
    sources: dict[str, Source]
    help_reminders: HelpReminders = HelpReminders()

    def source_id(self, said: str) -> str | None:
        """Find the id of the source called `said`, by its id or one of its aliases; None if there is none."""
        wanted = slug(said)
        for source_id, source in self.sources.items():
            if wanted in (slug(source_id), *map(slug, source.aliases)):
                return source_id
        return None

    def leaves_at(self, day: date, reference: str | None, *, by_post: bool) -> datetime:
        """Say when a letter owed on `day` leaves: spread over the afternoon by the reference; for the post, at nine.

        The spread is fixed by the reference, so that thousands of letters of one day do not leave in one minute and a
        replay finds the same instant. Without a reference there is no spread.
        """
        if by_post:
            return at_time(day, self.post_ready_at)
        if reference is None:
            return at_time(day, self.letters_leave_at)
        seconds = int(self.letters_spread.total_seconds())
        digest = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8], "big")
        return at_time(day, self.letters_leave_at) + timedelta(seconds=digest % (seconds + 1))
