"""What the yearly figures must be, worked out a second time: from the CSV, the fortunes and the calendar.

Naive on purpose, and without a line of the product: each life is a list of days, each figure a loop.
"""

import csv
import re
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.figures.played import Fortune
from tests.stories.independent_count import american, months_after, ouvres_after

ONE_DAY = timedelta(days=1)
RESTORED = "premature"
GAVE_WAY = re.compile(
    r"monies received|payment expected|cancellation withdrawn|surrender paid|claim settled|corrective action"
    r"|rescinded|policy issued|premium refund|rate problem resolved|stat pen",
    re.IGNORECASE,
)


class Life:
    """One row: its days, and the stages it stood at from each of them on."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.fortune, self.cells = Fortune(number), cells
        self.received = american(cells["Received date"])
        self.answered = american(cells["Closed date"])
        self.lawyer = cells["Complaint filed by"] == "Attorney"
        self.stages: list[tuple[date, str]] = [(self.received, "investigating")]
        self.levels = ["2b" if self.lawyer else "1"]
        self.breaches: list[tuple[str, date]] = []
        self.mediation: tuple[date, date, str] | None = None
        self.summoned: date | None = None
        self.last_answer: date | None = None
        self._live()

    def after(self, days: int) -> date:
        return self.answered + timedelta(days=days)

    @property
    def window_is_over_on(self) -> date:
        begins = self.last_answer if self.fortune.by_phone else self.received
        assert begins
        return months_after(begins, 12) + ONE_DAY

    def turn(self, day: date, stage: str) -> None:
        """Go to a stage; who is answered stays so until the mediator's year is over, and then is closed."""
        if self.stages[-1][1] != stage:
            self.stages.append((day, stage))
        if stage == "answered" and self.window_is_over_on <= day:
            self.stages.append((day, "closed"))

    def _closes_before(self, day: date | None) -> None:
        if self.stages[-1][1] == "answered" and (day is None or self.window_is_over_on <= day):
            self.stages.append((self.window_is_over_on, "closed"))

    def _help_asked(self, on: date, until: date) -> None:
        due = ouvres_after(on, 10)
        if until > due:
            self.breaches.append(("partner_help", due))

    def _live(self) -> None:
        fortune, two_months = self.fortune, months_after(self.received, 2)
        if self.lawyer:
            self._help_asked(self.received, self.answered)
        if self.answered > two_months and not fortune.by_phone:
            self.breaches.append(("final_answer", two_months))
        if fortune.withdrawn:
            self.turn(self.answered, "closed")
            return
        self.last_answer = self.answered
        self.turn(self.answered, "answered")
        if fortune.contested_after:
            contested, again = self.after(fortune.contested_after), self.after(fortune.contested_after + 30)
            self._closes_before(contested)
            self.turn(contested, "investigating")
            self.levels.append("2b" if self.lawyer else "2a")
            self._help_asked(contested, again)
            self.last_answer = again
            self.turn(again, "answered")
        if fortune.seized_after:
            self._go_to_the_mediator(self.after(fortune.seized_after))
        if fortune.summoned_after:
            self.summoned = self.after(fortune.summoned_after)
            self._closes_before(self.summoned)
            self.turn(self.summoned, "litigation")
            self.levels.append("4")
            self.breaches.append(("court_appearance", self.summoned + timedelta(days=15)))
        self._closes_before(None)

    def _go_to_the_mediator(self, seized: date) -> None:
        ended, (outcome, favours) = seized + timedelta(days=60), self.fortune.mediation
        self._closes_before(seized)
        self.turn(seized, "mediation")
        self.levels.append("3")
        self.breaches.append(("mediator_reply", seized + timedelta(weeks=5)))
        self.turn(ended, "answered" if outcome == RESTORED else "closed")
        named = {"complainant": "opinion_for_complainant", "insurer": "opinion_against_complainant"}
        self.mediation = seized, ended, named[favours] if favours else outcome

    def stage_at_the_start_of(self, day: date) -> str | None:
        return next((stage for since, stage in reversed(self.stages) if since < day), None)

    @property
    def band(self) -> str:
        if self.fortune.withdrawn:
            return "unanswered"
        if (self.answered - self.received).days <= 10:
            return "within_10_days"
        return "within_2_months" if self.answered <= months_after(self.received, 2) else "over_2_months"

    @property
    def outcome(self) -> str:
        if self.fortune.withdrawn:
            return "withdrawn"
        if self.cells["Confirmed complaint"] == "Yes":
            return "upheld"
        return "partly_upheld" if GAVE_WAY.search(self.cells["How resolved"]) else "rejected"


def expected(path: Path, year: int, insurer: str | None = None) -> dict[str, Any]:
    """Count one year; what is nought is left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lives = [Life(number, cells) for number, cells in enumerate(csv.DictReader(file), 1)]
    if insurer:
        lives = [life for life in lives if an_id(life.cells["Complaint filed against"]) == insurer]
    first, last = date(year, 1, 1), date(year, 12, monthrange(year, 12)[1])
    received = [life for life in lives if life.received.year == year]
    moves = [
        (was, now)
        for life in lives
        for (_, was), (on, now) in zip(life.stages, life.stages[1:], strict=False)
        if on.year == year
    ]
    stood = Counter(filter(None, (life.stage_at_the_start_of(last + ONE_DAY) for life in lives)))
    del stood["closed"]
    mediations = [life.mediation for life in lives if life.mediation]
    summoned = [life.summoned for life in lives if life.summoned]
    paid = [Decimal(life.fortune.paid) for life in received if life.fortune.paid]
    return {
        "movement": {
            "open_at_start": sum(life.stage_at_the_start_of(first) not in (None, "closed") for life in lives),
            "received": len(received),
            "reopened": sum(was == "closed" for was, _ in moves),
            "closed": sum(now == "closed" for _, now in moves),
            "open_at_end": sum(stood.values()),
            "open_by_stage": dict(stood),
        },
        "by_cause": Counter(life.fortune.cause or "unclassified" for life in received),
        "by_opening_level": Counter(life.levels[0] for life in received),
        "by_highest_level": Counter(max(life.levels) for life in received),
        "by_channel": Counter("phone" if life.fortune.by_phone else "email" for life in received),
        "by_product": Counter(
            f"{an_id(life.cells['Coverage type'])}/{an_id(life.cells['Coverage level'])}" for life in received
        ),
        "by_insurer": Counter(an_id(life.cells["Complaint filed against"]) for life in received),
        "by_outcome": Counter(life.outcome for life in received),
        "by_delay": Counter(life.band for life in received),
        "acknowledgements": Counter("not_owed" if life.fortune.by_phone else "in_time" for life in received),
        "redress": {"complaints": len(paid), "totals": {"EUR": str(sum(paid))} if paid else {}},
        "breaches": Counter(clock for life in lives for clock, due in life.breaches if due.year == year),
        "mediations": {
            "seized": sum(seized.year == year for seized, _, _ in mediations),
            "ended": Counter(result for _, ended, result in mediations if ended.year == year),
            "pending": sum(seized <= last < ended for seized, ended, _ in mediations),
        },
        "courts": {
            "summonses": sum(day.year == year for day in summoned),
            "ended": 0,
            "pending": sum(day <= last for day in summoned),
        },
        "delay_by_quarter": [
            Counter(life.band for life in received if (life.received.month - 1) // 3 == quarter) for quarter in range(4)
        ],
        "level_by_month": [
            Counter(life.levels[0] for life in received if life.received.month == month) for month in range(1, 13)
        ],
    }


def an_id(name: str) -> str:
    """Make the id of a name as the contract does (an insurer's name)."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:64].strip("-")


def without_noughts(value: Any) -> Any:
    """Leave out what is nought in a table of counts, to whatever depth."""
    if isinstance(value, dict):
        return {name: without_noughts(each) for name, each in value.items() if each not in (0, "0")}
    return [without_noughts(each) for each in value] if isinstance(value, list | tuple) else value
