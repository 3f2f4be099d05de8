"""One letter of all that is owed on a day: its sections, the clocks it serves, the date it announces, its facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from workflows.procedure.acts import writes_itself
from workflows.procedure.calendar import due, paris_date
from workflows.procedure.case import Case
from workflows.procedure.clocks import KEPT_BY_A_WRITTEN_ANSWER, Clock
from workflows.procedure.orders import Contact, LetterFacts, LetterOrder, Notice, Recipient, StaffRole
from workflows.procedure.owed import Owed, to_write
from workflows.procedure.records import Letter
from workflows.procedure.transitions import missing_details
from workflows.procedure.vocabulary import (
    ANNOUNCES_A_DATE,
    LETTER_OF_CLOCK,
    Channel,
    ClockName,
    LetterKind,
    LetterStatus,
)

_AN_ANSWER = frozenset({LetterKind.RESOLUTION, LetterKind.WITHDRAWAL, LetterKind.EXHAUSTED})
_POINTLESS_BESIDE: dict[LetterKind, frozenset[LetterKind]] = {
    # Beside an answer, only the name of a new contact is worth a word.
    **dict.fromkeys(_AN_ANSWER, frozenset(LetterKind) - _AN_ANSWER - {LetterKind.CONTACT_CHANGE}),
    LetterKind.TRANSFER: frozenset({LetterKind.ACKNOWLEDGEMENT, LetterKind.WRITTEN_INVITATION}),
    LetterKind.STATUS: frozenset({LetterKind.HOLDING, LetterKind.PROGRESS}),
    LetterKind.PROGRESS: frozenset({LetterKind.HOLDING}),
}
_OF_THE_ROUND_THAT_RUNS = frozenset({LetterKind.TRANSFER, LetterKind.HOLDING, LetterKind.STATUS, LetterKind.PROGRESS})


def worth_saying(kinds: Iterable[LetterKind], *, contested: bool = False) -> tuple[LetterKind, ...]:
    """Give the sections of the one letter that all of `kinds` make, weightiest first, without what is pointless.

    `contested`: the answer among them is one the customer has rejected, and ends nothing: the next round is running.
    """
    owed = sorted(set(kinds), key=list(LetterKind).index)
    pointless = frozenset[LetterKind]()
    for kind in owed:
        ends_nothing = contested and kind is LetterKind.RESOLUTION
        pointless |= _POINTLESS_BESIDE.get(kind, frozenset()) - (_OF_THE_ROUND_THAT_RUNS if ends_nothing else set())
    return tuple(kind for kind in owed if kind not in pointless)


@dataclass(frozen=True)
class LetterPlan:
    """One letter to write: the record to keep of it, and the order for it; no order when the record says why not."""

    record: Letter
    order: LetterOrder | None


def one_letter(case: Case, owed: list[Owed], now: datetime) -> LetterPlan | None:
    """Make one letter of all that is owed to the customer today: it serves several clocks (CONTRACT, "Clocks")."""
    if not owed:
        return None
    today = paris_date(now)
    owed = owed + [item for item in _due_later_today(case, now) if item.clock not in [o.clock for o in owed]]
    owed = owed + [item for item in _waits(case, _sections(case, owed), now) if item not in owed]
    sections = _sections(case, owed)
    served = _served(case, owed, sections[0])
    announced, estimated = _date_to_announce(case, sections, today)
    recipient, channel = case.recipient, case.letter_channel
    record = Letter(
        id=_letter_id(case, sections[0]),
        kind=sections[0],
        sections=list(sections),
        round=case.round,
        language=case.complainant.language,
        serves=[clock.clock for clock in served],
        clocks=[clock.key for clock in served],
        causes=list(dict.fromkeys(item.call.cause for item in owed if item.call)),
        due_on=min((clock.due_on for clock in served), default=None),
        channel=channel or Channel.POST,
        status=LetterStatus.FAILED,
        prepared_at=now,
        announces=announced,
        estimated=estimated,
        contact=case.contact.id if case.contact else None,
    )
    if recipient is None or channel is None or case.contact is None:
        record.problem = case.say("nobody_in_charge" if case.contact is None else "no_address")
        return LetterPlan(record, None)
    return LetterPlan(record, _order(case, record, recipient, case.contact))


def _due_later_today(case: Case, now: datetime) -> list[Owed]:
    """List what is to leave today, only later: "letters owed on the same day to the same person are one letter"."""
    return [
        Owed(LETTER_OF_CLOCK[clock.clock], clock=clock)
        for clock in case.clocks
        if clock.act_on == paris_date(now) and clock.clock in LETTER_OF_CLOCK and to_write(case, clock, now)
    ]


def _sections(case: Case, owed: list[Owed]) -> tuple[LetterKind, ...]:
    return worth_saying({item.kind for item in owed}, contested=case.answer is None)


def _waits(case: Case, sections: tuple[LetterKind, ...], now: datetime) -> list[Owed]:
    """List what could not leave before and goes with a letter of these sections: two answers are one letter, the last.

    Of a letter that has not left and whose place this one takes, all goes with it.
    """
    replaced = case.letter(_letter_id(case, sections[0]))
    kinds = {*sections, *(replaced.sections if replaced else ())}
    calls = [Owed(call.kind, call=call) for call in case.letter_calls if call.kind in kinds]
    due = [clock for clock in case.clocks if clock.owes and not clock.acted and clock.act_at <= now]
    late = [Owed(LETTER_OF_CLOCK[clock.clock], clock=clock) for clock in due if writes_itself(case, clock)]
    return calls + [item for item in late if item.kind in kinds]


_KEEPS_NO_OTHER_CLOCK = frozenset(
    {LetterKind.WITHDRAWAL, LetterKind.EXHAUSTED, LetterKind.CONTACT_CHANGE, LetterKind.WRITTEN_INVITATION}
)


def _served(case: Case, owed: list[Owed], kind: LetterKind) -> list[Clock]:
    clocks = [item.clock for item in owed if item.clock]
    if kind is LetterKind.RESOLUTION:
        wanted = KEPT_BY_A_WRITTEN_ANSWER
    elif kind in _KEEPS_NO_OTHER_CLOCK:
        wanted = frozenset()
    else:
        wanted = frozenset({ClockName.ACKNOWLEDGEMENT})
    also = [clock for clock in case.clocks if clock.clock in wanted and clock.owes and clock not in clocks]
    if case.answer is None:  # a contested answer's letter is none to the results of the round that runs
        also = [c for c in also if not (c.clock is ClockName.RESOLUTION_LETTER and c.round == case.round)]
    if kind is LetterKind.STATUS:
        also += [c for c in case.clocks if c.clock is ClockName.HOLDING_LETTER and c.owes and c not in clocks + also]
    return clocks + also


def _date_to_announce(case: Case, sections: tuple[LetterKind, ...], today: date) -> tuple[date | None, bool]:
    """Choose the date a letter announces: the estimate, else the promise that stands, else the firm's default."""
    announcing = [kind for kind in sections if kind in ANNOUNCES_A_DATE]
    if not announcing:
        return None, True
    if case.estimate and case.announceable(case.estimate.expected_on, today):
        return case.estimate.expected_on, True
    for promise in case.running(ClockName.PROMISED_DATE):
        if case.announceable(promise.due_on, today):
            announced = [letter.estimated for letter in case.letters if letter.announces == promise.due_on]
            return promise.due_on, announced[-1] if announced else True
    default = case.procedure.default_dates[announcing[0]]
    return due(default, today, case.procedure.calendar).due_on, False


def _letter_id(case: Case, kind: LetterKind) -> str:
    """Make the business key `reference/round/kind/n`; a letter that did not leave keeps its own when tried again."""
    made = sum(
        letter.kind is kind and letter.round == case.round and not letter.status.never_left for letter in case.letters
    )
    return f"{case.reference}/{case.round}/{kind}/{made + 1}"


def _order(case: Case, record: Letter, recipient: Recipient, contact: Contact) -> LetterOrder:
    return LetterOrder(
        letter_id=record.id,
        kind=record.kind,
        sections=tuple(record.sections),
        serves=tuple(record.clocks),
        due_on=record.due_on,
        channel=record.channel,
        recipient=recipient,
        contact=contact,
        facts=_facts(case, record),
        tell_when_it_leaves=_no_estimate(case, record),
    )


def _no_estimate(case: Case, record: Letter) -> Notice | None:
    """Have the contact told that the firm's default sentence and date left, for want of an estimate."""
    if record.estimated or record.announces is None:
        return None
    text = case.say("tell_no_estimate", letter=record.id, day=record.announces)
    return Notice(key=f"no_estimate/{record.id}", to=(StaffRole.CONTACT,), text=text)


def _facts(case: Case, record: Letter) -> LetterFacts:
    sections = set(record.sections)
    windows = [c for c in case.clocks if c.clock is ClockName.MEDIATION_WINDOW]
    answers = LetterKind.RESOLUTION in sections or LetterKind.EXHAUSTED in sections
    answer = next((a for a in reversed(case.answers) if a.event_id in record.causes), None) or (
        case.answers[-1] if case.answers and answers else None
    )
    finals = [c for c in case.clocks if c.clock is ClockName.FINAL_ANSWER]
    asks = bool(sections & {LetterKind.ACKNOWLEDGEMENT, LetterKind.WRITTEN_INVITATION})
    tells_all = answer is not None and LetterKind.RESOLUTION in sections
    return LetterFacts(
        reference=case.reference,
        received_on=case.received_on,
        channel=case.complaint.channel,
        consumer=case.complainant.consumer,
        handling_party=case.handling_party,
        insurer=case.insurer,
        policy_number=case.policy_number,
        missing=missing_details(case) if asks else (),
        expected_on=record.announces,
        situation=case.estimate.situation if case.estimate and record.announces else None,
        decision=answer.decision if answer and tells_all else None,
        reasons=answer.reasons if answer and tells_all else None,
        offer=answer.offer if answer and tells_all else None,
        answered_on=paris_date(answer.at) if answer else None,
        two_months_on=finals[-1].due_on if finals else None,
        mediation_opens_on=windows[-1].opens_on if windows else None,
        mediation_closes_on=windows[-1].due_on if windows else None,
        mediator_seized_on=case.mediation.notified_on if case.mediation and case.in_mediation else None,
        contested=tells_all and case.answer is None,
        withdrawn_on=paris_date(record.prepared_at) if LetterKind.WITHDRAWAL in sections else None,
    )
