"""The life of a complaint: the published procedure of 123 Courtage, read from top to bottom in `Complaint.run`."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from workflows import search_attributes
    from workflows.in_clear import InClear
    from workflows.messages import (
        A_LETTER_TAKES,
        A_SIGN_OF_LIFE,
        ASSIGN_CONTACT,
        ESCALATE,
        NOT_OPEN_YET,
        NOT_OPEN_YET_TYPE,
        NOTIFY,
        PIN_PROCEDURE,
        Assignment,
        AssignRequest,
        Delivery,
        EscalateRequest,
        EscalateResult,
        NotifyRequest,
        NotifyResult,
        PinRequest,
    )
    from workflows.procedure import acts, owed, partner_help, ready, waking
    from workflows.procedure.calendar import paris_date
    from workflows.procedure.delivery import after_the_carrier
    from workflows.procedure.dossier import Carried, Dossier, Refused
    from workflows.procedure.intake import Complaint as Intake
    from workflows.procedure.intake import InvalidComplaint, read_complaint
    from workflows.procedure.one_letter import LetterPlan, one_letter
    from workflows.procedure.orders import CallKind, PartnerCall
    from workflows.procedure.pinned import Procedure
    from workflows.procedure.records import Entry
    from workflows.procedure.story import current_details
    from workflows.procedure.view import agenda_view, dossier_view, receipt
    from workflows.procedure.vocabulary import Language, LetterStatus

from workflows.recording import Recording
from workflows.signals import SUBMIT, signal_for
from workflows.timers import ClockTimers

UNTIL_DONE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
"""A letter, a call, a person in charge must happen: an outage of days only delays them."""

A_LOOK_UP_TAKES = timedelta(seconds=10)

NAMES_CLEAR_MESSAGES = "names-clear-messages"
"""A complaint that was opened before payloads were encrypted has clear messages in its history: they stay unnamed."""


@workflow.defn(name="Complaint")
class Complaint:
    """One complaint, from its receipt to its end, under one reference for ever."""

    def __init__(self) -> None:
        """Wait for the dossier: what arrives before it is opened is kept, in order."""
        self._file: Dossier | None = None
        self._early: list[tuple[str, Any]] = []
        self._woken = False
        self._told = ""
        self._timers = ClockTimers(self._wake)
        self._register = Recording(lambda: self._dossier)

    @workflow.run
    async def run(self, *opening: Any) -> dict[str, Any]:
        """Follow the procedure as it is published ("Notre procédure interne de traitement des réclamations")."""
        # 1. « Dès qu'une réclamation est reçue, 123 Courtage crée un dossier »
        await self._open_the_dossier(opening)
        while not await self._is_over():
            await self._keep_the_procedure_pinned()
            # 2. and 3. « le nom de la personne en charge de votre dossier […] votre point de contact »
            await self._put_a_person_in_charge()
            # The table of levels: « avec l'aide de la compagnie », « avec l'aide de l'autre Partie »
            await self._call_on_the_other_party()
            await self._write(
                # 1. on receipt; and who handles it, when that is the other Party
                owed.acknowledgement,
                owed.who_handles_it,
                # 2. « dans les dix jours ouvrés […] vous en serez informé(e) par écrit »
                owed.word_within_ten_days,
                # 3. a change of the person in charge
                owed.name_of_the_contact,
                # 4. « si, après 40 jours ouvrés […] aucune solution n'a été trouvée, nous vous écrirons »
                owed.word_after_forty_days,
                owed.word_on_the_promised_date,
                owed.word_at_two_months,
                # 5. « une lettre de résolution […] avec les résultats détaillés »
                owed.letter_of_resolution,
                # « vous pouvez adresser votre réclamation à La Médiation de l'Assurance »
                owed.way_to_the_mediator,
            )
            await self._wait_for_word_or_for_a_clock()
        return self._result()

    # What people and systems send --------------------------------------------------------------------------------

    response_given = signal_for("response_given")
    customer_rejects = signal_for("customer_rejects")
    mediator_seized = signal_for("mediator_seized")
    summons_served = signal_for("summons_served")
    results_known = signal_for("results_known")
    estimate_given = signal_for("estimate_given")
    source_joined = signal_for("source_joined")
    written_complaint_received = signal_for("written_complaint_received")
    details_given = signal_for("details_given")
    partner_answered = signal_for("partner_answered")
    help_wanted = signal_for("help_wanted")
    contact_reassigned = signal_for("contact_reassigned")
    customer_accepts = signal_for("customer_accepts")
    withdrawn = signal_for("withdrawn")
    mediation_ended = signal_for("mediation_ended")
    litigation_ended = signal_for("litigation_ended")
    reply_filed = signal_for("reply_filed")
    delivery_reported = signal_for("delivery_reported")
    recorded_in_error = signal_for("recorded_in_error")
    calendar_changed = signal_for("calendar_changed")
    note_added = signal_for("note_added")
    complaint_classified = signal_for("complaint_classified")

    @workflow.signal(dynamic=True, description="Any other name is refused, and kept in the journal.")
    async def unknown(self, name: str, inputs: Sequence[RawValue]) -> None:
        """Record a signal of a name that is none."""
        self.receive(name, None)

    @workflow.update(name="submit", description=SUBMIT)
    async def submit(self, *inputs: Any) -> dict[str, Any]:
        """Record one event and say where the complaint stands; what the validator let through is applied at once."""
        await workflow.wait_condition(lambda: self._file is not None)
        kind, message = _one_event(inputs)
        entry = self._dossier.hear(kind, message, workflow.now())
        self._name_if_clear(entry, inputs[0])
        self._wake()
        if entry.status == "refused":
            raise ApplicationError(entry.reason or "", type="Refused", non_retryable=True)
        return receipt(self._dossier, entry)

    @submit.validator
    def _may_be_submitted(self, *inputs: Any) -> None:
        """Answer a sender whose event cannot be accepted, leaving no trace."""
        try:
            kind, message = _one_event(inputs)
            if self._file is not None:
                self._file.judge(kind, message, workflow.now())
        except Refused as refused:
            raise ApplicationError(refused.args[0], type="Refused", non_retryable=True) from None

    @workflow.query(name="dossier", description="The whole state of the complaint.")
    def dossier(self, *inputs: Any) -> dict[str, Any]:
        """Give the whole state; an optional input `fr` or `en` is the language of its sentences."""
        language = next((Language(said) for said in inputs if said in tuple(Language)), None)
        return dossier_view(self._dossier, language)

    @workflow.query(name="agenda", description="The running clocks, soonest first.")
    def agenda(self, *_: Any) -> list[dict[str, Any]]:
        """Give the running clocks, soonest first."""
        return agenda_view(self._dossier)

    @workflow.query(
        name="carried",
        description="All there is to the dossier: what a new run, or a stranger, works it out from.",
    )
    def carried(self, *_: Any) -> dict[str, Any]:
        """Give all there is to the dossier."""
        return self._dossier.carried().model_dump(mode="json")

    def receive(self, kind: str, *inputs: Any) -> None:
        """Record a signal, whatever it is: it never fails, blocks or silently leaves the workflow."""
        if self._file is None:
            self._early.append((kind, inputs))
            return
        if len(inputs) != 1:
            reason = self._file.case.say("inputs", count=len(inputs))
            self._file.refuse(kind, reason, workflow.now())
        else:
            self._name_if_clear(self._file.hear(kind, inputs[0], workflow.now()), inputs[0])
        self._wake()

    def _name_if_clear(self, entry: Entry, message: Any) -> None:
        """Say in the journal that a message came in clear, where payloads are encrypted."""
        entry.in_clear = isinstance(message, InClear) and workflow.patched(NAMES_CLEAR_MESSAGES)

    # What the complaint does -------------------------------------------------------------------------------------

    async def _open_the_dossier(self, opening: tuple[Any, ...]) -> None:
        """§ 1: create the dossier, or take it up again where another run left it; then read what came before."""
        if len(opening) == 1 and Carried.is_one(opening[0]):
            self._file = Dossier.resume(Carried.model_validate(opening[0]))
            self._file.let_time_pass(workflow.now())
        else:
            reference, now = workflow.info().workflow_id, workflow.now()
            try:
                complaint = read_complaint(opening, reference, now)
                procedure = await self._pinned(complaint)
                self._file = Dossier(reference, complaint, procedure, now)
                self._name_if_clear(self._file.journal[0], opening[0])
            except InvalidComplaint as invalid:
                # The run fails, and its reference is free for a corrected start.
                raise ApplicationError(str(invalid), type="InvalidComplaint", non_retryable=True) from None
        early, self._early = self._early, []
        for kind, inputs in early:
            self.receive(kind, *inputs)

    async def _keep_the_procedure_pinned(self) -> None:
        """Pin the firm's procedure again at a new round, on `calendar_changed`, and before the known days run out."""
        because = ready.pin_reason(self._dossier.case, workflow.now())
        if because:
            procedure = await self._pinned(self._dossier.case.complaint)
            self._dossier.pin(procedure, because, workflow.now())

    async def _pinned(self, complaint: Intake) -> Procedure:
        starts = [paris_date(complaint.received_at), *filter(None, [complaint.sent_on])]
        request = PinRequest(first=min(starts), last=paris_date(workflow.now()))
        procedure: Procedure = await workflow.execute_local_activity(
            PIN_PROCEDURE, request, result_type=Procedure, start_to_close_timeout=A_LOOK_UP_TAKES,
            retry_policy=UNTIL_DONE, summary="Pin the procedure: deadlines and closed days",
        )  # fmt: skip
        return procedure

    async def _put_a_person_in_charge(self) -> None:
        """§ 2 and § 3: a named person is the customer's point of contact until the end."""
        case, now = self._dossier.case, workflow.now()
        wish = ready.contact(case, now)
        if wish is None:
            return
        request = AssignRequest(
            reference=self._dossier.reference, level=case.level, on=paris_date(now),
            language=case.complainant.language, wanted=wish.wanted, not_this_one=wish.instead_of,
            keep=wish.keep, never=case.complained_about,
        )  # fmt: skip
        found = await workflow.execute_local_activity(
            ASSIGN_CONTACT, request, result_type=Assignment, start_to_close_timeout=A_LOOK_UP_TAKES,
            retry_policy=UNTIL_DONE, summary="Assign a contact",
        )  # fmt: skip
        now = workflow.now()
        if found.contact:
            self._dossier.act(acts.CONTACT_ASSIGNED, now, now, {"contact": found.contact.model_dump(mode="json")})
        else:
            self._dossier.act(acts.CONTACT_MISSING, now, now, {"problem": found.problem or ""})

    async def _call_on_the_other_party(self) -> None:
        """Levels 2a to 4: help is asked of the other Party, or the dossier handed to it."""
        case = self._dossier.case
        wishes = ready.calls(case, workflow.now())
        if not wishes:
            return
        calls = [
            PartnerCall(
                key=f"{self._dossier.reference}/{wish.key}", kind=wish.kind, party=wish.party, insurer=case.insurer,
                reference=self._dossier.reference, level=wish.level, about=wish.about,
                answer_by=partner_help.answer_by(case, wish, workflow.now()), request=wish.request,
                by_email=wish.tries >= acts.WEBHOOK_TRIES,
            )
            for wish in wishes
        ]  # fmt: skip
        hands_over = any(wish.kind is CallKind.HAND_OVER for wish in wishes)
        request = EscalateRequest(
            calls=calls, contact=case.contact, dossier=dossier_view(self._dossier) if hands_over else None
        )
        result = await workflow.execute_activity(
            ESCALATE, request, result_type=EscalateResult, start_to_close_timeout=A_LETTER_TAKES,
            retry_policy=UNTIL_DONE, summary="Other Party: " + ", ".join(sorted({wish.kind.value for wish in wishes})),
        )  # fmt: skip
        outcomes = {outcome.key: outcome for outcome in result.outcomes}
        for wish, call in zip(wishes, calls, strict=True):
            outcome, now = outcomes[call.key], workflow.now()
            if outcome.deferred:
                by = {"by": outcome.by} if outcome.by else {}
                self._dossier.act(acts.PARTNER_CALL_DEFERRED, outcome.at, now, {"key": wish.key, **by})
            elif outcome.problem:
                data = {"key": wish.key, "problem": outcome.problem}
                self._dossier.act(acts.PARTNER_UNREACHABLE, outcome.at, now, data)
            else:
                way = outcome.model_dump(mode="json", include={"by", "webhook_problem"}, exclude_none=True)
                data = {"wish": wish.model_dump(mode="json"), "to": outcome.party_contact, **way}
                self._dossier.act(acts.CALL_ENTRIES[wish.kind], outcome.at, now, data)

    async def _write(self, *paragraphs: owed.Paragraph) -> None:
        """Write what the paragraphs of the procedure owe today, as one letter; and tell staff what they must know."""
        case, now = self._dossier.case, workflow.now()
        letters = [item for paragraph in paragraphs for item in paragraph(case, now)]
        plan = one_letter(case, letters, now)
        order = plan.order if plan else None
        if plan and order is None:
            self._dossier.act(acts.LETTER_FAILED, now, now, plan.record.model_dump(mode="json", exclude_defaults=True))
        notices = ready.notices(case, now)
        if order is None and not notices:
            return
        request = NotifyRequest(
            reference=self._dossier.reference, contact=case.contact, letters=[order] if order else [],
            notices=notices, never=case.complained_about,
        )  # fmt: skip
        result = await workflow.execute_activity(
            NOTIFY, request, result_type=NotifyResult, start_to_close_timeout=A_LETTER_TAKES,
            heartbeat_timeout=A_SIGN_OF_LIFE, retry_policy=UNTIL_DONE,
            summary=f"Letter: {order.kind}" if order else "Tell staff",
        )  # fmt: skip
        told = [notice.key for notice in notices if notice.key not in result.untold]
        if told:
            self._dossier.act(acts.STAFF_TOLD, now, workflow.now(), {"keys": told})
        if result.untold:
            self._dossier.act(acts.STAFF_NOT_REACHED, workflow.now(), workflow.now(), {"keys": result.untold})
        if plan and order:
            self._record_letter(plan, result.letters[0])

    def _record_letter(self, plan: LetterPlan, delivery: Delivery) -> None:
        sent = delivery.status == LetterStatus.SENT
        record = plan.record.model_copy(
            update={
                "status": delivery.status, "prepared_at": delivery.at, "sent_at": delivery.at if sent else None,
                **delivery.model_dump(include={"template", "proof", "sha256", "carrier", "attempt", "problem"}),
            }
        )  # fmt: skip
        record = after_the_carrier(self._dossier.case, record, delivery.at, delivery.retry_after)
        data = record.model_dump(mode="json", exclude_defaults=True)
        self._dossier.act(acts.LETTER_ENTRIES[record.status], delivery.at, workflow.now(), data)

    async def _wait_for_word_or_for_a_clock(self) -> None:
        """Sleep until something is said or a clock comes due; then see first what has passed meanwhile."""
        if self._nothing_left() or ready.anything(self._dossier.case, workflow.now()):
            return
        self._woken = False
        self._timers.set(waking.timers(self._dossier.case))
        self._show()
        await self._register.keep_up()
        if workflow.info().is_continue_as_new_suggested():
            await self._all_is_recorded()
            workflow.continue_as_new(self._dossier.carried())
        await workflow.wait_condition(lambda: self._woken)
        self._dossier.let_time_pass(workflow.now())

    async def _is_over(self) -> bool:
        """Closed, all that the end called for has left, and nothing that came in meanwhile reopens it."""
        if self._nothing_left():
            await self._all_is_recorded()
        return self._nothing_left()

    async def _all_is_recorded(self) -> None:
        """Leave nothing behind: no sender without an answer, no line that the register does not have."""
        await workflow.wait_condition(workflow.all_handlers_finished)
        while not self._register.up_to_date:
            await self._register.finish()
            await workflow.wait_condition(workflow.all_handlers_finished)

    def _nothing_left(self) -> bool:
        case = self._dossier.case
        calls = [wish for wish in case.partner_wishes if not wish.blocked]
        doubts = [letter for letter in case.letters if letter.status is LetterStatus.DOUBTFUL]
        return case.closed_by is not None and not (case.letter_calls or case.notices or calls or doubts)

    def _show(self) -> None:
        """Tell operations where it stands: search attributes and current details, only when they changed."""
        updates = search_attributes.changed(
            search_attributes.values_of(self._dossier), workflow.info().typed_search_attributes
        )
        if updates:
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details(current_details(self._dossier))

    def _result(self) -> dict[str, Any]:
        """Give the last state, and all that a reopening needs."""
        self._show()
        procedures = {v: p.model_dump(mode="json") for v, p in self._dossier.procedures.items()}
        return {**dossier_view(self._dossier), "procedures": procedures}

    def _wake(self) -> None:
        self._woken = True

    @property
    def _dossier(self) -> Dossier:
        if self._file is None:
            raise ApplicationError(NOT_OPEN_YET, type=NOT_OPEN_YET_TYPE)
        return self._file


def _one_event(inputs: tuple[Any, ...]) -> tuple[str, dict[str, Any]]:
    """Take an update's one object apart: the event's name, and its fields."""
    if len(inputs) != 1 or not isinstance(inputs[0], dict) or not isinstance(inputs[0].get("type"), str):
        raise Refused('expected one JSON object with a "type", such as {"type": "note_added", "text": "…"}')
    message = dict(inputs[0])
    return message.pop("type"), message
