"""Writes the register, line by line: as CSV for a French Excel, as a workbook, as JSON. No more than a line is kept."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from io import TextIOWrapper
from typing import BinaryIO

import xlsxwriter

from activities.notify.clean import one_line
from starter.figures.columns import Cell, Column, columns
from starter.figures.line import PERSONAL, RegisterLine
from starter.figures.names import Names

LONGEST_CELL = 32_000
"""Characters: a cell of Excel holds 32,767, and says nothing of what it drops."""

_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BEFORE_A_FORMULA = "'"


class Format(StrEnum):
    """The forms of the register."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


def write(lines: Iterable[RegisterLine], form: Format, out: BinaryIO, names: Names, *, anonymous: bool) -> int:
    """Write the register to `out`, which stays open; returns how many lines it has.

    `anonymous` leaves out what names a person or is free text about one. JSON has ids and every field, whatever the
    language.
    """
    counted = _Counted(lines)
    match form:
        case Format.CSV:
            _write_csv(counted, out, names, columns(anonymous=anonymous))
        case Format.XLSX:
            _write_xlsx(counted, out, names, columns(anonymous=anonymous))
        case Format.JSON:
            _write_json(counted, out, anonymous=anonymous)
    return counted.count


class _Counted:
    """Lines, counted as they pass."""

    def __init__(self, lines: Iterable[RegisterLine]) -> None:
        self._lines, self.count = lines, 0

    def __iter__(self) -> Iterator[RegisterLine]:
        for line in self._lines:
            self.count += 1
            yield line


def _write_csv(lines: Iterable[RegisterLine], out: BinaryIO, names: Names, wanted: list[Column]) -> None:
    """Semicolons, UTF-8 with its mark, decimal commas, ISO dates: what Excel opens rightly on a French machine."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="")
    rows = csv.writer(text, delimiter=";")
    rows.writerow(_headings(wanted, names))
    rows.writerows([_in_csv(column.cell(line, names)) for column in wanted] for line in lines)
    text.detach()


def _in_csv(cell: Cell) -> str | int | None:
    match cell:
        case Decimal():
            return str(cell).replace(".", ",")
        case date():
            return cell.isoformat()
        case str():
            text = _text(cell)
            # A spreadsheet would work it out, and whoever complains chooses the words.
            return f"{_BEFORE_A_FORMULA}{text}" if text.startswith(_FORMULAS) else text
        case _:
            return cell


def _write_xlsx(lines: Iterable[RegisterLine], out: BinaryIO, names: Names, wanted: list[Column]) -> None:
    """One sheet with real dates and numbers. Every text is written as text, whatever it begins with."""
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(names.words.choose("Réclamations", "Complaints"))
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        day, money = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "#,##0.00"})
        for place, column in enumerate(wanted):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(1, 1)
        for place, text in enumerate(_headings(wanted, names)):
            sheet.write_string(0, place, text, heading)
        last = 0
        for last, line in enumerate(lines, 1):
            for place, column in enumerate(wanted):
                match column.cell(line, names):
                    case None:
                        pass
                    case Decimal() as amount:
                        sheet.write_number(last, place, float(amount), money)
                    case date() as on:
                        sheet.write_datetime(last, place, on, day)
                    case int() as number:
                        sheet.write_number(last, place, number)
                    case str() as said:
                        sheet.write_string(last, place, _text(said))
        sheet.autofilter(0, 0, last, len(wanted) - 1)


def _write_json(lines: Iterable[RegisterLine], out: BinaryIO, *, anonymous: bool) -> None:
    """Write a list of the model of a line, one to a line of text."""
    between = b"[\n"
    for line in lines:
        fields = line.model_dump(mode="json", exclude=PERSONAL if anonymous else None)
        out.write(between + json.dumps(fields, ensure_ascii=False).encode())
        between = b",\n"
    out.write(b"\n]\n" if between == b",\n" else b"[]\n")


def _headings(wanted: list[Column], names: Names) -> list[str]:
    return [names.words.choose(column.french, column.english) for column in wanted]


def _text(said: str) -> str:
    return one_line(str(said), LONGEST_CELL)
