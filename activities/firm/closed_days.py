"""The firm's closed days: French holidays by place, the worked Whit Monday, the firm's own closures.

Only this module asks the library of holidays, and never inside a workflow: a new version of it may move a
date, so a complaint takes the days enumerated here and keeps them.
"""

import hashlib
import json
from datetime import date, timedelta
from typing import Self

from holidays import country_holidays
from holidays.constants import PUBLIC
from holidays.countries.france import France
from holidays.version import __version__ as library_version
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workflows.procedure.calendar import Calendar

_WHIT_MONDAY = "Lundi de Pentecôte"


class Closure(BaseModel):
    """Days the firm is closed by its own choice, `first` to `last` inclusive (one day without `last`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    first: date
    last: date | None = None
    name: str = Field(min_length=1)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"The closure “{self.name}” ends on {self.last}, before it begins on {self.first}.")
        return self

    def days(self) -> list[date]:
        """List the days of the closure, weekends and holidays included."""
        length = ((self.last or self.first) - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(length)]


class CalendarConfig(BaseModel):
    """What makes the firm's calendar differ from that of metropolitan France.

    `subdivision` is a code of the holidays library ("57" Moselle, "6AE" Alsace, "974" La Réunion) or an alias
    it knows; the code is kept. Where closures overlap, the one listed first gives the day its name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    subdivision: str | None = None
    whit_monday_worked: bool = False
    closures: list[Closure] = []

    @field_validator("subdivision")
    @classmethod
    def _is_known(cls, value: str | None) -> str | None:
        if value is None:
            return None
        code = France.subdivisions_aliases.get(value, value)
        # The library lists its zones of school holidays among the subdivisions.
        places = [known for known in France.subdivisions if not known.startswith("Zone ")]
        if code not in places:
            raise ValueError(
                f"“{value}” is not a part of France with holidays of its own; "
                f"leave it out, or give one of: {', '.join(places)}."
            )
        return code


def enumerate_closed_days(config: CalendarConfig, first: date, last: date) -> Calendar:
    """Enumerate holidays (L. 3133-1, L. 3134-13 Code du travail) and closures, `first` to `last` inclusive.

    The version names the place, the library and a digest of the days and of the range itself, so the same
    range gives the same version on every machine. Raises ValueError when the range is empty or reaches a year
    that the library does not cover.
    """
    # The library answers a year it does not cover with no holiday at all.
    if first.year < France.start_year or last.year > France.end_year:
        raise ValueError(
            f"French holidays are known from {France.start_year} to {France.end_year}: "
            f"a calendar from {first} to {last} is not possible."
        )
    known = country_holidays(
        "FR",
        subdiv=config.subdivision,
        # Each year by name, and nothing filled in later: a year not loaded would pass as free of holidays.
        years=range(first.year, last.year + 1),
        expand=False,
        language="fr",  # else the names follow the machine's locale
        categories=(PUBLIC,),
    )
    listed = {day: name for day, name in sorted(known.items()) if first <= day <= last}

    closures: dict[date, str] = {}
    for closure in config.closures:
        for day in closure.days():
            if first <= day <= last:
                closures.setdefault(day, closure.name)
    closures = dict(sorted(closures.items()))

    # A day on which a second holiday falls bears both names, and stays closed.
    worked = tuple(day for day, name in listed.items() if config.whit_monday_worked and name == _WHIT_MONDAY)

    return Calendar(
        version=_version(config, first, last, listed, closures, worked),
        first=first,
        last=last,
        holidays=listed,
        closures=closures,
        worked_holidays=worked,
    )


def _version(
    config: CalendarConfig,
    first: date,
    last: date,
    listed: dict[date, str],
    closures: dict[date, str],
    worked: tuple[date, ...],
) -> str:
    content = [
        first.isoformat(),
        last.isoformat(),
        [(day.isoformat(), name) for day, name in listed.items()],
        [(day.isoformat(), name) for day, name in closures.items()],
        [day.isoformat() for day in worked],
    ]
    digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:8]
    return f"fr-{config.subdivision or 'metropole'}/holidays-{library_version}/{digest}"
