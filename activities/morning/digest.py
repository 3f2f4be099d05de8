"""What one reader is told on one morning: lines by section, never more than fit on a page, the others counted."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from activities.morning.matters import TOLD_TO_MANAGERS, Day, Line, News, Section, lines_of
from activities.morning.seen import Complaint
from workflows.morning_messages import THE_TEAM, Reader

MOST_LINES = 25
"""Lines of a section that are shown: what a person can act on in a morning. The others are counted."""


@dataclass
class Part:
    """The sections of one's own complaints, or of those of the team."""

    counts: Counter[Section] = field(default_factory=Counter)
    _lines: defaultdict[Section, list[Line]] = field(default_factory=lambda: defaultdict(list))

    def add(self, section: Section, line: Line) -> None:
        """Count a line, and keep it while it is among those that are most pressing."""
        self.counts[section] += 1
        kept = self._lines[section]
        kept.append(line)
        if len(kept) > 2 * MOST_LINES:
            self._lines[section] = sorted(kept)[:MOST_LINES]

    def sections(self) -> Iterator[tuple[Section, list[Line], int]]:
        """Give each section that has something: its lines, soonest first, and how many more there are."""
        for section in Section:
            shown = sorted(self._lines[section])[:MOST_LINES]
            if shown:
                yield section, shown, self.counts[section] - len(shown)


class Digest:
    """Takes complaints one by one, and keeps what its reader is to hear of each."""

    def __init__(self, reader: Reader, day: Day) -> None:
        self.reader, self.day = reader, day
        self.own, self.team = Part(), Part()
        self.loads: defaultdict[str | None, Counter[Section]] = defaultdict(Counter)
        """For the team alone: what each person in charge has on their table."""

    def add(self, complaint: Complaint, news: News) -> None:
        """Take what there is to say of a complaint; whoever it is about hears nothing of it."""
        if complaint.complained_about == self.reader.id:
            return
        contact = complaint.contact.id if complaint.contact else None
        for section, line in lines_of(complaint, news, self.day):
            if self.reader.id == THE_TEAM:
                self.loads[contact][section] += 1
            if contact in self.reader.covers:
                self.own.add(section, line)
            elif self.reader.manager and section in TOLD_TO_MANAGERS and contact not in self.reader.other_teams:
                self.team.add(section, line)

    @property
    def matters(self) -> int:
        """How many matters it tells of; 0: nothing is to be sent."""
        if self.reader.id == THE_TEAM:
            return sum(counts.total() for counts in self.loads.values())
        return self.own.counts.total() + self.team.counts.total()
