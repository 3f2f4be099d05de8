"""The dossier: a journal, and the case that follows from it by folding the journal from its first line."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from workflows.procedure import events as ev
from workflows.procedure.acts import ACTS, OPENED, PROCEDURE_PINNED, close_if_over, due_by
from workflows.procedure.case import Case
from workflows.procedure.delivery import drop_what_is_no_longer_called_for
from workflows.procedure.events import EVENTS, NotUnderstood, parse_event
from workflows.procedure.guards import must_wait, problem_with
from workflows.procedure.intake import Complaint, InvalidComplaint
from workflows.procedure.orders import StaffRole
from workflows.procedure.pinned import Procedure
from workflows.procedure.records import Entry
from workflows.procedure.table import TABLE, Fate
from workflows.procedure.transitions import TRANSITIONS, begin
from workflows.procedure.vocabulary import EntryStatus
from workflows.procedure.wording import say

SYSTEM = "system"
_KEPT_OF_A_REFUSED_MESSAGE = 4_000
"""Characters of a refused message kept in the journal: enough to see what was meant, too little to choke on."""


class Carried(BaseModel):
    """All there is to a dossier: what a new run of the workflow, or a stranger, needs to work it out again."""

    model_config = ConfigDict(extra="forbid")

    reference: str
    journal: list[Entry]
    procedures: dict[str, Procedure]

    @staticmethod
    def is_one(value: Any) -> bool:
        """Whether a start takes a dossier up again, rather than opening one."""
        return isinstance(value, dict) and "journal" in value and "procedures" in value


class Refused(ValueError):
    """An event that cannot be accepted; `args[0]` is the reason, a sentence for the person who sent it."""


class Dossier:
    """One complaint: what was recorded of it, and the case worked out from that.

    Nothing here reads a clock: every method that needs the present instant is given it (`now`, aware).
    """

    def __init__(self, reference: str, complaint: Complaint, procedure: Procedure, now: datetime) -> None:
        """Open the dossier of a complaint (§ 1).

        Raises:
            InvalidComplaint: the firm knows no such source.

        """
        if procedure.source_id(complaint.source) is None:
            raise InvalidComplaint(f"source: expected one of {', '.join(procedure.sources)}")
        self.reference = reference
        self.journal: list[Entry] = []
        self.procedures = {procedure.version: procedure}
        self._ids: dict[str, Entry] = {}
        data = {
            "complaint": complaint.model_dump(mode="json", exclude_defaults=True),
            "version": procedure.version,
        }
        opening = self._entry(OPENED, complaint.received_at, now, SYSTEM, None, data)
        self._begin(opening)
        self.let_time_pass(now)

    def _begin(self, opening: Entry) -> None:
        complaint = Complaint.model_validate(opening.data["complaint"])
        procedure = self.procedures[opening.data["version"]]
        self.case = Case(self.reference, complaint, procedure, opened_at=opening.recorded_at)
        begin(self.case, opening)
        self.case.note_who_handles_it(opening)

    # What is carried from run to run ---------------------------------------------------------------------------

    def carried(self) -> Carried:
        """Give all there is to this dossier."""
        return Carried(reference=self.reference, journal=self.journal, procedures=self.procedures)

    @classmethod
    def resume(cls, carried: Carried, heed: Callable[[Entry, Case], None] | None = None) -> "Dossier":
        """Work a dossier out from its journal; `heed` is shown the case after each entry of it."""
        dossier = cls.__new__(cls)
        dossier.reference, dossier.procedures = carried.reference, dict(carried.procedures)
        dossier.journal = list(carried.journal)
        dossier._ids = {entry.id: entry for entry in carried.journal}
        dossier._fold(heed=heed)
        return dossier

    # Events from outside ---------------------------------------------------------------------------------------

    def judge(self, kind: str, message: Any, now: datetime) -> Entry | None:
        """Say what would become of a message, changing nothing: the earlier entry it repeats, or None if it is new.

        Raises:
            Refused: the message would be refused.

        """
        event = self._parse(kind, message)
        repeated = self._repeated(event)
        if repeated:
            return repeated
        reason = self._refusal(kind, event, event.at or now, now)
        if reason:
            raise Refused(reason)
        return None

    def hear(self, kind: str, message: Any, now: datetime) -> Entry:
        """Record a message and apply it, whatever it is: what cannot be accepted stands in the journal as refused."""
        self.let_time_pass(now)
        try:
            event = self._parse(kind, message)
        except Refused as refused:
            return self.refuse(kind, str(refused), now, message)
        at, data = (
            event.at or now,
            event.model_dump(mode="json", exclude_defaults=True, exclude={"id", "by", "at"}),
        )
        repeated = self._repeated(event)
        if repeated:
            entry = self._entry(kind, at, now, event.by, None, data, EntryStatus.DUPLICATE)
            entry.reason = self._say("duplicate", event=repeated.id)
            return entry
        reason = self._refusal(kind, event, at, now)
        if reason:
            return self.refuse(kind, reason, now, message)
        entry = self._entry(kind, at, now, event.by, event.id, data)
        entry.at_assumed = event.at is None
        self.case.refusal_unheeded = False
        self.case.unblock()
        self._apply(entry, event)
        if isinstance(event, ev.RecordedInError):
            self._void(event, entry)
        self._after(now)
        return entry

    def refuse(self, kind: str, reason: str, now: datetime, message: Any = None) -> Entry:
        """Record a message that cannot be accepted, with the reason, and have the contact told."""
        data = message if isinstance(message, dict) and len(str(message)) <= _KEPT_OF_A_REFUSED_MESSAGE else {}
        by = data.get("by") if isinstance(data.get("by"), str) else None
        entry = self._entry(kind, now, now, by, None, data, EntryStatus.REFUSED)
        entry.reason = reason
        self._note_refusal(entry)
        return entry

    def _note_refusal(self, entry: Entry) -> None:
        self.case.refusal_unheeded = True
        self.case.tell(
            f"refused/{entry.id}", (StaffRole.CONTACT,), "tell_refused", event=entry.type, reason=entry.reason
        )

    def _parse(self, kind: str, message: Any) -> ev.Event:
        try:
            return parse_event(kind, message)
        except NotUnderstood as error:
            raise Refused(self._say("not_understood", problem=error.args[0])) from None

    def _repeated(self, event: ev.Event) -> Entry | None:
        return self._ids.get(event.id) if event.id else None

    def _refusal(self, kind: str, event: ev.Event, at: datetime, now: datetime) -> str | None:
        """Say why an event cannot be accepted at this stage and in these particulars, or None."""
        if isinstance(event, ev.RecordedInError):
            code = self._not_voidable(event.event_id)
            return self._say(code) if code else None
        stage = self.case.stage
        cell = TABLE[kind][stage]
        if cell.fate is Fate.REOPENS:
            cell = TABLE[kind][self.case.open_stage]
        if cell.fate is Fate.REFUSED:
            return self._say(cell.why)
        problem = problem_with(self.case, event, at, now)
        return self._say(problem[0], **problem[1]) if problem else None

    # Acts of its own -------------------------------------------------------------------------------------------

    def act(self, kind: str, at: datetime, now: datetime, data: dict[str, Any]) -> Entry:
        """Record what the complaint itself did, and what follows from it."""
        entry = self._entry(kind, at, now, SYSTEM, None, data)
        ACTS[kind](self.case, entry)
        self._after(now)
        return entry

    def pin(self, procedure: Procedure, because: str, now: datetime) -> None:
        """Take over the firm's procedure as it stands now."""
        self.procedures[procedure.version] = procedure
        self.case.procedure = procedure
        self.act(PROCEDURE_PINNED, now, now, {"version": procedure.version, "because": because})

    def let_time_pass(self, now: datetime) -> None:
        """Record what came due by `now`: breaches, reminders, the end of the mediation window."""
        for kind, at, data in due_by(self.case, now):
            ACTS[kind](self.case, self._entry(kind, at, now, SYSTEM, None, data))

    # The fold --------------------------------------------------------------------------------------------------

    def _entry(
        self,
        kind: str,
        at: datetime,
        now: datetime,
        by: str | None,
        entry_id: str | None,
        data: dict[str, Any],
        status: EntryStatus = EntryStatus.ACCEPTED,
    ) -> Entry:
        entry = Entry(
            at=at,
            recorded_at=now,
            type=kind,
            by=by,
            id=entry_id or self._next_id(),
            status=status,
            data=data,
        )
        self.journal.append(entry)
        self._ids[entry.id] = entry
        return entry

    def _next_id(self) -> str:
        # A form no sender would choose: an id of theirs must never look like one of ours.
        number = len(self.journal) + 1
        while f"#{number}" in self._ids:
            number += 1
        return f"#{number}"

    def _apply(self, entry: Entry, event: ev.Event) -> None:
        """Apply an accepted event, or let it wait."""
        waits_for = must_wait(self.case, event, entry.at)
        if waits_for:
            entry.status, entry.reason = EntryStatus.WAITING, self._say(waits_for)
            self.case.tell(f"waiting/{entry.id}", (StaffRole.CONTACT,), "tell_waiting", event=entry.type)
            return
        if TABLE[entry.type][self.case.stage].fate is Fate.REOPENS:
            self.case.reopen()
        entry.status, entry.reason = EntryStatus.ACCEPTED, None
        TRANSITIONS[entry.type](self.case, event, entry)
        self.case.note_who_handles_it(entry)

    def _apply_what_waited(self, until: Entry | None = None) -> None:
        """Apply what waited and has become possible; `until`: only what was recorded before that entry."""
        for entry in self.journal:
            if entry is until:
                return
            if entry.status is not EntryStatus.WAITING:
                continue
            event = parse_event(entry.type, entry.data)
            possible = TABLE[entry.type][self.case.stage].fate is Fate.ACCEPTED
            if possible and must_wait(self.case, event, entry.at) is None:
                self._apply(entry, event)

    def _after(self, now: datetime) -> None:
        """Do what follows from any change: what waited may be possible now, an end may be reached, time has passed."""
        self._apply_what_waited()
        close_if_over(self.case, now)
        drop_what_is_no_longer_called_for(self.case)
        self.let_time_pass(now)

    def _not_voidable(self, event_id: str) -> str | None:
        entry = self._ids.get(event_id)
        if entry is None:
            return "unknown_event"
        voidable = entry.status in (EntryStatus.ACCEPTED, EntryStatus.WAITING)
        return None if voidable and entry.type in EVENTS and entry.type != "recorded_in_error" else "not_voidable"

    def _void(self, event: ev.RecordedInError, by: Entry) -> None:
        """Work the dossier out again as if the event had not been; both entries stay."""
        entry = self._ids[event.event_id]
        entry.status, entry.reason = EntryStatus.VOIDED, self._say("voided_by", event=by.id)
        self._fold(after_voiding=by.id)

    def _fold(self, after_voiding: str | None = None, heed: Callable[[Entry, Case], None] | None = None) -> None:
        """Work the case out from the journal, line by line; `after_voiding` names the act that asked for it."""
        told = dict(self.case.notices) if after_voiding else {}
        opening, *rest = self.journal
        self._begin(opening)
        if heed:
            heed(opening, self.case)
        for entry in rest:
            # A refused signal may bear any name, even that of an act.
            if entry.type in EVENTS or entry.status is EntryStatus.REFUSED:
                self._fold_event(entry, after_voiding)
            else:
                if entry.type == PROCEDURE_PINNED:
                    self.case.procedure = self.procedures[entry.data["version"]]
                ACTS[entry.type](self.case, entry)
            drop_what_is_no_longer_called_for(self.case)
            if heed:
                heed(entry, self.case)
        if after_voiding:
            # A matter that persons were told of is not raised again by working the dossier out again.
            kept = {k: n for k, n in self.case.notices.items() if k in told or k.endswith(f"/{after_voiding}")}
            self.case.notices = kept

    def _fold_event(self, entry: Entry, after_voiding: str | None) -> None:
        if entry.status is EntryStatus.REFUSED:
            self.case.refusal_unheeded = True
            self._note_refusal(entry)
            return
        if entry.status not in (EntryStatus.ACCEPTED, EntryStatus.WAITING):
            return
        self.case.refusal_unheeded = False
        self.case.unblock()
        event = parse_event(entry.type, entry.data)
        reason = self._refusal_when_folding(entry, event) if after_voiding else None
        if reason:
            entry.status = EntryStatus.VOIDED
            entry.reason = self._say("rests_on", event=after_voiding)
            return
        self._apply(entry, event)
        self._apply_what_waited(until=entry)
        close_if_over(self.case, entry.recorded_at)

    def _refusal_when_folding(self, entry: Entry, event: ev.Event) -> str | None:
        if isinstance(event, ev.RecordedInError):
            return None
        return self._refusal(entry.type, event, entry.at, entry.recorded_at)

    def _say(self, code: str, **values: object) -> str:
        return say(self.case.procedure.language, code, **values)
