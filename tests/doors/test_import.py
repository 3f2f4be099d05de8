"""A file of complaints through the real program: checked, opened once, also when it is killed in the middle."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from activities.register.database import Register
from starter.bulk.importing import Result, Row, RowResult, rows_of, write_report
from starter.bulk.mapping import Mapping, MappingRefused, propose, read_mapping
from starter.bulk.reading import FileRefused, read_rows
from tests.stage import Stage
from workflows.procedure.calendar import PARIS

PROGRAM = Path(sys.executable).with_name("complaints")
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=PARIS)
MAPPING = """
dates = "%d/%m/%Y"
key = "N°"
[columns]
received_at = "Reçue le"
"complainant.name" = "Nom"
"complainant.email" = "Courriel"
channel = "Canal"
summary = "Objet"
[constants]
received_by = "broker"
[values.channel]
"Courriel" = "email"
"""
HEADINGS = ["N°", "Reçue le", "Nom", "Courriel", "Canal", "Objet"]


def line(number: int, **changes: Any) -> list[Any]:
    cells = {"N°": number, "Reçue le": "20/11/2026", "Nom": f"Client {number}", "Courriel": f"c{number}@example.org",
             "Canal": "Courriel", "Objet": f"Réclamation n° {number}"} | changes  # fmt: skip
    return [cells[heading] for heading in HEADINGS]


def written(folder: Path, rows: list[list[Any]], encoding: str = "utf-8", delimiter: str = ";") -> Path:
    file = folder / "complaints.csv"
    with file.open("w", encoding=encoding, newline="") as output:
        csv.writer(output, delimiter=delimiter).writerows([HEADINGS, *rows])
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    return file


def checked(file: Path) -> list[Row | RowResult]:
    return list(rows_of(read_rows(file), read_mapping(file.with_name("mapping.toml")), NOW))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_csv_is_read_however_a_spreadsheet_wrote_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    (row,) = checked(
        written(tmp_path, [line(1, Objet="Où est l'indemnité ?\nDéçue; très, déçue")], encoding, delimiter)
    )
    assert isinstance(row, Row)
    assert row.message["summary"] == "Où est l'indemnité ?\nDéçue; très, déçue"
    assert row.message["received_at"] == "2026-11-20T00:00:00+01:00"
    assert row.message["complainant"] == {"name": "Client 1", "email": "c1@example.org"}
    assert row.message["channel"] == "email"


def test_a_spreadsheets_dates_are_dates(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(line(1, **{"Reçue le": datetime(2026, 11, 20, 16, 45)}))  # noqa: DTZ001 -- as a cell has it
    book.active.append(line(2, **{"Reçue le": date(2026, 11, 20)}))
    book.active.append([None] * 6)
    book.save(tmp_path / "complaints.xlsx")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    first, second = checked(tmp_path / "complaints.xlsx")
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.message["received_at"] == "2026-11-20T16:45:00+01:00"
    assert second.message["received_at"] == "2026-11-20T00:00:00+01:00"


def test_each_fault_is_named_by_its_row_and_field_and_never_by_its_value(tmp_path: Path) -> None:
    rows = [
        line(1), line(2, **{"Reçue le": "hier"}), [""] * 6, line(4, Canal="pigeon"), line(5, Courriel="no address"),
        line(6, **{"Reçue le": "20/11/2031"}), line(1), line(8, Nom=""),
    ]  # fmt: skip
    found = {each.number: each for each in checked(written(tmp_path, rows))}
    assert sorted(found) == [1, 2, 4, 5, 6, 7, 8], "the empty row is passed over, and counted"
    reasons = {number: each.reason or "" for number, each in found.items() if isinstance(each, RowResult)}
    assert "Reçue le" in reasons[2]
    assert "channel" in reasons[4]
    assert "complainant.email" in reasons[5]
    assert "received_at" in reasons[6]
    assert reasons[7] == "the same as row 1"
    assert "complainant" in reasons[8]
    assert not any(word in str(reasons) for word in ("hier", "pigeon", "no address"))


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04", b"a;a\n1;2\n", b'"open\n'])
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    for name in ("x.csv", "x.xlsx"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileRefused, match=name):
            list(read_rows(tmp_path / name))


@pytest.mark.parametrize(
    "text", ["", "columns = 1", "[columns]\nx = [1]", "= broken", "[columns]\na='b'\n[misspelt]\na=1"]
)
def test_a_broken_mapping_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(MappingRefused, match=r"m\.toml"):
        read_mapping(tmp_path / "m.toml")


def test_a_proposed_mapping_is_one(tmp_path: Path) -> None:
    said = propose(["Date de réception", "Nom", 'Un "autre"', "E-mail", "Objet"])
    (tmp_path / "m.toml").write_text(said, "utf-8")
    mapping: Mapping = read_mapping(tmp_path / "m.toml")
    assert mapping.columns["complainant.email"] == "E-mail"
    assert mapping.constants == {"channel": "email", "received_by": "broker"}
    assert 'no field found for "Un \\"autre\\""' in said


def test_no_cell_of_the_report_is_a_formula(tmp_path: Path) -> None:
    write_report(tmp_path / "r.csv", [RowResult(1, Result.REFUSED, reason='=HYPERLINK("x"): no date')])
    assert ";'=HYPERLINK" in (tmp_path / "r.csv").read_text("utf-8-sig").replace('"', "")


@pytest.mark.slow
async def test_an_import_killed_in_the_middle_goes_on_and_opens_each_row_once(stage: Stage, tmp_path: Path) -> None:
    rows, client, folder = 300, stage.environment.client, tmp_path / "import"
    folder.mkdir()
    file = written(folder, [line(number) for number in range(1, rows + 1)])
    register = Register(stage.settings.register_address, durable=False)
    register.migrate()
    register.close()
    environment = os.environ | {
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "COMPLAINTS_TASK_QUEUE": "nobody-works-here",
        "COMPLAINTS_DATA_DIR": str(stage.settings.data_dir),
    }
    command = [str(PROGRAM), "import", str(file), "--mapping", str(folder / "mapping.toml"), "--json"]
    query = "TaskQueue='nobody-works-here' AND WorkflowType='Complaint'"
    before = (await client.count_workflows(query)).count
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.DEVNULL)
    for _ in range(3000):
        if (await client.count_workflows(query)).count >= before + 20:
            break
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL, "it was to be killed in the middle"

    done = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["refused"], found["opened"] + found["known"]) == (0, rows)
    assert found["known"] >= 20
    for _ in range(200):
        if (await client.count_workflows(query)).count - before >= rows:
            break
        await asyncio.sleep(0.05)
    started = {each.id async for each in client.list_workflows(query)}
    assert {row["reference"] for row in found["rows"]} <= started
    assert len(started) - before == rows
