"""The rows of the real register, each lived through on the pure rules in its own years, and kept in a register.

The CSV knows receipt, answer and outcome. What else happens to a complaint (it is contested, goes to the mediator, is
classified …) follows from the number of its row, by `Fortune`: the independent count reads the same fortunes.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from starter.play import SAMPLE
from starter.play.register import Row, read_register
from tests.rehearsal import Rehearsal, complaint
from workflows.procedure.calendar import at_time
from workflows.procedure.dossier import Carried

RAN_UNTIL = date(2024, 6, 30)
"""Long after the last row: every complaint is at its end but those that wait for a court."""
CAUSES = ("delay", "amount", "information", "delay")


@dataclass(frozen=True)
class Fortune:
    """What happens to row `number` (from 1) beside its answer, by days after the first answer; None: it does not."""

    number: int

    def _every(self, nth: int) -> bool:
        return self.number % nth == 0

    @property
    def by_phone(self) -> bool:
        """It is made by phone, and never put in writing."""
        return self._every(19)

    @property
    def withdrawn(self) -> bool:
        """Instead of being answered, it is withdrawn on that day; a lawyer withdraws too."""
        return self._every(17)

    @property
    def contested_after(self) -> int | None:
        """The customer contests the answer, and a second one is given 30 days later, with the same decision."""
        return 12 if self._every(7) else None

    @property
    def seized_after(self) -> int | None:
        """The mediator notifies the broker."""
        return 100 if self._every(9) else None

    @property
    def mediation(self) -> tuple[str, str | None]:
        """How the mediation ends, 60 days after its notification, and whom an opinion favours."""
        return (("premature", None), ("settled", None), ("opinion", "complainant"), ("opinion", "insurer"))[
            self.number // 9 % 4
        ]

    @property
    def summoned_after(self) -> int | None:
        """A summons is served on the broker, when the mediator has had it too; the proceedings never end."""
        return 200 if self._every(27) else None

    @property
    def cause(self) -> str | None:
        """Staff classify it 5 days after the answer."""
        return CAUSES[self.number % 4] if self._every(2) else None

    @property
    def paid(self) -> str | None:
        """Staff say what was paid, in euros."""
        return f"{self.number}.25" if self._every(10) else None


def lives(path: Path = SAMPLE) -> Iterator[Carried]:
    """Live through every row of the CSV at `path`."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        stated = list(csv.DictReader(file))
    for row, cells in zip(read_register(path), stated, strict=True):
        assert isinstance(row, Row)
        month, day, year = map(int, cells["Received date"].split("/"))
        yield _life(row, date(year, month, day))


def _life(row: Row, received_on: date) -> Carried:
    fortune, answered_on = Fortune(row.number), received_on + timedelta(days=row.days)
    received_at = at_time(received_on, time.min)
    stated = {**row.complaint, "received_at": received_at.isoformat(), "sent_on": received_on.isoformat()}
    if fortune.by_phone:
        stated["channel"] = "phone"
    happens: list[tuple[date, str, dict[str, object]]] = []

    def later(days: int, kind: str, **fields: object) -> None:
        happens.append((answered_on + timedelta(days=days), kind, fields))

    answer = {"decision": row.decision.value, "reasons": row.reasons}
    if fortune.withdrawn:
        later(0, "withdrawn")
    else:
        later(0, "response_given", **answer)
        if fortune.contested_after:
            later(fortune.contested_after, "customer_rejects")
            later(fortune.contested_after + 30, "response_given", **{**answer, "reasons": "Seconde réponse."})
        if fortune.seized_after:
            outcome, favours = fortune.mediation
            later(fortune.seized_after, "mediator_seized", addressed_to="broker")
            ended = {"outcome": outcome, **({"opinion_favours": favours} if favours else {})}
            later(fortune.seized_after + 60, "mediation_ended", **ended)
        if fortune.summoned_after:
            later(fortune.summoned_after, "summons_served", addressed_to="broker")
    said = {"cause": fortune.cause, "redress": {"amount": fortune.paid} if fortune.paid else None}
    if any(said.values()):
        later(5, "complaint_classified", **{name: value for name, value in said.items() if value})

    story = Rehearsal(complaint(**{"policy_number": None, **stated}), received_at + timedelta(seconds=1))
    for on, kind, fields in sorted(happens, key=lambda each: each[0]):
        story.until(at_time(on, time(12)))
        entry = story.hear(kind, **fields)
        assert entry.status == "accepted", (row.number, kind, entry.reason)
    story.until(datetime.combine(RAN_UNTIL, time(12), tzinfo=UTC))
    carried = story.dossier.carried().model_dump_json().replace("REC-2026-TEST", row.reference)
    return Carried.model_validate_json(carried)


def keep(register: Register, path: Path = SAMPLE) -> int:
    """Write all lives into a register; returns how many they are."""
    dossiers = Dossiers(register)
    return sum(dossiers.record(carried) for carried in lives(path))
