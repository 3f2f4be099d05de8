"""What a play must report, worked out a second time: from the CSV, the calendar and the contract, day by day.

Naive on purpose, and without a line of the product: no rule is shared with what it checks.
"""

import csv
import tomllib
from calendar import monthrange
from collections import Counter
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import holidays

# The contract, "Clocks" and "play".
HOLDING_AFTER, STATUS_AFTER = 10, 40  # jours ouvrés from receipt
FINAL_ANSWER_MONTHS = 2  # from sending, which is the day of receipt here
ANSWERED_AT = time(12)
# The firm's settings that the contract leaves to it are read from its file (`Firm`).

ONE_DAY = timedelta(days=1)


class Firm:
    """The settings of the firm's file that decide what is counted."""

    def __init__(self, path: Path) -> None:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
        self.leave_at = time.fromisoformat(stated["letters_leave_at"])
        self.default_days = {kind: self._ouvres(said) for kind, said in stated["default_dates"].items()}
        self.help_within = self._ouvres(stated["deadlines"]["partner_help"])
        assert not stated["calendar"].get("closures"), "this count knows of no closures"
        assert not stated["calendar"]["whit_monday_worked"], "this count knows of no worked holiday"

    @staticmethod
    def _ouvres(said: dict[str, Any]) -> int:
        assert said["unit"] == "jours_ouvres", "this count adds jours ouvrés only"
        return int(said["amount"])


FRANCE = holidays.country_holidays("FR")


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in FRANCE


def ouvres_after(day: date, count: int) -> date:
    while count:
        day += ONE_DAY
        count -= is_open(day)
    return day


def last_open(day: date) -> date:
    while not is_open(day):
        day -= ONE_DAY
    return day


def months_after(day: date, months: int) -> date:
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def expected(register: Path, run_on: date, firm: Firm, rows: int | None = None) -> dict[str, dict[str, int]]:
    """Count levels, letters and breaches of the register's (clean) rows, all received on `run_on`."""
    levels: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    breaches: Counter[str] = Counter()
    with register.open(encoding="utf-8-sig", newline="") as file:
        for row in list(csv.DictReader(file))[:rows]:
            took = american(row["Closed date"]) - american(row["Received date"])
            sensitive = row["Complaint filed by"] == "Attorney"
            levels["2b" if sensitive else "1"] += 1
            life(run_on, run_on + took, sensitive, firm, letters, breaches)
    return {"levels": dict(levels), "letters": dict(letters), "breaches": dict(breaches)}


def american(text: str) -> date:
    month, day, year = map(int, text.split("/"))
    return date(year, month, day)


def life(
    received_on: date, answered_on: date, sensitive: bool, firm: Firm, letters: Counter[str], breaches: Counter[str]
) -> None:
    """Go through a complaint day by day, from receipt to answer."""
    final_answer_due = months_after(received_on, FINAL_ANSWER_MONTHS)
    leaves_on = {
        "holding": last_open(ouvres_after(received_on, HOLDING_AFTER)),
        "status": last_open(ouvres_after(received_on, STATUS_AFTER)),
        "two_months": last_open(final_answer_due),
    }
    letters["acknowledgement"] += 1

    promised: date | None = None
    # The answer comes at noon, the letters of a day leave later: on the day of the answer none does.
    last_day = answered_on - ONE_DAY if firm.leave_at > ANSWERED_AT else answered_on
    day = received_on
    while day < last_day:
        day += ONE_DAY
        kinds = [kind for kind in ("status", "two_months", "holding") if leaves_on[kind] == day]
        if promised and last_open(promised) == day:
            kinds.append("progress")
        if not kinds:
            continue
        letters.update(kinds)  # one letter, counted under each of its kinds
        if promised is None or last_open(promised) <= day:
            promised = ouvres_after(day, firm.default_days[kinds[0]])

    letters["resolution"] += 1
    if answered_on > final_answer_due:
        breaches["final_answer"] += 1
    if sensitive and answered_on > ouvres_after(received_on, firm.help_within):
        breaches["partner_help"] += 1
