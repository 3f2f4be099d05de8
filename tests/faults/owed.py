"""A second opinion on what a complaint owed: dates and letters worked out from its events, with no rule of ours.

Stage, level and round are `tests.reference`'s, days `tests.stories.independent_count`'s.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.reference import FEASTS, PARIS, Reference, paris_day
from tests.stories.independent_count import last_open, months_after, ouvres_after
from workflows.procedure.records import Entry, Letter
from workflows.procedure.vocabulary import LETTER_OF_CLOCK, ClockName, LetterKind

HEARD = ("response_given", "customer_rejects", "customer_accepts", "withdrawn", "results_known", "note_added")
_CAME_BACK = ("lost", "bounced", "blocked", "returned")
_LATER_WORDS = {"progress", "two_months"}
_ON_ITS_WAY = ("sent", "delivered", "queued")


@dataclass
class Round:
    """One round of a complaint, by the instants at which the complaint knew."""

    number: int
    started_on: date
    begins: datetime
    ends: datetime | None = None
    results: datetime | None = None


def what_is_missing(
    journal: list[Entry], dossier: dict[str, Any], letters: list[Letter], now: datetime
) -> Iterator[str]:
    """Compare a dossier with what it must be at `now`."""
    opinion, rounds = _heard(journal, now)
    stands = tuple(dossier[name] for name in ("level", "stage", "round", "handling_party"))
    if stands != (opinion.level, opinion.stage, opinion.round, opinion.party):
        yield f"stands at {stands}, not at {(opinion.level, opinion.stage, opinion.round, opinion.party)}"
    yield from _dates(opinion, dossier, letters, journal)
    yield from _letters(opinion, rounds, journal, letters, now)


def _heard(journal: list[Entry], now: datetime) -> tuple[Reference, list[Round]]:
    opinion = Reference(journal[0].at)
    rounds = [Round(1, opinion.round_started[0], journal[0].recorded_at)]
    for entry in journal:
        if entry.type in HEARD and entry.status in ("accepted", "waiting"):
            said = {**entry.data, "type": entry.type, "at": entry.at.isoformat(), "id": entry.id}
            fate = opinion.hear(said, entry.recorded_at)
            assert fate != "refused", f"{entry.type} was accepted, and should have been refused"
        opinion.pass_time(entry.recorded_at)
        last = rounds[-1]
        if last.number != opinion.round:
            last.ends = last.ends or entry.recorded_at
            last = Round(opinion.round, opinion.round_started[-1], entry.recorded_at)
            rounds.append(last)
        if last.ends is None and (opinion.answered or opinion.closed):
            last.ends = entry.recorded_at
        if last.results is None and opinion.results:
            last.results = entry.recorded_at
    opinion.pass_time(now)
    return opinion, rounds


# Dates ---------------------------------------------------------------------------------------------------------------


def _dates(opinion: Reference, dossier: dict[str, Any], letters: list[Letter], journal: list[Entry]) -> Iterator[str]:
    received = paris_day(opinion.received_at)
    results = {paris_day(entry.at) for entry in journal if entry.type in ("results_known", "response_given")}
    expected: dict[str, set[date]] = {
        "acknowledgement": {_ouvrables_after(received, 10)},
        "final_answer": {months_after(received, 2)},
        "mediation_window": {months_after(received, 12)},
        "resolution_letter": {ouvres_after(day, 5) for day in results},
        "promised_date": {letter.announces for letter in letters if letter.announces},
    }
    for clock in dossier["clocks"]:
        started_on = opinion.round_started[clock["round"] - 1]
        due = {
            **expected,
            "holding_letter": {ouvres_after(started_on, 10)},
            "status_letter": {ouvres_after(started_on, 40)},
        }.get(clock["clock"])
        if due is not None and date.fromisoformat(clock["due_on"]) not in due:
            yield f"{clock['clock']} of round {clock['round']} is due on {clock['due_on']}, not on {due}"
    names = [(clock["clock"], clock["round"]) for clock in dossier["clocks"]]
    for number in range(1, opinion.round + 1):
        for name in ("holding_letter", "status_letter"):
            if names.count((name, number)) != 1:
                yield f"{name} of round {number} runs {names.count((name, number))} times"


def _ouvrables_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 6 and day not in FEASTS
    return day


# Letters -------------------------------------------------------------------------------------------------------------


def _letters(
    opinion: Reference, rounds: list[Round], journal: list[Entry], letters: list[Letter], now: datetime
) -> Iterator[str]:
    on_their_way = [letter for letter in letters if letter.status in _ON_ITS_WAY]
    acknowledging = [letter for letter in letters if "acknowledgement" in (*letter.sections, *letter.serves)]
    acknowledged = any(letter.status in _ON_ITS_WAY for letter in acknowledging)
    # Every letter names the complaint and its receipt: after an acknowledgement that came back, any other will do.
    if any(letter.status in _CAME_BACK for letter in acknowledging):
        acknowledged = bool(on_their_way)
    # One taken up again after a withdrawal is not acknowledged anew.
    if not opinion.closed and not acknowledged and not _withdrawn(journal):
        yield "it was never acknowledged"
    for entry in journal:
        answers = entry.type == "response_given" and entry.status == "accepted"
        if answers and not _left(letters, entry.id) and not _given_up(journal, entry):
            yield f"the answer {entry.id} never left"
    yield from _answers_of_another_round(rounds, journal, letters)
    two_months = last_open(months_after(paris_day(opinion.received_at), 2))
    for each in rounds:
        ends = each.ends or now
        before_results = min(ends, each.results or now)
        ten, forty = ouvres_after(each.started_on, 10), ouvres_after(each.started_on, 40)
        made = [letter for letter in letters if letter.round == each.number]
        tried = {
            section
            for entry in journal
            if entry.type.startswith("letter_") and entry.data["id"].split("/")[1] == str(each.number)
            for section in entry.data["sections"]
        }
        yield from _word(made, tried, each, ten, ends, {"holding", "status", "progress"}, now)
        yield from _word(made, tried, each, forty, before_results, {"status"}, now)
        if each.number == 1:
            yield from _word(made, tried, each, two_months, ends, {"two_months"}, now)


def _given_up(journal: list[Entry], answer: Entry) -> bool:
    """Whether the customer withdrew after the answer's letter had been tried, as the journal says: no more is owed."""
    after = journal[journal.index(answer) + 1 :]
    tried = next(
        (n for n, e in enumerate(after) if e.type.startswith("letter_") and answer.id in e.data.get("causes", ())), None
    )
    return tried is not None and _withdrawn(after[tried:])


def _withdrawn(journal: list[Entry]) -> bool:
    return any(each.type == "withdrawn" and each.status == "accepted" for each in journal)


def _answers_of_another_round(rounds: list[Round], journal: list[Entry], letters: list[Letter]) -> Iterator[str]:
    """Find letters that keep the five days after a round's results with an answer of a round before."""
    given = {entry.id: entry.recorded_at for entry in journal if entry.type == "response_given"}
    for letter in letters:
        for key in letter.clocks:
            name, number, _ = key.split("/")
            told = [given[cause] for cause in letter.causes if cause in given]
            if name == "resolution_letter" and told and max(told) < rounds[int(number) - 1].begins:
                yield f"{letter.id} keeps {key}, and answers for a round before"


def _left(letters: list[Letter], answer: str) -> bool:
    """Whether an answer left; one that was found lost is not repeated once a later one has been written."""
    places = [place for place, each in enumerate(letters) if answer in each.causes]
    if not places:
        return False
    if any(letters[place].status in _ON_ITS_WAY for place in places):
        return True
    later = letters[places[-1] :]
    came_back = letters[places[-1]].status in _CAME_BACK
    return came_back and any(each.status in _ON_ITS_WAY and "resolution" in each.sections for each in later)


def _word(
    letters: list[Letter], tried: set[str], of: Round, day: date, until: datetime, sections: set[str], now: datetime
) -> Iterator[str]:
    """Miss a letter whose day passed before `until`; what ended the need for it may have come while it was tried."""
    owed_from = max(datetime.combine(day + timedelta(days=1), time(), PARIS), of.begins)
    of_these = [each for each in letters if sections & set(each.sections)]
    if owed_from >= until or any(each.status in _ON_ITS_WAY for each in of_these):
        return
    if until < now and sections & tried:
        return
    if sections & tried and any(_LATER_WORDS & set(each.sections) for each in letters if each.status in _ON_ITS_WAY):
        return  # it came back, or could not leave, after a later one had left
    yield f"round {of.number}: nothing of {sorted(sections)} left, owed on {day}, nothing else came before {until}"


def said_twice(letters: list[Letter]) -> Iterator[str]:
    """Find what several letters that left say for the same occasion."""
    said = Counter(what for letter in letters if letter.status in _ON_ITS_WAY for what in _says(letter))
    yield from (f"{count} letters say the same: {what}" for what, count in said.items() if count > 1)


def _says(letter: Letter) -> Iterator[tuple[LetterKind, str]]:
    """Give what a letter says, and what for: the clocks that call for one of its sections, and the events that do.

    Clocks it keeps besides do not count: while the acknowledgement is in doubt, every other letter acknowledges too,
    and while one answer's letter is, the next answer's keeps the same clock.
    """
    if not letter.causes:
        own = [(LETTER_OF_CLOCK.get(ClockName(clock.split("/")[0])), clock) for clock in letter.clocks]
        yield from ((kind, clock) for kind, clock in own if kind in letter.sections)
    yield from ((letter.kind, cause) for cause in letter.causes)
