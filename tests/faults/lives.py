"""Lives of complaints, planned from a seed: what comes in after how many days, how late it is told, and how often."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.stage import complaint_of, today

_POSTAL = "3 rue des Lilas\n10000 Troyes"
_DECISIONS = ("upheld", "partly_upheld", "rejected")
_ENDS = ("customer_accepts", "withdrawn")
_A_YEAR_AND_MORE = 400


@dataclass(frozen=True)
class Step:
    """Let `days` pass, then say that something happened `late` days before."""

    days: int
    kind: str | None
    late: int
    again: int
    """How often it is said again, with the same id, once it was accepted."""
    at_once: bool
    """Whether it is said twice at the same time."""
    fields: dict[str, Any]
    expected_in: int | None = None

    def said(self, identity: str, now: datetime) -> dict[str, Any]:
        """Give the event as it is sent at `now`."""
        at = now - timedelta(days=self.late)
        event = {"type": self.kind, "id": identity, "at": at.isoformat(), **self.fields}
        if self.expected_in is not None:
            event["expected_on"] = (now + timedelta(days=self.expected_in)).date().isoformat()
        return event


@dataclass
class Life:
    """One complaint: what is planned, and what its senders were told of it."""

    number: int
    body: dict[str, Any]
    steps: list[Step]
    comes_twice: bool
    """Whether its intake is sent twice at the same time."""
    reference: str = ""
    accepted: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)

    @property
    def customer(self) -> str:
        """The customer's e-mail address."""
        return str(self.body["complainant"]["email"])


def planned(seed: int, number: int) -> Life:
    """Plan the life of the complaint of that number: the same for the same seed."""
    random = Random(f"life {seed} {number}")  # noqa: S311
    person = {"name": f"Client {number}", "email": f"client-{number}@example.org"}
    if random.random() < 0.6:
        person["postal_address"] = _POSTAL
    steps = [_step(random) for _ in range(random.randint(2, 6))]
    if random.random() < 0.3:
        steps.append(_plain(random, random.choice(_ENDS)))
    else:
        last = random.choice([5, 20, 80, 80, _A_YEAR_AND_MORE])
        steps.append(Step(last, None, late=0, again=0, at_once=False, fields={}))
    return Life(number, complaint_of(today(), complainant=person), steps, comes_twice=random.random() < 0.3)


def _step(random: Random) -> Step:
    kinds = ["response_given", "response_given", "customer_rejects", "results_known", "estimate_given", "note_added"]
    return _plain(random, random.choice(kinds))


def _plain(random: Random, kind: str) -> Step:
    decided = {"decision": random.choice(_DECISIONS), "reasons": random.choice("AB")}
    fields = {
        "response_given": decided,
        "results_known": decided,
        "estimate_given": {"situation": "Nous attendons le rapport de l'expert."},
        "note_added": {"text": "Le client a rappelé."},
    }
    return Step(
        days=random.choice([0, 1, 5, 12, 20, 40]),
        kind=kind,
        late=random.choice([0, 0, 0, random.randint(1, 12)]),
        again=random.choice([0, 0, 1, 2]),
        at_once=random.random() < 0.25,
        fields=fields.get(kind, {}),
        expected_in=random.randint(15, 40) if kind == "estimate_given" else None,
    )
