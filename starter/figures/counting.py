"""Counts the lines of the register, one after the other, into the figures of a year."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from activities.firm.schema import UNCLASSIFIED
from starter.figures.figures import (
    NOT_STATED,
    Acknowledged,
    Courts,
    Figures,
    Lesson,
    MediationResult,
    Mediations,
    Movement,
    Redress,
    YearFigures,
)
from starter.figures.line import DelayBand, Mediation, Outcome, RegisterLine
from workflows.procedure.intake import slug
from workflows.procedure.vocabulary import Channel, ClockName, ClockState, Level, MediationOutcome, Stage

QUARTERS, MONTHS = 4, 12
_MONTHS_IN_A_QUARTER = MONTHS // QUARTERS
_FOR = frozenset({"complainant", "customer", "consumer", "reclamant", "client", "consommateur", "assure"})
_AGAINST = frozenset(
    {"broker", "insurer", "firm", "professional", "courtier", "assureur", "compagnie", "professionnel"}
)
_ACKNOWLEDGED = {
    ClockState.KEPT: Acknowledged.IN_TIME,
    ClockState.BREACHED: Acknowledged.LATE,
    ClockState.RUNNING: Acknowledged.PENDING,
    ClockState.DROPPED: Acknowledged.NOT_OWED,
}

_Word = TypeVar("_Word", bound=StrEnum)


def figures_of(lines: Iterable[RegisterLine], year: int, insurer: str | None = None) -> Figures:
    """Count `lines` for `year` and for the year before; those received later are left out."""
    counts = Count(year), Count(year - 1)
    for line in lines:
        if insurer is None or line.insurer == insurer:
            for count in counts:
                count.add(line)
    return Figures(insurer=insurer, year=counts[0].figures(), before=counts[1].figures())


class Count:
    """The figures of one civil year while they are counted: of 20,000 complaints no more is kept than the counts."""

    def __init__(self, year: int) -> None:
        self._year, self._first, self._after = year, date(year, 1, 1), date(year + 1, 1, 1)
        self._movement: Counter[str] = Counter()
        self._open_by_stage: Counter[Stage] = Counter()
        self._by_cause: Counter[str] = Counter()
        self._opening_levels: Counter[Level] = Counter()
        self._highest_levels: Counter[Level] = Counter()
        self._channels: Counter[Channel] = Counter()
        self._products: Counter[str] = Counter()
        self._insurers: Counter[str] = Counter()
        self._outcomes: Counter[Outcome] = Counter()
        self._acknowledged: Counter[Acknowledged] = Counter()
        self._redress: Counter[str] = Counter()
        self._totals: dict[str, Decimal] = {}
        self._breaches: Counter[ClockName] = Counter()
        self._results: Counter[MediationResult] = Counter()
        self._before_others: Counter[str] = Counter()
        self._quarters: list[Counter[DelayBand]] = [Counter() for _ in range(QUARTERS)]
        self._months: list[Counter[Level]] = [Counter() for _ in range(MONTHS)]
        self._lessons: list[Lesson] = []

    def add(self, line: RegisterLine) -> None:
        """Count one complaint, whenever it came in."""
        self._move(line)
        self._count_what_happened(line)
        if self._in_year(line.received_on):
            self._count_received(line)

    def _in_year(self, day: date | None) -> bool:
        return day is not None and self._first <= day < self._after

    def _pending(self, began_on: date, ended_on: date | None) -> bool:
        return began_on < self._after and (ended_on is None or ended_on >= self._after)

    def _move(self, line: RegisterLine) -> None:
        at_start, at_end = line.stage_before(self._first), line.stage_before(self._after)
        if at_start and at_start is not Stage.CLOSED:
            self._movement["open_at_start"] += 1
        if at_end and at_end is not Stage.CLOSED:
            self._open_by_stage[at_end] += 1
        for before, now in zip(line.stages, line.stages[1:], strict=False):
            if self._in_year(now.on):
                self._movement["closed"] += now.stage is Stage.CLOSED
                self._movement["reopened"] += before.stage is Stage.CLOSED

    def _count_what_happened(self, line: RegisterLine) -> None:
        self._breaches.update(breach.clock for breach in line.breaches if self._in_year(breach.due_on))
        for mediation in line.mediations:
            self._before_others["seized"] += self._in_year(mediation.seized_on)
            self._before_others["with_mediator"] += self._pending(mediation.seized_on, mediation.ended_on)
            if self._in_year(mediation.ended_on):
                self._results[result_of(mediation)] += 1
        for court in line.court_cases:
            self._before_others["summonses"] += self._in_year(court.served_on)
            self._before_others["with_court"] += self._pending(court.served_on, court.ended_on)
            self._before_others["judged"] += self._in_year(court.ended_on)

    def _count_received(self, line: RegisterLine) -> None:
        month = line.received_on.month - 1
        self._movement["received"] += 1
        self._by_cause[line.cause or UNCLASSIFIED] += 1
        self._opening_levels[line.opening_level] += 1
        self._highest_levels[line.highest_level] += 1
        self._channels[line.channel] += 1
        self._products[line.product or NOT_STATED] += 1
        self._insurers[line.insurer or NOT_STATED] += 1
        self._outcomes[line.outcome] += 1
        self._quarters[month // _MONTHS_IN_A_QUARTER][line.delay] += 1
        self._months[month][line.opening_level] += 1
        acknowledged = _ACKNOWLEDGED[line.acknowledgement] if line.acknowledgement else Acknowledged.NOT_OWED
        self._acknowledged[acknowledged] += 1
        if line.redress and line.redress_currency:
            self._redress["complaints"] += 1
            self._totals[line.redress_currency] = self._totals.get(line.redress_currency, Decimal(0)) + line.redress
        if line.root_cause or line.corrective_action:
            self._lessons.append(
                Lesson(
                    reference=line.reference,
                    cause=line.cause,
                    root_cause=line.root_cause,
                    corrective_action=line.corrective_action,
                )
            )

    def figures(self) -> YearFigures:
        """Give what was counted so far."""
        moved, others = self._movement, self._before_others
        delays = sum(self._quarters, Counter[DelayBand]())
        return YearFigures(
            year=self._year,
            movement=Movement(
                open_at_start=moved["open_at_start"],
                received=moved["received"],
                reopened=moved["reopened"],
                closed=moved["closed"],
                open_at_end=self._open_by_stage.total(),
                open_by_stage={stage: self._open_by_stage[stage] for stage in Stage if stage is not Stage.CLOSED},
            ),
            by_cause=most_first(self._by_cause, last=UNCLASSIFIED),
            by_opening_level=_each(Level, self._opening_levels),
            by_highest_level=_each(Level, self._highest_levels),
            by_channel=_each(Channel, self._channels),
            by_product=most_first(self._products, last=NOT_STATED),
            by_insurer=most_first(self._insurers, last=NOT_STATED),
            by_outcome=_each(Outcome, self._outcomes),
            by_delay=_each(DelayBand, delays),
            acknowledgements=_each(Acknowledged, self._acknowledged),
            redress=Redress(complaints=self._redress["complaints"], totals=dict(sorted(self._totals.items()))),
            breaches=_each(ClockName, self._breaches, leaving_out=ClockName.MEDIATION_WINDOW),
            mediations=Mediations(
                seized=others["seized"],
                ended=_each(MediationResult, self._results),
                pending=others["with_mediator"],
            ),
            courts=Courts(summonses=others["summonses"], ended=others["judged"], pending=others["with_court"]),
            delay_by_quarter=tuple(_each(DelayBand, quarter) for quarter in self._quarters),
            level_by_month=tuple(_each(Level, month) for month in self._months),
            lessons=tuple(self._lessons),
        )


def result_of(mediation: Mediation) -> MediationResult:
    """Say how a mediation ended; whom an opinion favours is free text, of which the usual words are understood."""
    if mediation.outcome is not MediationOutcome.OPINION:
        return MediationResult(str(mediation.outcome))
    favoured = slug(mediation.favours or "")
    if favoured in _FOR:
        return MediationResult.OPINION_FOR
    return MediationResult.OPINION_AGAINST if favoured in _AGAINST else MediationResult.OPINION


def most_first(counted: Mapping[str, int], last: str) -> dict[str, int]:
    """Sort counts, the highest first, `last` after all others."""
    return dict(sorted(counted.items(), key=lambda item: (item[0] == last, -item[1], item[0])))


def _each(words: type[_Word], counted: Mapping[_Word, int], leaving_out: _Word | None = None) -> dict[_Word, int]:
    """Give every word its count, in the order of the trade: a nought is an answer too."""
    return {word: counted.get(word, 0) for word in words if word is not leaving_out}
