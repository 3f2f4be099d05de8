"""The course of a complaint in days: its levels, its stages, who was in charge, what went before others."""

from datetime import date

from starter.figures.line import CourtCase, Handler, LevelChange, Mediation, StageChange
from workflows.procedure import records
from workflows.procedure.calendar import paris_date
from workflows.procedure.case import Case
from workflows.procedure.records import Entry
from workflows.procedure.vocabulary import EntryStatus


class Course:
    """Heeds the case after each entry of its journal (`Dossier.resume`), and keeps what changed, with its day.

    What was voided is not part of it: the journal is gone through as it stands.
    """

    def __init__(self) -> None:
        self.levels: list[LevelChange] = []
        self.stages: list[StageChange] = []
        self.handlers: list[Handler] = []
        self.mediations: list[Mediation] = []
        self.court_cases: list[CourtCase] = []
        self.closed_on: date | None = None
        self._day = date.min
        self._mediation: records.Mediation | None = None

    def heed(self, entry: Entry, case: Case) -> None:
        """Keep what this entry changed."""
        # An act is counted when it happened; but no course runs backwards for one that was told late.
        self._day = max(self._day, case.received_on, paris_date(entry.at))
        if not self.levels or self.levels[-1].level is not case.level:
            self.levels.append(LevelChange(on=self._day, level=case.level))
        if not self.stages or self.stages[-1].stage is not case.stage:
            self.stages.append(StageChange(on=self._day, stage=case.stage))
            self.closed_on = self._day if case.closed_by else None
        contact = case.contact
        if contact and (not self.handlers or self.handlers[-1].id != contact.id):
            self.handlers.append(Handler(on=self._day, id=contact.id, name=contact.name))
        self._heed_mediation(entry, case)
        self._heed_court(entry, case)

    def _heed_mediation(self, entry: Entry, case: Case) -> None:
        now = case.mediation
        if now is not None and now is not self._mediation:
            self._mediation = now
            self.mediations.append(Mediation(seized_on=now.notified_on, addressed_to=now.addressed_to))
        if self.mediations and _happened(entry, "mediation_ended"):
            data = entry.data
            ended = {
                "ended_on": paris_date(entry.at), "outcome": data["outcome"], "favours": data.get("opinion_favours"),
                "accepted": data.get("accepted"),
            }  # fmt: skip
            self.mediations[-1] = Mediation.model_validate({**self.mediations[-1].model_dump(), **ended})

    def _heed_court(self, entry: Entry, case: Case) -> None:
        now = case.litigation
        if _happened(entry, "summons_served"):
            served_on = entry.data.get("served_on") or paris_date(entry.at)
            self.court_cases.append(CourtCase(served_on=served_on, addressed_to=entry.data["addressed_to"]))
        elif now is not None and not self.court_cases:  # it was opened by a summons
            self.court_cases.append(CourtCase(served_on=now.served_on, addressed_to=now.addressed_to))
        if _happened(entry, "litigation_ended"):
            ended = {"ended_on": paris_date(entry.at), "outcome": entry.data["outcome"]}
            # The proceedings end as a whole, however many summonses there were.
            self.court_cases = [each if each.ended_on else each.model_copy(update=ended) for each in self.court_cases]


def _happened(entry: Entry, kind: str) -> bool:
    return entry.type == kind and entry.status is EntryStatus.ACCEPTED
