"""The register as a sheet: what a French Excel makes of it, what no formula gets through, what anonymous means."""

import csv
import json
from collections.abc import Iterator
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from starter.figures.line import RegisterLine
from starter.figures.lines import line_of
from starter.figures.names import Names
from starter.figures.sheets import Format, write
from starter.render.words import Words
from tests.figures.test_lines import OFFER, told
from tests.rehearsal import FIRM, MONDAY
from workflows.procedure.vocabulary import Language

FRENCH, ENGLISH = (Names(Words(language), FIRM()) for language in (Language.FR, Language.EN))
LAWYER = {"name": "Maître Petit", "email": "petit@example.org", "mandate": True, "reference": "P/26"}
SECRETS = (
    "Anne Martin", "Maître Petit", "AUTO-2024-118", "Indemnité vol refusée", "Motif intime", "Personne 1",
    "Désistement",
)  # fmt: skip


def a_line(**changes: Any) -> RegisterLine:
    """Give the line of a complaint of which everything is known."""
    story = told(
        (3, "source_joined", {"source": "lawyer", "received_by": "broker", "representative": LAWYER}),
        (20, "response_given", {"decision": "partly_upheld", "reasons": "Motif intime", "offer": OFFER}),
        (25, "summons_served", {"addressed_to": "broker"}),
        (60, "litigation_ended", {"outcome": "Désistement"}),
        (61, "complaint_classified", {"cause": "amount", "root_cause": "Barème périmé", "corrective_action": "Revu"}),
    )
    return line_of(story.dossier.carried()).model_copy(update=changes)


def written(form: Format, *lines: RegisterLine, names: Names = FRENCH, anonymous: bool = False) -> bytes:
    out = BytesIO()
    assert write(iter(lines), form, out, names, anonymous=anonymous) == len(lines)
    return out.getvalue()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def workbook(content: bytes) -> Iterator[dict[str, Any]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    heading, *below = sheet.iter_rows(values_only=True)
    for row in below:
        yield dict(zip(map(str, heading), row, strict=True))


# CSV -------------------------------------------------------------------------------------------------------------


def test_csv_is_what_a_french_excel_opens_rightly() -> None:
    content = written(Format.CSV, a_line())
    assert content.startswith(b"\xef\xbb\xbfR\xc3\xa9f\xc3\xa9rence;")
    assert content.endswith(b"\r\n")
    (row,) = rows(content)
    assert (row["Reçue le"], row["Réparation"], row["Devise"]) == ("2026-11-23", "1250,50", "EUR")
    assert (row["Réclamant"], row["Cause"], row["Assureur"]) == (
        "Anne Martin", "Montant de l'indemnité", "Assureur Exemple",
    )  # fmt: skip
    assert row["Niveaux successifs"] == "1 (2026-11-23) · 2b (2026-11-26) · 4 (2026-12-18)"
    assert (row["Sources sensibles (2b)"], row["Médiateur indiqué"]) == ("avocat", "oui")


def test_in_english_the_words_change_and_nothing_else() -> None:
    french, english = (written(Format.CSV, a_line(), names=names) for names in (FRENCH, ENGLISH))
    (row,) = rows(english)
    assert (row["Reference"], row["Redress"], row["Cause"]) == ("REC-2026-TEST", "1250,50", "Amount of the settlement")
    assert len(row) == len(rows(french)[0])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " \r\n=", "＝", "\u200b="])
@pytest.mark.parametrize("field", ["summary", "complainant", "policy_number", "product", "reasons", "root_cause"])
def test_no_text_is_taken_for_a_formula(start: str, field: str) -> None:
    hostile = f"{start}HYPERLINK(\"http://x\")|' /C calc'!A0;\"'"
    content = written(Format.CSV, a_line(**{field: hostile}))
    (row,) = rows(content)
    assert [cell for cell in row.values() if cell[:1] in tuple("=+-@＝\t\r\n ")] == []
    assert any(cell.startswith("'") and "HYPERLINK" in cell for cell in row.values())


def test_a_text_cannot_break_out_of_its_cell_or_outgrow_it() -> None:
    texts = {"summary": 'a;"b"\n;c', "reasons": "x" * 50_000}
    (row,) = rows(written(Format.CSV, a_line(**texts)))
    assert row["Objet"] == 'a;"b" ;c'
    assert len(row["Motifs"]) == 32_000
    assert row["Motifs"].endswith("…")
    (cells,) = workbook(written(Format.XLSX, a_line(**texts)))
    assert cells["Motifs"] == row["Motifs"]


def test_a_cause_that_left_the_list_is_shown_and_said_to_be_so() -> None:
    (row,) = rows(written(Format.CSV, a_line(cause="forgotten")))
    assert row["Cause"] == "forgotten (hors liste)"


# Workbook --------------------------------------------------------------------------------------------------------


def test_a_workbook_has_real_dates_and_numbers_and_every_text_is_text() -> None:
    (row,) = workbook(written(Format.XLSX, a_line(summary="=1+1", policy_number="0012", complainant="http://x.org")))
    # A workbook knows no time zones, and no days without an hour.
    assert (row["Reçue le"], row["Réparation"]) == (datetime.combine(MONDAY, time.min), 1250.5)
    assert (row["Jours depuis l'envoi"], row["Niveau"]) == (20, "4")
    assert (row["Objet"], row["N° de contrat"], row["Réclamant"]) == ("=1+1", "0012", "http://x.org")
    sheet = openpyxl.load_workbook(BytesIO(written(Format.XLSX, a_line(summary="=1+1")))).active
    assert sheet is not None
    assert "f" not in {cell.data_type for cells in sheet.iter_rows() for cell in cells}, "no cell is a formula"
    assert (sheet.freeze_panes, sheet.auto_filter.ref is not None) == ("B2", True)


def test_an_empty_register_is_a_heading_or_an_empty_list() -> None:
    assert len(written(Format.CSV).splitlines()) == 1
    assert list(workbook(written(Format.XLSX))) == []
    assert written(Format.JSON) == b"[]\n"


# JSON ------------------------------------------------------------------------------------------------------------


def test_json_is_a_list_of_the_same_model_whatever_the_language() -> None:
    lines = [a_line(), a_line(reference="REC-2", insurer=None)]
    content = written(Format.JSON, *lines, names=ENGLISH)
    assert [RegisterLine.model_validate(each) for each in json.loads(content)] == lines
    assert content == written(Format.JSON, *lines)
    assert json.loads(content)[0]["received_on"] == str(MONDAY)


# Anonymous -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", Format)
def test_anonymous_leaves_out_names_numbers_and_texts_about_a_person(form: Format) -> None:
    def text(*, anonymous: bool) -> str:
        content = written(form, a_line(), anonymous=anonymous)
        if form is Format.XLSX:
            return json.dumps(list(workbook(content)), default=str, ensure_ascii=False)
        return content.decode()

    assert [secret for secret in SECRETS if secret not in text(anonymous=False)] == []
    kept = text(anonymous=True)
    assert [secret for secret in SECRETS if secret in kept] == []
    assert all(said in kept for said in ("REC-2026-TEST", "c-101", "Barème périmé"))


def test_what_can_be_counted_is_the_same_without_names() -> None:
    whole, anonymous = (rows(written(Format.CSV, a_line(), anonymous=each))[0] for each in (False, True))
    left_out = set(whole) - set(anonymous)
    assert left_out == {
        "Réclamant", "Mandataire", "N° de contrat", "Objet", "Interlocuteurs", "Motifs", "Issue judiciaire",
    }  # fmt: skip
    assert anonymous == {name: cell for name, cell in whole.items() if name not in left_out}


def test_lines_are_written_as_they_come() -> None:
    """Of a register of any size no more than a line is held: each is written before the next is asked for."""
    out, line, seen = BytesIO(), a_line(), list[int]()

    def lines() -> Iterator[RegisterLine]:
        for _ in range(300):
            seen.append(out.tell())
            yield line

    assert write(lines(), Format.JSON, out, FRENCH, anonymous=False) == 300
    assert seen == sorted(set(seen))
    assert date.fromisoformat(json.loads(out.getvalue())[-1]["sent_on"]) == MONDAY
