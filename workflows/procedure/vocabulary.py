"""The words of the trade, each written once: what the contract calls Parties, levels, stages, clocks and letters."""

from enum import StrEnum


class Party(StrEnum):
    """One of the two Parties to the partnership ("la Partie")."""

    BROKER = "broker"
    INSURER = "insurer"

    @property
    def other(self) -> "Party":
        """The Party across the table."""
        return Party.INSURER if self is Party.BROKER else Party.BROKER


class Level(StrEnum):
    """The five levels of the published table; `1 < 2a < 2b < 3 < 4` (`rank`)."""

    ONE = "1"
    TWO_A = "2a"
    TWO_B = "2b"
    THREE = "3"
    FOUR = "4"

    @property
    def rank(self) -> int:
        """The place in the order of the levels, from 0."""
        return list(Level).index(self)


class Stage(StrEnum):
    """Where a complaint stands."""

    INVESTIGATING = "investigating"
    RESULTS_KNOWN = "results_known"
    ANSWERED = "answered"
    MEDIATION = "mediation"
    LITIGATION = "litigation"
    CLOSED = "closed"


class Channel(StrEnum):
    """How a complaint came in, or a letter went out."""

    EMAIL = "email"
    PHONE = "phone"
    POST = "post"
    WEB = "web"
    PORTAL = "portal"

    @property
    def written(self) -> bool:
        """Whether it leaves a writing: only a writing starts or keeps a regulatory clock."""
        return self is not Channel.PHONE


class ClockName(StrEnum):
    """The clocks of the contract, in the order in which they act when they pass together."""

    ACKNOWLEDGEMENT = "acknowledgement"
    HOLDING_LETTER = "holding_letter"
    STATUS_LETTER = "status_letter"
    PROMISED_DATE = "promised_date"
    RESOLUTION_LETTER = "resolution_letter"
    FINAL_ANSWER = "final_answer"
    MEDIATION_WINDOW = "mediation_window"
    PARTNER_HELP = "partner_help"
    MEDIATOR_REPLY = "mediator_reply"
    COURT_APPEARANCE = "court_appearance"

    @property
    def kind(self) -> "ClockKind":
        """Whose promise it is."""
        return _KINDS[self]


class ClockKind(StrEnum):
    """Commitments restart with each round; regulatory clocks never restart and never pause."""

    COMMITMENT = "commitment"
    REGULATORY = "regulatory"
    PROCEDURAL = "procedural"


_KINDS = {
    ClockName.ACKNOWLEDGEMENT: ClockKind.REGULATORY,
    ClockName.HOLDING_LETTER: ClockKind.COMMITMENT,
    ClockName.STATUS_LETTER: ClockKind.COMMITMENT,
    ClockName.PROMISED_DATE: ClockKind.COMMITMENT,
    ClockName.RESOLUTION_LETTER: ClockKind.COMMITMENT,
    ClockName.FINAL_ANSWER: ClockKind.REGULATORY,
    ClockName.MEDIATION_WINDOW: ClockKind.REGULATORY,
    ClockName.PARTNER_HELP: ClockKind.COMMITMENT,
    ClockName.MEDIATOR_REPLY: ClockKind.PROCEDURAL,
    ClockName.COURT_APPEARANCE: ClockKind.PROCEDURAL,
}


class ClockState(StrEnum):
    """What became of a clock."""

    RUNNING = "running"
    KEPT = "kept"
    BREACHED = "breached"
    DROPPED = "dropped"


class LetterKind(StrEnum):
    """The letters of the contract, weightiest first: letters owed together go out under the weightiest name."""

    RESOLUTION = "resolution"
    WITHDRAWAL = "withdrawal"
    EXHAUSTED = "exhausted"
    TRANSFER = "transfer"
    STATUS = "status"
    TWO_MONTHS = "two_months"
    PROGRESS = "progress"
    HOLDING = "holding"
    WRITTEN_INVITATION = "written_invitation"
    ACKNOWLEDGEMENT = "acknowledgement"
    CONTACT_CHANGE = "contact_change"


LETTER_OF_CLOCK = {
    ClockName.ACKNOWLEDGEMENT: LetterKind.ACKNOWLEDGEMENT,
    ClockName.HOLDING_LETTER: LetterKind.HOLDING,
    ClockName.STATUS_LETTER: LetterKind.STATUS,
    ClockName.PROMISED_DATE: LetterKind.PROGRESS,
    ClockName.RESOLUTION_LETTER: LetterKind.RESOLUTION,
    ClockName.FINAL_ANSWER: LetterKind.TWO_MONTHS,
}
"""The letter each clock calls for. Only the resolution letter never leaves by itself: a person releases it."""

ANNOUNCES_A_DATE = frozenset({LetterKind.HOLDING, LetterKind.STATUS, LetterKind.PROGRESS, LetterKind.TWO_MONTHS})
"""Letters that name an expected date, and so start a `promised_date` clock."""


class LetterStatus(StrEnum):
    """What happened to a letter."""

    SENT = "sent"  # accepted by the carrier, or posted: the instant of this is `sent_at`
    QUEUED = "queued"  # printed for the post, until staff confirm the posting
    FAILED = "failed"  # it could not leave; staff are told why
    DEFERRED = "deferred"  # the carrier could not take it now; it is written again at `again_at`
    DROPPED = "dropped"  # no longer called for before a carrier could take it
    DOUBTFUL = "doubtful"  # the carrier gave no answer; what it reports, or a person, tells
    LOST = "lost"  # a person found that it reached nobody
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    BLOCKED = "blocked"
    RETURNED = "returned"

    @property
    def never_left(self) -> bool:
        """Whether it certainly reached no carrier: its id serves the next try."""
        return self in (LetterStatus.FAILED, LetterStatus.DEFERRED, LetterStatus.DROPPED)


class EntryStatus(StrEnum):
    """What the procedure made of an entry of the journal."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAITING = "waiting"
    DUPLICATE = "duplicate"
    VOIDED = "voided"


class Decision(StrEnum):
    """What was decided on a complaint."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly_upheld"
    REJECTED = "rejected"


class RequestStatus(StrEnum):
    """What became of a request for help."""

    OPEN = "open"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"  # no longer needed


class MediationOutcome(StrEnum):
    """How a mediation ends."""

    INADMISSIBLE = "inadmissible"
    PREMATURE = "premature"
    WITHDRAWN = "withdrawn"
    SETTLED = "settled"
    OPINION = "opinion"

    @property
    def restores(self) -> bool:
        """Whether the complaint goes back to where it was before the mediator."""
        return self in (MediationOutcome.INADMISSIBLE, MediationOutcome.PREMATURE, MediationOutcome.WITHDRAWN)


class Way(StrEnum):
    """By which way the other Party is called on."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class DeliveryStatus(StrEnum):
    """What a carrier, or a person, reports of a letter (`posted` and `lost` are additions to the contract)."""

    BOUNCED = "bounced"
    BLOCKED = "blocked"
    RETURNED = "returned"
    DELIVERED = "delivered"
    POSTED = "posted"
    LOST = "lost"


class Language(StrEnum):
    """The languages letters and staff texts are written in."""

    FR = "fr"
    EN = "en"
