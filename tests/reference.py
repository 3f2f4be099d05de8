"""A second opinion on levels, stages, rounds and due dates, written from the contract's sentences alone.

Deliberately naive and unlike the product: no table, no clocks as objects, whole history looked through at each
question. It shares only the words (strings) and the library of holidays.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays

PARIS = ZoneInfo("Europe/Paris")
FEASTS = holidays.country_holidays("FR", years=range(2024, 2040))
ORDER = ["1", "2a", "2b", "3", "4"]
SENSITIVE = {"lawyer", "journalist", "acpr", "signalconso"}
AUTHORITIES = {"acpr", "signalconso"}
RESTORING = {"inadmissible", "premature", "withdrawn"}


def business_days_after(day: date, count: int) -> date:
    """Count Mondays to Fridays that are no feast; the day itself does not count."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in FEASTS:
            count -= 1
    return day


def paris_day(instant: datetime) -> date:
    """Give the civil date."""
    return instant.astimezone(PARIS).date()


@dataclass
class Answer:
    """An answer: when, in which round."""

    at: datetime
    round: int
    said: tuple[Any, ...]


@dataclass
class Reference:
    """What the contract says of one complaint."""

    received_at: datetime
    source: str = "customer"
    received_by: str = "broker"
    base: str = "1"
    base_party: str = "broker"
    round: int = 1
    results: bool = False
    answers: list[Answer] = field(default_factory=list)
    round_started: list[date] = field(default_factory=list)
    mediation: dict[str, Any] | None = None
    litigation: dict[str, Any] | None = None
    closed: str | None = None
    waiting: list[dict[str, Any]] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Open it."""
        self.sources.add(self.source)
        self.round_started.append(paris_day(self.received_at))
        self.base_party = self.received_by
        if self.source in SENSITIVE:
            self.base = "2b"
        if self.source == "mediator":
            self.mediation = {"to": self.received_by, "open": True}
        if self.source == "court":
            self.litigation = {"to": self.received_by}

    @property
    def level(self) -> str:
        """The level."""
        if self.litigation:
            return "4"
        if self.mediation and (self.mediation["open"] or self.mediation["outcome"] not in RESTORING):
            return "3"
        return self.base

    @property
    def stage(self) -> str:
        """The stage."""
        return "closed" if self.closed else self.stage_under

    @property
    def stage_under(self) -> str:
        """The stage but for the closing."""
        if self.litigation:
            return "litigation"
        if self.mediation and self.mediation["open"]:
            return "mediation"
        if self.answered:
            return "answered"
        return "results_known" if self.results else "investigating"

    @property
    def answered(self) -> bool:
        """Whether this round has its answer."""
        return any(answer.round == self.round for answer in self.answers)

    @property
    def party(self) -> str:
        """Who handles it."""
        if self.level == "4" and self.litigation:
            return str(self.litigation["to"])
        if self.level == "3" and self.mediation:
            return str(self.mediation["to"])
        return self.base_party if self.level == "2b" else "broker"

    @property
    def holding_due(self) -> date:
        """Ten business days from the receipt of this round."""
        return business_days_after(self.round_started[-1], 10)

    def window_over(self, now: datetime) -> bool:
        """Whether the mediator's year has passed (the story's complaints are sent on the day of receipt)."""
        start = paris_day(self.received_at)
        last = start.replace(year=start.year + 1)
        return paris_day(now) > last

    def pass_time(self, now: datetime) -> None:
        """An answered complaint closes with the window."""
        if not self.closed and self.stage == "answered" and self.window_over(now):
            self.closed = "window"

    def hear(self, event: dict[str, Any], now: datetime) -> str:
        """Say what becomes of an event: accepted, waiting, refused or duplicate; and change accordingly."""
        self.pass_time(now)
        if event.get("id") in self.ids:
            return "duplicate"
        fate = self._hear(event, now)
        if fate != "refused" and event.get("id"):
            self.ids.add(event["id"])
        if fate == "accepted":
            self._what_waited()
            self.pass_time(now)
        return fate

    def _hear(self, event: dict[str, Any], now: datetime) -> str:
        kind, at = event["type"], datetime.fromisoformat(event["at"])
        if at > now + timedelta(minutes=2):
            return "refused"
        stage = self.stage_under if self.closed and kind in REOPENING else self.stage
        if stage == "litigation" and kind not in IN_COURT:
            return "refused"
        if stage == "closed" and kind not in AFTER_THE_END:
            return "refused"
        fate = getattr(self, f"_{kind}")(event, at, stage)
        if fate == "accepted" and self.closed and kind in REOPENING:
            self.closed = None
        if fate == "accepted":
            getattr(self, f"_do_{kind}", lambda *_: None)(event, at)
        elif fate == "waiting":
            self.waiting.append(event)
        return str(fate)

    def _what_waited(self) -> None:
        for event in list(self.waiting):
            at = datetime.fromisoformat(event["at"])
            if self.closed or self._spoken(event, at) != "accepted":
                continue
            self.waiting.remove(event)
            getattr(self, f"_do_{event['type']}")(event, at)

    def _spoken(self, event: dict[str, Any], at: datetime) -> str:
        """A word on an answer speaks of one given no later than itself."""
        given = [answer for answer in self.answers if answer.round == self.round]
        if not given or given[-1].at > at:
            return "waiting"
        if self.stage_under == "litigation":
            return "waiting"
        if event["type"] == "customer_rejects" and self.stage_under == "mediation":
            return "waiting"
        return "accepted"

    # What each event needs, and does.

    def _response_given(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        if at < self.received_at - timedelta(minutes=2):
            return "refused"
        if stage == "litigation" and event.get("sent_by", "system") == "system":
            return "refused"
        given = [answer for answer in self.answers if answer.round == self.round]
        said = (event["decision"], event["reasons"])
        return "refused" if stage == "answered" and given and given[-1].said == said else "accepted"

    def _do_response_given(self, event: dict[str, Any], at: datetime) -> None:
        self.answers.append(Answer(at, self.round, (event["decision"], event["reasons"])))

    def _customer_rejects(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return self._spoken(event, at)

    def _do_customer_rejects(self, event: dict[str, Any], at: datetime) -> None:
        if self.base == "2a" or (self.base == "2b" and self.round > 1):
            return
        if self.base == "1":
            self.base = "2a"
        self.round += 1
        self.results = False
        self.round_started.append(paris_day(at))

    def _customer_accepts(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return self._spoken(event, at)

    def _do_customer_accepts(self, event: dict[str, Any], at: datetime) -> None:
        self.closed = "accepted"

    def _results_known(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "refused" if stage == "answered" or at < self.received_at - timedelta(minutes=2) else "accepted"

    def _do_results_known(self, event: dict[str, Any], at: datetime) -> None:
        if not self.answered:
            self.results = True

    def _mediator_seized(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "refused" if stage == "mediation" else "accepted"

    def _do_mediator_seized(self, event: dict[str, Any], at: datetime) -> None:
        self.mediation = {"to": event["addressed_to"], "open": True}

    def _mediation_ended(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted" if stage == "mediation" else "refused"

    def _do_mediation_ended(self, event: dict[str, Any], at: datetime) -> None:
        assert self.mediation
        self.mediation.update(open=False, outcome=event["outcome"])
        if event["outcome"] not in RESTORING:
            self.closed = "mediation"

    def _summons_served(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted"

    def _do_summons_served(self, event: dict[str, Any], at: datetime) -> None:
        self.litigation = self.litigation or {"to": event["addressed_to"]}

    def _litigation_ended(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted" if stage == "litigation" else "refused"

    def _do_litigation_ended(self, event: dict[str, Any], at: datetime) -> None:
        self.closed = "litigation"

    def _withdrawn(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "refused" if self.sources & AUTHORITIES else "accepted"

    def _do_withdrawn(self, event: dict[str, Any], at: datetime) -> None:
        self.closed = "withdrawn"

    def _source_joined(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted" if event["source"] in SENSITIVE else "refused"

    def _do_source_joined(self, event: dict[str, Any], at: datetime) -> None:
        self.sources.add(event["source"])
        if ORDER.index(self.base) < ORDER.index("2b"):
            self.base, self.base_party = "2b", event["received_by"]

    def _note_added(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted"

    def _partner_answered(self, event: dict[str, Any], at: datetime, stage: str) -> str:
        return "accepted"


REOPENING = {
    "response_given", "customer_rejects", "mediator_seized", "summons_served", "results_known", "source_joined",
}  # fmt: skip
IN_COURT = {
    "response_given", "summons_served", "litigation_ended", "source_joined", "note_added", "partner_answered",
}  # fmt: skip
AFTER_THE_END = {"note_added", "partner_answered"}


def utc(instant: datetime) -> datetime:
    """Give an instant in UTC."""
    return instant.astimezone(UTC)
