"""The state of a complaint between two events, and the small verbs the transitions are written in."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.procedure.calendar import CalendarExhausted, due, end_of_day, paris_date
from workflows.procedure.clocks import Clock, Timing, reschedule, schedule, schedule_promise
from workflows.procedure.events import EstimateGiven
from workflows.procedure.intake import Complainant, Complaint, Representative
from workflows.procedure.orders import CallKind, Contact, Notice, Recipient, StaffRole
from workflows.procedure.pinned import Procedure, Source
from workflows.procedure.records import (
    Answer,
    Classification,
    ContactWish,
    Entry,
    Handling,
    HelpRequest,
    Letter,
    LetterCall,
    Litigation,
    Mediation,
    PartnerWish,
)
from workflows.procedure.vocabulary import (
    Channel,
    ClockName,
    Language,
    LetterKind,
    LetterStatus,
    Level,
    Party,
    Stage,
)
from workflows.procedure.wording import say

BOTH = (StaffRole.CONTACT, StaffRole.MANAGER)
TRIES_BEFORE_ATTENTION = 4
"""That is, once a carrier has been away for some twenty minutes: most are back before."""


@dataclass
class Case:
    """What the rules know of one complaint. `base_*` is where it stands without its mediation or its court."""

    reference: str
    complaint: Complaint
    procedure: Procedure
    opened_at: datetime

    complainant: Complainant = field(init=False)
    representative: Representative | None = field(init=False)
    policy_number: str | None = field(init=False)
    insurer: str | None = field(init=False)
    steps_taken: str | None = field(init=False)
    complained_about: str | None = field(init=False)
    """The id of the person of the firm whom it is about."""
    sources: list[str] = field(default_factory=list)
    written_on: date | None = None
    """The sending of the first written complaint; None while there is none (made by phone)."""
    sent_on_assumed: bool = False

    base_level: Level = Level.ONE
    base_stage: Stage = Stage.INVESTIGATING
    base_handling: Party = Party.BROKER
    round: int = 1
    mediation: Mediation | None = None
    litigation: Litigation | None = None
    closed_by: str | None = None

    clocks: list[Clock] = field(default_factory=list)
    unscheduled: list[tuple[ClockName, date]] = field(default_factory=list)
    calendar_too_short: bool = False
    letters: list[Letter] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    requests: list[HelpRequest] = field(default_factory=list)
    handling: list[Handling] = field(default_factory=list)
    """Who led and helped, from the receipt on, and why it changed."""
    classification: Classification | None = None
    contact: Contact | None = None
    estimate: EstimateGiven | None = None
    dead_addresses: set[str] = field(default_factory=set)
    email_given_up: bool = False
    """Whether the letter that is owed goes by post, since no carrier took it in time."""

    letter_calls: list[LetterCall] = field(default_factory=list)
    partner_wishes: list[PartnerWish] = field(default_factory=list)
    webhook_refused: bool = False
    """Whether the other Party's webhook has refused a call: persons are told of it once."""
    notices: dict[str, Notice] = field(default_factory=dict)
    notices_tries: int = 0
    """How often no carrier could take them."""
    notices_again_at: datetime | None = None
    """No carrier could take them: not before this."""
    contact_wish: ContactWish | None = None
    pin_wish: str | None = None
    """Why the procedure is to be pinned again: `round` or `calendar`."""
    refusal_unheeded: bool = False

    def __post_init__(self) -> None:
        """Take over what the complaint brought; details may change it later."""
        self.complainant = self.complaint.complainant
        self.representative = self.complaint.representative
        self.policy_number = self.complaint.policy_number
        self.insurer = self.complaint.insurer
        self.steps_taken = self.complaint.steps_taken
        self.complained_about = self.complaint.complained_about

    # Where it stands -------------------------------------------------------------------------------------------

    @property
    def level(self) -> Level:
        """The level of the published table; a mediation that hands the complaint back leaves the one before it."""
        if self.litigation:
            return Level.FOUR
        if self.mediation and not (self.mediation.outcome and self.mediation.outcome.restores):
            return Level.THREE
        return self.base_level

    @property
    def stage(self) -> Stage:
        """Where the complaint stands."""
        if self.closed_by:
            return Stage.CLOSED
        return self.open_stage

    @property
    def open_stage(self) -> Stage:
        """Where it stands, or stood when it was closed."""
        if self.litigation:
            return Stage.LITIGATION
        if self.in_mediation:
            return Stage.MEDIATION
        return self.base_stage

    @property
    def in_mediation(self) -> bool:
        """Whether the mediator has it."""
        return self.mediation is not None and self.mediation.outcome is None

    @property
    def handling_party(self) -> Party:
        """The Party that handles the complaint (the last column of the published table)."""
        received_by = self.base_handling
        if self.level is Level.FOUR and self.litigation:
            received_by = self.litigation.addressed_to
        elif self.level is Level.THREE and self.mediation:
            received_by = self.mediation.addressed_to
        return self.procedure.levels[self.level].handler(received_by)

    @property
    def supporting_party(self) -> Party | None:
        """The Party that helps, if one does."""
        return self.procedure.levels[self.level].helper(self.handling_party)

    @property
    def insurer_leads(self) -> bool:
        """Whether the commitments are not ours to keep."""
        return self.handling_party is Party.INSURER

    @property
    def answer(self) -> Answer | None:
        """The last answer given in this round."""
        given = [answer for answer in self.answers if answer.round == self.round]
        return given[-1] if given else None

    @property
    def brought_by_authority(self) -> Source | None:
        """The authority that brought the complaint, if one did."""
        found = [self.procedure.sources[s] for s in self.sources if self.procedure.sources[s].authority]
        return found[0] if found else None

    @property
    def received_on(self) -> date:
        """The civil date of receipt in Paris."""
        return paris_date(self.complaint.received_at)

    def note_who_handles_it(self, entry: Entry) -> None:
        """Keep who leads and who helps from this entry on, when it changed that."""
        last = self.handling[-1] if self.handling else None
        stands = (self.level, self.handling_party, self.supporting_party)
        if last is None or (last.level, last.handled_by, last.helped_by) != stands:
            level, handled_by, helped_by = stands
            self.handling.append(
                Handling(
                    since=entry.at, level=level, handled_by=handled_by, helped_by=helped_by, because=entry.type,
                    entry=entry.id,
                )
            )  # fmt: skip

    # Whom it writes to -----------------------------------------------------------------------------------------

    @property
    def recipient(self) -> Recipient | None:
        """To whom letters go: a representative with a mandate, else the complainant; nobody when anonymous."""
        person, agent = self.complainant, self.representative
        if agent and agent.mandate and (agent.email or agent.postal_address):
            return Recipient(
                name=agent.name,
                language=person.language,
                email=agent.email,
                postal_address=agent.postal_address,
                organisation=agent.organisation,
                on_behalf_of=person.name,
                their_reference=agent.reference,
            )
        if person.anonymous or not person.name:
            return None
        return Recipient(
            name=person.name,
            language=person.language,
            email=person.email,
            postal_address=person.postal_address,
        )

    @property
    def letter_channel(self) -> Channel | None:
        """How letters go out: by e-mail, by post where there is none or it bounced; None without any address."""
        to = self.recipient
        if to and to.email and to.email not in self.dead_addresses and not self.email_given_up:
            return Channel.EMAIL
        return Channel.POST if self.may_turn_to_post else None

    @property
    def may_turn_to_post(self) -> bool:
        """Whether there is a postal address from which nothing came back."""
        to = self.recipient
        return bool(to and to.postal_address and to.postal_address not in self.dead_addresses)

    @property
    def timing(self) -> Timing:
        """What the dates of its clocks depend on."""
        return Timing(procedure=self.procedure, reference=self.reference, by_post=self.letter_channel is Channel.POST)

    # Clocks ----------------------------------------------------------------------------------------------------

    def running(self, *names: ClockName) -> list[Clock]:
        """The running clocks, of the names given or all."""
        return [clock for clock in self.clocks if clock.running and (not names or clock.clock in names)]

    def owing(self, *names: ClockName) -> list[Clock]:
        """The clocks whose act is still owed, in time or late, of the names given or all."""
        return [clock for clock in self.clocks if clock.owes and (not names or clock.clock in names)]

    def clock(self, key: str) -> Clock | None:
        """The clock with that key."""
        return next((clock for clock in self.clocks if clock.key == key), None)

    def letter(self, letter_id: str) -> Letter | None:
        """The letter with that id."""
        return next((letter for letter in self.letters if letter.id == letter_id), None)

    def start_clock(self, name: ClockName, starts_on: date) -> Clock | None:
        """Start a clock; past the end of the pinned calendar it waits for a longer one."""
        number = 1 + sum(clock.clock is name and clock.round == self.round for clock in self.clocks)
        try:
            clock = schedule(name, starts_on, self.timing, round_number=self.round, number=number)
        except CalendarExhausted:
            self.unscheduled.append((name, starts_on))
            self.pin_wish = self.pin_wish or "round"
            return None
        self.clocks.append(clock)
        return clock

    def recount(self, clock: Clock) -> None:
        """Work the dates of a clock out again; past the end of the pinned calendar they stay as they were."""
        try:
            reschedule(clock, self.timing)
        except CalendarExhausted:
            self.calendar_too_short = True

    def start_promise(self, promised: date, announced_on: date) -> None:
        """Start the clock of an announced date; it replaces an earlier promise still running."""
        for clock in self.running(ClockName.PROMISED_DATE):
            if clock.due_on == promised:
                return
            clock.drop(self.say("dropped_promise"), "superseded")
        number = 1 + sum(c.clock is ClockName.PROMISED_DATE and c.round == self.round for c in self.clocks)
        self.clocks.append(
            schedule_promise(promised, announced_on, self.timing, round_number=self.round, number=number)
        )

    def drop(self, clocks: Iterable[Clock], why: str, dropped_for: str) -> None:
        """Stop clocks, saying why."""
        for clock in clocks:
            clock.drop(self.say(why), dropped_for)

    def restore(self, dropped_for: str) -> None:
        """Bring back what was dropped for that cause, with its first due dates."""
        for clock in self.clocks:
            if clock.dropped_for == dropped_for:
                clock.restore()

    def settle(self, names: Iterable[ClockName], at: datetime, recorded_at: datetime) -> list[str]:
        """Record that what keeps these clocks was done at `at`; returns the keys of those it kept."""
        wanted = set(names)
        return [c.key for c in self.clocks if c.clock in wanted and c.settle(at, recorded_at)]

    def announceable(self, day: date, on: date) -> bool:
        """Whether a letter of `on` can announce `day`: an open day lies between."""
        try:
            return self.procedure.calendar.last_open_day(day) > on
        except CalendarExhausted:
            return False

    # Wishes ----------------------------------------------------------------------------------------------------

    def say(self, code: str, **values: Any) -> str:
        """Say a sentence to staff in their language."""
        return say(self.procedure.language, code, **values)

    def spoken_in(self, language: Language) -> "Case":
        """Give the same case, to be told in another language."""
        same = copy(self)
        same.procedure = self.procedure.model_copy(update={"language": language})
        return same

    def tell(self, key: str, to: tuple[StaffRole, ...], code: str, **values: Any) -> None:
        """Want a person told, once."""
        self.notices[key] = Notice(key=key, to=to, text=self.say(code, **values))

    def tell_in_the_morning(self, key: str, to: tuple[StaffRole, ...], code: str, **values: Any) -> None:
        """Want a person told, once, by the digest of the next open morning: clocks pass at midnight."""
        self.notices[key] = Notice(key=key, to=to, text=self.say(code, **values), when="morning")

    def call_for(self, kind: LetterKind, cause: str) -> None:
        """Want a letter written."""
        self.letter_calls.append(LetterCall(kind=kind, cause=cause))

    def wish(
        self,
        kind: CallKind,
        cause: str,
        party: Party,
        code: str,
        *,
        request: int | None = None,
        **values: Any,
    ) -> None:
        """Want the other Party called on."""
        wish = PartnerWish(
            kind=kind,
            cause=cause,
            party=party,
            level=self.level,
            about=self.say(code, **values),
            request=request,
        )
        self.partner_wishes.append(wish)

    def bring_in_other_party(self, cause: str) -> None:
        """Call on the other Party as the level wants it (the last column of the published table)."""
        leads, rule = self.handling_party, self.procedure.levels[self.level]
        if leads is Party.INSURER and rule.handled_by == "receiver":
            self.wish(CallKind.HAND_OVER, cause, Party.INSURER, "hand_over", level=self.level)
        elif rule.help == "asked":
            self.wish(CallKind.ASK, cause, leads.other, "ask_help", level=self.level)
        elif rule.help in ("informed", "where_needed"):
            self.wish(CallKind.INFORM, cause, leads.other, "inform_party", level=self.level)

    def unblock(self) -> None:
        """Let what failed for good be tried again: a person has acted."""
        for call in self.letter_calls:
            call.blocked = False
        for clock in self.clocks:
            clock.blocked = False
        for wish in self.partner_wishes:
            wish.blocked = False
        if self.contact_wish:
            self.contact_wish.again_at = None

    # Its end ---------------------------------------------------------------------------------------------------

    @property
    def window_ends_at(self) -> datetime | None:
        """24:00 in Paris of the last day of the mediation window; without a writing, a year after the answer."""
        windows = [c for c in self.clocks if c.clock is ClockName.MEDIATION_WINDOW]
        if windows:
            return windows[-1].ends_at
        if self.written_on or not self.answers:
            return None
        try:
            year = self.procedure.deadlines[ClockName.MEDIATION_WINDOW]
            return end_of_day(due(year, paris_date(self.answers[-1].at), self.procedure.calendar).due_on)
        except CalendarExhausted:
            return None

    @property
    def closes_without_window(self) -> bool:
        """Whether it was answered without ever having been put in writing: no mediation window runs."""
        return self.open_stage is Stage.ANSWERED and not self.closed_by and self.written_on is None

    def close(self, cause: str) -> None:
        """Close the complaint; its running clocks stop."""
        if not self.closed_by:
            self.closed_by = cause
            self.drop(self.owing(), "dropped_closed", "closing")

    def reopen(self) -> None:
        """Take the complaint up again as it stood, its clocks with their first due dates.

        A withdrawal whose confirmation has not left is none any more.
        """
        self.closed_by = None
        self.letter_calls = [call for call in self.letter_calls if call.kind is not LetterKind.WITHDRAWAL]
        self.restore("closing")
        if self.contact_wish is None:
            self.contact_wish = ContactWish(keep=self.contact.id if self.contact else None)

    @property
    def attention(self) -> list[str]:
        """Why a person should look at it now; empty when nothing is wrong."""
        letter_failed = any(call.blocked for call in self.letter_calls) or any(
            clock.blocked and clock.owes for clock in self.clocks
        )
        undelivered = any(
            letter.status in (LetterStatus.BOUNCED, LetterStatus.BLOCKED, LetterStatus.RETURNED)
            for letter in self.letters[-1:]
        )
        reasons = {
            "letter_failed": letter_failed,
            "letter_doubtful": any(letter.person_decides for letter in self.letters),
            "letter_waiting": any(
                letter.status is LetterStatus.DEFERRED and letter.tries >= TRIES_BEFORE_ATTENTION
                for letter in self.letters
            ),
            "letter_undelivered": undelivered,
            "event_refused": self.refusal_unheeded,
            "no_contact": self.contact_wish is not None and self.contact_wish.again_at is not None,
            "partner_unreachable": any(wish.blocked for wish in self.partner_wishes),
            "calendar_exhausted": self.calendar_too_short,
        }
        return [reason for reason, holds in reasons.items() if holds]

    @property
    def overdue(self) -> bool:
        """Whether a deadline has passed and its act is still owed."""
        return any(clock.overdue for clock in self.clocks)
