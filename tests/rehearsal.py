"""A rehearsal of one complaint on the pure rules: time and the world played by hand, no server.

Every letter is accepted at once unless the test says otherwise; the contact is always found.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self

from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from workflows.procedure import acts, owed, ready, waking
from workflows.procedure.calendar import at_time, paris_date
from workflows.procedure.case import Case
from workflows.procedure.clocks import Clock
from workflows.procedure.delivery import after_the_carrier
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.intake import read_complaint
from workflows.procedure.one_letter import LetterPlan, one_letter
from workflows.procedure.orders import Contact, LetterOrder, Recipient
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry
from workflows.procedure.view import dossier_view
from workflows.procedure.vocabulary import LetterStatus

FIRM = FirmFile(Path(__file__).parent.parent / "deploy" / "firm" / "123-courtage.toml")
PINNER = ProcedurePinner(FIRM)
MONDAY = date(2026, 11, 23)
"""The receipt day of most stories: +10 ouvrés 7 Dec, +10 ouvrables 4 Dec, +40 ouvrés 20 Jan, +2 months 23 Jan (Sat)."""

CONTACTS = [
    {"id": f"c-10{n}", "name": f"Personne {n}", "phone": f"01 00 00 00 0{n}", "email": f"p{n}@example.org"}
    for n in (1, 2)
]


def paris(day: date, hour: int = 10, minute: int = 0) -> datetime:
    """Give an instant by Paris clocks."""
    return at_time(day, time(hour, minute))


def complaint(**changes: Any) -> dict[str, Any]:
    """Give the JSON of a complete complaint received on MONDAY at 9; `changes` replace its fields."""
    return {
        "received_at": paris(MONDAY, 9).isoformat(),
        "sent_on": MONDAY.isoformat(),
        "channel": "email",
        "received_by": "broker",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
        "policy_number": "AUTO-2024-118",
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
        **changes,
    }


def procedure_of(first: date, last: date) -> Procedure:
    """Give the shipped firm's procedure, with the days of three years from `last`."""
    return PINNER.pin(first, last)


class Rehearsal:
    """One complaint, its time and its world."""

    def __init__(
        self, message: dict[str, Any] | None = None, now: datetime | None = None, *, nobody_is_there: bool = False
    ) -> None:
        """Open the complaint at `now` (default: a moment after its receipt) and do what is owed at once."""
        message = message or complaint()
        self.now = now or datetime.fromisoformat(message["received_at"]) + timedelta(minutes=1)
        read = read_complaint([message], "REC-2026-TEST", self.now)
        first = min(filter(None, [paris_date(read.received_at), read.sent_on]))
        self.dossier = Dossier("REC-2026-TEST", read, procedure_of(first, paris_date(self.now)), self.now)
        self.carrier = LetterStatus.SENT
        """What the carrier of e-mails answers: DEFERRED, DOUBTFUL, FAILED …"""
        self.carrier_problem: str | None = None
        self.retry_after: timedelta | None = None
        self.staff_reachable = self.partner_reachable = True
        self.nobody_is_there = nobody_is_there
        self.told: list[str] = []
        self.ordered: list[LetterOrder] = []
        """What was ordered of the writer of letters, try after try."""
        self.calls: list[tuple[str, str]] = []
        self._contacts = 0
        self.do_what_is_owed()

    @property
    def case(self) -> Case:
        """The state."""
        return self.dossier.case

    @property
    def contact(self) -> Contact:
        """Who is in charge."""
        assert self.case.contact, "nobody is in charge"
        return self.case.contact

    @property
    def recipient(self) -> Recipient:
        """To whom letters go."""
        assert self.case.recipient, "there is nobody to write to"
        return self.case.recipient

    @property
    def view(self) -> dict[str, Any]:
        """What the query `dossier` would answer."""
        return dossier_view(self.dossier)

    def due_dates(self, keys: Iterable[str]) -> dict[str, date]:
        """Give the due date of each of these clocks, by its key."""
        return {clock.key: clock.due_on for clock in self.case.clocks if clock.key in set(keys)}

    def clock(self, name: str, round_number: int | None = None) -> Clock:
        """Give the last clock of that name (of that round)."""
        found = [c for c in self.case.clocks if c.clock == name and round_number in (None, c.round)]
        assert found, f"no clock {name}; there are {[c.key for c in self.case.clocks]}"
        return found[-1]

    def letters(self) -> list[tuple[str, date]]:
        """List the letters made: kind, and the Paris day it was made."""
        return [(letter.kind.value, paris_date(letter.prepared_at)) for letter in self.case.letters]

    def kinds(self) -> list[str]:
        """List the kinds of the letters made, in order."""
        return [kind for kind, _ in self.letters()]

    def entries(self, kind: str) -> list[Entry]:
        """List the journal's entries of that type."""
        return [entry for entry in self.dossier.journal if entry.type == kind]

    def until(self, moment: datetime | date) -> Self:
        """Let time pass, waking at each instant that is waited for, up to `moment` (a date: 10:00 in Paris)."""
        moment = moment if isinstance(moment, datetime) else paris(moment)
        while True:
            following = waking.next_deadline(self.case)
            if following is None or following > moment:
                break
            self.now = max(self.now, following.astimezone(UTC))
            self.dossier.let_time_pass(self.now)
            self.do_what_is_owed()
            if waking.next_deadline(self.case) == following:
                break
        self.now = max(self.now, moment)
        return self

    def hear(self, kind: str, **fields: Any) -> Entry:
        """Send one event now; `at` may be an instant."""
        if isinstance(fields.get("at"), datetime):
            fields["at"] = fields["at"].isoformat()
        entry = self.dossier.hear(kind, fields, self.now)
        self.do_what_is_owed()
        return entry

    def do_what_is_owed(self) -> None:
        """Do what the workflow would do at this instant."""
        for _ in range(50):
            if not ready.anything(self.case, self.now):
                return
            self._one_turn()
        raise AssertionError("the rules never come to rest")

    def _one_turn(self) -> None:
        case = self.case
        because = ready.pin_reason(case, self.now)
        if because:
            self.dossier.pin(procedure_of(case.received_on, paris_date(self.now)), because, self.now)
        wish = ready.contact(case, self.now)
        if wish and self.nobody_is_there:
            self.dossier.act(acts.CONTACT_MISSING, self.now, self.now, {"problem": "Personne n'est là."})
        elif wish:
            contact = next((c for c in CONTACTS if c["id"] == wish.keep), None)
            if contact is None:
                contact = CONTACTS[self._contacts % len(CONTACTS)]
                self._contacts += 1
            self.dossier.act(acts.CONTACT_ASSIGNED, self.now, self.now, {"contact": contact})
        for call in ready.calls(case, self.now):
            if not self.partner_reachable:
                self.dossier.act(acts.PARTNER_CALL_DEFERRED, self.now, self.now, {"key": call.key})
                continue
            self.calls.append((call.kind.value, call.party.value))
            data = {"wish": call.model_dump(mode="json"), "to": "partner@example.org"}
            self.dossier.act(acts.CALL_ENTRIES[call.kind], self.now, self.now, data)
        items = [item for paragraph in owed.PARAGRAPHS for item in paragraph(case, self.now)]
        plan = one_letter(case, items, self.now)
        notices = [notice.key for notice in ready.notices(case, self.now)]
        if self.staff_reachable:
            self.told += [f"{key}: {case.notices[key].text}" for key in notices]
        if plan:
            self._carry(plan)
        if notices and not self.staff_reachable:
            self.dossier.act(acts.STAFF_NOT_REACHED, self.now, self.now, {"keys": notices})
        elif notices:
            self.dossier.act(acts.STAFF_TOLD, self.now, self.now, {"keys": notices})

    def _carry(self, plan: LetterPlan) -> None:
        self.ordered += [plan.order] if plan.order else []
        status = self.carrier if plan.order else LetterStatus.FAILED
        if plan.order and plan.order.channel == "post" and status is not LetterStatus.FAILED:
            status = LetterStatus.QUEUED
        sent = self.now if status is LetterStatus.SENT else None
        problem = plan.record.problem or (self.carrier_problem if status is LetterStatus.FAILED else None)
        record = plan.record.model_copy(update={"status": status, "sent_at": sent, "problem": problem})
        record = after_the_carrier(self.case, record, self.now, self.retry_after)
        kind = acts.LETTER_ENTRIES[status]
        if plan.order and plan.order.tell_when_it_leaves and not status.never_left:
            notice = plan.order.tell_when_it_leaves
            self.told.append(f"{notice.key}: {notice.text}")
        data = record.model_dump(mode="json", exclude_defaults=True)
        self.dossier.act(kind, self.now, self.now, data)

    def worked_out_again(self) -> dict[str, Any]:
        """Give the view of the dossier worked out again from what is carried: it must be the same."""
        carried = Carried.model_validate_json(self.dossier.carried().model_dump_json())
        return dossier_view(Dossier.resume(carried))
