"""The firm's file, as a model: every fact of the firm, checked so that a fault is named by its place.

Only what the rules use of it is pinned in the histories of complaints (`Firm.procedure`); letters, notices
and calls read the rest as it stands on the day.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from activities.firm.closed_days import CalendarConfig
from activities.firm.fields import (
    Day,
    Names,
    Part,
    SlugId,
    Texts,
    TimeOfDay,
    Version,
    WebAddress,
    missing,
    refuse,
    twice,
)
from activities.firm.partners import Insurer, not_told_apart
from activities.firm.people import Hours, Person, misplaced_deputies
from workflows.procedure.calendar import Calendar, Deadline
from workflows.procedure.events import CAUSE_ID
from workflows.procedure.intake import EmailAddress, Line, Text, slug
from workflows.procedure.pinned import HelpReminders, LevelRule, Procedure, Source
from workflows.procedure.vocabulary import ANNOUNCES_A_DATE, ClockName, Language, LetterKind, Level, Party

SOURCES_OF_THE_CONTRACT = (
    "customer",
    "lawyer",
    "legal_protection_insurer",
    "france_assureurs",
    "defenseur_des_droits",
    "dgccrf",
    "dreets",
    "acpr",
    "eu_odr",
    "journalist",
    "signalconso",
    "mediator",
    "court",
)
"""Ids that integrating systems send: a firm renames and adds, but leaves none out."""

UNCLASSIFIED = "unclassified"
"""Where a cause is counted, the place of complaints that have none."""

_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]*")
_ONE_DAY = timedelta(days=1)
_OFFICE_HOURS = {"from": "09:00", "to": "18:00"}


class Mediator(Part):
    """The mediation scheme open to consumers (Code de la consommation L. 616-1): named in every letter."""

    name: Line
    postal_address: Text
    website: WebAddress
    online_form: WebAddress


class Alias(Part):
    """Another name of a source. Civil dates: `since` is the first day of that name, `until` the day it ended.

    A name that has ended is still understood: people go on using it.
    """

    name: Line
    since: Day | None = None
    until: Day | None = None

    @field_validator("name")
    @classmethod
    def _can_be_found(cls, name: str) -> str:
        if not slug(name):
            raise ValueError("expected a name with letters or digits")
        return name

    @field_validator("until")
    @classmethod
    def _ends_after_it_begins(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if until is not None and since is not None and until < since:
            raise ValueError(f"ends before it begins on {since}")
        return until


class SourceConfig(Part):
    """Whence a complaint can come, under today's name; `closed_on` is the day the source ceased to exist."""

    level: Level
    name: Line
    aliases: tuple[Alias, ...] = ()
    authority: bool = False
    closed_on: Day | None = None

    @field_validator("aliases", mode="before")
    @classmethod
    def _a_bare_name_will_do(cls, aliases: Any) -> Any:
        if not isinstance(aliases, list):
            return aliases
        return [{"name": alias} if isinstance(alias, str) else alias for alias in aliases]

    @field_validator("level")
    @classmethod
    def _opens_a_complaint(cls, level: Level) -> Level:
        if level is Level.TWO_A:
            raise ValueError("2a follows a first answer, no source opens it; expected '1', '2b', '3' or '4'")
        return level

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it answers to, today's first; both apostrophes, since people type either."""
        said = (self.name, *(alias.name for alias in self.aliases))
        spelt = [spelling for name in said for spelling in (name, name.replace("’", "'"), name.replace("'", "’"))]
        by_slug: dict[str, str] = {}
        for name in spelt:
            by_slug.setdefault(slug(name), name)
        return tuple(by_slug.values())


class Firm(Part):
    """Everything the product knows of the firm. Times of day are Paris times, dates are Paris civil dates.

    Where the published procedure is silent, the file says which text or choice a value rests on.
    """

    id: SlugId
    version: Version
    """The operator's own label of this state of the file."""
    name: Line
    legal_name: Line
    complaints_service: Line
    postal_address: Text
    phone: Line
    email: EmailAddress
    website: WebAddress
    staff_language: Language
    signature_role: Texts
    mediator: Mediator
    no_mediation: Texts
    """Says to a complainant who is no consumer that no mediation scheme is open to them."""
    default_situation: Texts
    """Stands in a letter that must state the situation when nobody gave one."""
    help_offered: Texts
    calendar: CalendarConfig
    deadlines: dict[ClockName, Deadline]
    mediation_opens: Deadline
    default_dates: dict[LetterKind, Deadline]
    """The date a letter announces when nobody gave an estimate, counted from the day of the letter."""
    letters_leave_at: TimeOfDay
    letters_spread_minutes: int = Field(ge=0)
    post_ready_at: TimeOfDay
    office_hours: Hours = Hours.model_validate(_OFFICE_HOURS)
    """When people are warned, but for those who keep hours of their own; the digest of the morning leaves when the
    firm's begin, and never after they end."""
    reassign_after: int = Field(default=3, ge=1)
    """Open days of the firm: who is away for at least so many is relieved of their complaints, else deputised."""
    answers_need_approval: tuple[Level, ...] = ()
    """The levels whose answers, composed by a person on our pages, a second person releases."""
    help_reminders: HelpReminders = HelpReminders()
    """When a request for help is repeated, in jours ouvrés before and after its deadline."""
    levels: dict[Level, LevelRule]
    sources: dict[str, SourceConfig]
    causes: dict[str, Names] = Field(min_length=1)
    """What complaints come from, for the register: staff classify by these ids (`complaint_classified`)."""
    people: tuple[Person, ...]
    insurers: tuple[Insurer, ...]

    # Field by field rather than on the whole model, so that one reading of the file lists every fault.

    @field_validator("deadlines")
    @classmethod
    def _every_clock_has_its_deadline(cls, deadlines: dict[ClockName, Deadline]) -> dict[ClockName, Deadline]:
        faults = list(missing((clock for clock in ClockName if clock is not ClockName.PROMISED_DATE), deadlines))
        if ClockName.PROMISED_DATE in deadlines:
            faults.append((ClockName.PROMISED_DATE, "not possible here: a promise falls due on its own date"))
        refuse(faults)
        return deadlines

    @field_validator("default_dates")
    @classmethod
    def _every_announcement_has_a_date(cls, dates: dict[LetterKind, Deadline]) -> dict[LetterKind, Deadline]:
        announcing = [kind for kind in LetterKind if kind in ANNOUNCES_A_DATE]
        faults = list(missing(announcing, dates))
        faults += [(kind, "this letter announces no date") for kind in dates if kind not in ANNOUNCES_A_DATE]
        refuse(faults)
        return dates

    @field_validator("letters_spread_minutes")
    @classmethod
    def _leaves_the_same_day(cls, minutes: int, info: ValidationInfo) -> int:
        leave_at = info.data.get("letters_leave_at")
        if leave_at is None:
            return minutes
        since_midnight = timedelta(hours=leave_at.hour, minutes=leave_at.minute, seconds=leave_at.second)
        # A letter that leaves after midnight leaves a day late.
        if since_midnight + timedelta(minutes=minutes) >= _ONE_DAY:
            raise ValueError(f"letters that leave from {leave_at:%H:%M} on must all have left before midnight")
        return minutes

    @field_validator("levels")
    @classmethod
    def _every_level_is_ruled(cls, levels: dict[Level, LevelRule]) -> dict[Level, LevelRule]:
        refuse(missing(Level, levels))
        return levels

    @field_validator("sources")
    @classmethod
    def _every_source_is_known_by_its_names(cls, sources: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        faults = list(missing(SOURCES_OF_THE_CONTRACT, sources))
        faults += [
            (source_id, "expected an id of lower-case letters, digits and underscores")
            for source_id in sources
            if _SOURCE_ID.fullmatch(source_id) is None
        ]
        claimed: dict[str, str] = {}
        for source_id, source in sources.items():
            for name in (source_id, *source.names):
                owner = claimed.setdefault(slug(name), source_id)
                if owner != source_id:
                    faults.append((source_id, f"the name “{name}” already belongs to {owner}"))
        refuse(faults)
        return sources

    @field_validator("causes")
    @classmethod
    def _causes_can_be_given(cls, causes: dict[str, dict[Language, str]]) -> dict[str, dict[Language, str]]:
        faults = [
            (cause, "expected an id of lower-case letters, digits and underscores")
            for cause in causes
            if CAUSE_ID.fullmatch(cause) is None
        ]
        if UNCLASSIFIED in causes:
            faults.append((UNCLASSIFIED, "not possible here: it stands for complaints that nobody has classified"))
        refuse(faults)
        return causes

    @field_validator("people")
    @classmethod
    def _somebody_answers_for_every_level(cls, people: tuple[Person, ...]) -> tuple[Person, ...]:
        ours = [person for person in people if person.party is Party.BROKER]
        faults = list(twice(person.id for person in people))
        if not any(person.manager for person in ours):
            faults.append(("", "nobody of the broker is a manager; expected manager = true for at least one"))
        faults += [
            ("", f"nobody of the broker handles level {level}")
            for level in Level
            if not any(level in person.levels for person in ours)
        ]
        faults += misplaced_deputies(people)
        refuse(faults)
        return people

    @field_validator("insurers")
    @classmethod
    def _insurers_are_told_apart(cls, insurers: tuple[Insurer, ...]) -> tuple[Insurer, ...]:
        refuse(not_told_apart(insurers))
        return insurers

    @property
    def managers(self) -> list[Person]:
        """The broker's managers, told of breaches and of what nobody else can take."""
        return [person for person in self.people if person.manager and person.party is Party.BROKER]

    def person(self, contact_id: str | None) -> Person | None:
        """Find a person by their opaque id; None when there is none."""
        return next((person for person in self.people if person.id == contact_id), None)

    def team_of(self, person: Person) -> str:
        """Name a person's team: the complaints service, when the file names none."""
        return person.team or self.complaints_service

    def hours_of(self, person: Person) -> Hours:
        """Give the hours in which a person may be warned: their own, else the firm's (Paris times)."""
        return person.hours or self.office_hours

    def insurer(self, insurer_id: str | None) -> Insurer | None:
        """Find an insurer by its id; None for no id, and for one that the firm does not know."""
        return next((insurer for insurer in self.insurers if insurer.id == insurer_id), None)

    def procedure(self, calendar: Calendar) -> Procedure:
        """Give what running complaints carry, with `calendar` as the enumerated closed days.

        Its version is `<firm>/<the operator's label>/<digest>`; the digest covers all that is pinned, the
        calendar included, so that two procedures of one version are the same procedure.
        """
        content: dict[str, Any] = {
            "language": self.staff_language,
            "calendar": calendar,
            "deadlines": self.deadlines,
            "mediation_opens": self.mediation_opens,
            "default_dates": self.default_dates,
            "letters_leave_at": self.letters_leave_at,
            "letters_spread": timedelta(minutes=self.letters_spread_minutes),
            "post_ready_at": self.post_ready_at,
            "help_reminders": self.help_reminders,
            "levels": self.levels,
            "sources": {source_id: _pinned(source_id, source) for source_id, source in self.sources.items()},
        }
        pinned = Procedure(version="", **content)
        return pinned.model_copy(update={"version": f"{self.id}/{self.version}/{_digest(pinned)}"})


def _pinned(source_id: str, source: SourceConfig) -> Source:
    return Source(
        level=source.level,
        name=source.name,
        aliases=tuple(name for name in source.names if slug(name) != slug(source_id)),
        authority=source.authority,
        closed_on=source.closed_on,
    )


def _digest(pinned: Procedure) -> str:
    content: Mapping[str, Any] = pinned.model_dump(mode="json", exclude={"version"})
    # Sorted: putting the file's tables in another order changes no procedure.
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]
