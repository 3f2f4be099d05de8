"""The line of the register that follows from a dossier, and from nothing else."""

from decimal import Decimal
from typing import NamedTuple

from starter.figures.answering import answered_on, clock_of, extensions, open_days, reached, settled_on
from starter.figures.course import Course
from starter.figures.line import Breach, Outcome, RedressBasis, RegisterLine
from workflows.procedure.calendar import paris_date
from workflows.procedure.case import Case
from workflows.procedure.dossier import Carried, Dossier
from workflows.procedure.vocabulary import ClockName, ClockState, Decision, Level


def line_of(carried: Carried) -> RegisterLine:
    """Give the line of one complaint, from its journal."""
    course = Course()
    # Working a dossier out passes through its entries' states: on copies, so that those given stay as they are.
    copies = [entry.model_copy() for entry in carried.journal]
    dossier = Dossier.resume(carried.model_copy(update={"journal": copies}), course.heed)
    case, complaint = dossier.case, dossier.case.complaint
    answered, acknowledgement = answered_on(case, dossier.journal), clock_of(case, ClockName.ACKNOWLEDGEMENT)
    last = case.answers[-1] if case.answers else None
    said, redress = case.classification, _redress(case)
    return RegisterLine(
        reference=dossier.reference,
        sent_on=case.written_on,
        sent_on_assumed=case.sent_on_assumed,
        received_on=case.received_on,
        channel=complaint.channel,
        received_by=complaint.received_by,
        complainant_kind=case.complainant.kind,
        complainant=case.complainant.name,
        consumer=case.complainant.consumer,
        represented=case.representative is not None,
        representative=case.representative.name if case.representative else None,
        policy_number=case.policy_number,
        product=complaint.product,
        insurer=case.insurer,
        summary=complaint.summary,
        cause=said.cause if said else None,
        levels=tuple(course.levels),
        stages=tuple(course.stages),
        rounds=case.round,
        handling_party=case.handling_party,
        handlers=tuple(course.handlers),
        acknowledgement=acknowledgement.state if acknowledgement else None,
        acknowledged_on=settled_on(acknowledgement),
        extensions=tuple(extensions(case)),
        answered_on=answered,
        last_answered_on=paris_date(last.at) if last else None,
        outcome=_outcome(case),
        reasons=last.reasons if last else None,
        redress=redress.amount,
        redress_currency=redress.currency,
        redress_basis=redress.basis,
        mediator_named=any(map(reached, case.letters)) if case.complainant.consumer else None,
        sensitive_sources=tuple(s for s in case.sources if case.procedure.sources[s].level is Level.TWO_B),
        mediations=tuple(course.mediations),
        court_cases=tuple(course.court_cases),
        root_cause=said.root_cause if said else None,
        corrective_action=said.corrective_action if said else None,
        days_from_sending=(answered - (case.written_on or case.received_on)).days if answered else None,
        open_days_from_receipt=open_days(case, answered) if answered else None,
        breaches=tuple(
            Breach(clock=clock.clock, due_on=clock.due_on)
            for clock in case.clocks
            if clock.state is ClockState.BREACHED
        ),
        closed_on=course.closed_on,
        closed_by=case.closed_by,
    )


def _outcome(case: Case) -> Outcome:
    if case.answers:
        return Outcome(case.answers[-1].decision.value)
    return Outcome.WITHDRAWN if case.closed_by == "withdrawn" else Outcome.UNANSWERED


class _Redress(NamedTuple):
    amount: Decimal | None = None
    currency: str | None = None
    basis: RedressBasis | None = None


def _redress(case: Case) -> _Redress:
    """Give what was paid, as far as staff have said so; else what the last answer offers."""
    if case.classification and case.classification.redress:
        paid = case.classification.redress
        return _Redress(paid.amount, paid.currency, RedressBasis.PAID)
    last = case.answers[-1] if case.answers else None
    if last and last.offer and last.decision is not Decision.REJECTED:
        return _Redress(last.offer.amount, last.offer.currency, RedressBasis.OFFERED)
    return _Redress()
