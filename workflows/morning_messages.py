"""What the morning and its activities say to each other. Names of activities, and what each takes and returns."""

from datetime import date, datetime

from pydantic import Field

from workflows.messages import Message

OFFICE_DAY = "office_day"
REASSIGN_FOR_ABSENCES = "reassign_for_absences"
WHO_READS = "who_reads"
SEND_DIGEST = "send_digest"

THE_TEAM = "team"
"""The reader that is no person: the mailbox of the complaints service."""


class MorningRequest(Message):
    """What a morning may be started with: nothing, or the instant (aware) it is held for instead of the present one."""

    at: datetime | None = None


class MorningHeld(Message):
    """Where the mornings stand after one: given to the next one by the schedule.

    `told`: up to which instant (aware) each reader, by their id, knows what happened.
    """

    on: date | None = None
    """The last open day (a Paris civil date) whose morning was held; None before the first."""
    told: dict[str, datetime] = Field(default_factory=dict)
    reassigned: int = 0
    sent: int = 0
    """How many digests left on that day."""


class OfficeDayRequest(Message):
    """Asks `office_day` about a Paris civil date."""

    on: date


class OfficeDay(Message):
    """Whether the firm works on a day, and its hours (aware instants)."""

    open: bool
    opens_at: datetime
    closes_at: datetime
    morning_before: datetime
    """The hour of the digest on the open day before."""


class ReassignRequest(Message):
    """Asks `reassign_for_absences` to put others in charge of what absent people have, on a Paris civil date."""

    on: date


class Reassigned(Message):
    """How many complaints were given to another person."""

    complaints: int = 0


class WhoReadsRequest(Message):
    """Asks `who_reads` who gets a digest on a Paris civil date."""

    on: date


class Reader(Message):
    """Who gets a digest: a person present, with the absent whose digest comes to them; or the team."""

    id: str
    covers: tuple[str, ...] = ()
    """Ids of the people in charge whose complaints this reader hears of, their own included."""
    manager: bool = False
    """Hears of what was missed in their team, and of what is in nobody's care."""
    other_teams: tuple[str, ...] = ()
    """Ids of the people of other teams, of whose complaints a manager hears nothing."""


class Readers(Message):
    """Everybody who may get a digest; whoever has nothing to hear gets none."""

    readers: list[Reader]


class DigestRequest(Message):
    """Asks `send_digest` for what is new for a reader after `since` and up to `at` (aware), and what falls due.

    It leaves at most once for each reader and day: its business key is `morning/<on>/<reader>`.
    """

    reader: Reader
    on: date
    since: datetime
    at: datetime


class DigestSent(Message):
    """What became of a digest: whether one left, and of how many matters it tells; ids and names stand in none."""

    left: bool
    matters: int = 0
