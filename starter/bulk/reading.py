"""Reads the rows of a CSV or XLSX file: text in the usual charsets and delimiters, cells that are dates as dates."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MOST_ROWS = 50_000
_LARGEST = 100 * 1024 * 1024
_LARGEST_UNPACKED = 500 * 1024 * 1024
_DELIMITERS = ";,\t|"


class FileRefused(ValueError):
    """A file as a whole cannot be read; the message says why."""


def read_rows(file: Path) -> Iterator[dict[str, Any]]:
    """Give each data row by its headings; rows without a single cell are skipped, but counted as empty.

    Raises:
        FileRefused: it is no CSV or XLSX, too large, or has no or twice the same heading.

    """
    if file.stat().st_size > _LARGEST:
        raise FileRefused(f"{file}: larger than {_LARGEST // 1024**2} MB")
    rows = _spreadsheet(file) if file.suffix.lower() == ".xlsx" else _text(file)
    headings = [str(heading or "").strip() for heading in next(rows, [])]
    while headings and not headings[-1]:
        headings.pop()
    if not headings or not any(headings):
        raise FileRefused(f"{file}: no headings in its first row")
    twice = sorted({heading for heading in headings if heading and headings.count(heading) > 1})
    if twice:
        raise FileRefused(f"{file}: heading found twice: {', '.join(twice)}")
    for number, row in enumerate(rows, 1):
        if number > MOST_ROWS:
            raise FileRefused(f"{file}: more than {MOST_ROWS} rows")
        yield {heading: cell for heading, cell in zip(headings, row, strict=False) if heading}


def _text(file: Path) -> Iterator[list[Any]]:
    content = file.read_bytes()
    if content.startswith(b"PK\x03\x04") or (
        b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff"))
    ):
        raise FileRefused(f"{file}: neither a CSV nor an XLSX file")
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise FileRefused(f"{file}: {error}") from None


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


def _spreadsheet(file: Path) -> Iterator[list[Any]]:
    try:
        with zipfile.ZipFile(file) as archive:
            inside = archive.infolist()
        if sum(each.file_size for each in inside) > _LARGEST_UNPACKED:
            raise FileRefused(f"{file}: too large once unpacked")
        book = load_workbook(file, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        if isinstance(error, FileRefused):
            raise
        raise FileRefused(f"{file}: no XLSX file") from None
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield list(row)
    finally:
        book.close()
