"""A register as people send it: dirty rows are refused with their number and a reason, and stop nothing."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from starter.play import SAMPLE
from starter.play.register import COLUMNS, BadRow, RegisterRefused, Row, read_register
from workflows.procedure.intake import Complaint, slug
from workflows.procedure.vocabulary import Decision

GOOD = {
    "Complaint number": "159614",
    "Complaint filed against": "State Farm Lloyds",
    "Complaint filed by": "Insured",
    "Reason complaint filed": "Denial Of Claim; Unsatisfactory Settle/Offer",
    "Confirmed complaint": "No",
    "How resolved": "Question of Fact",
    "Received date": "1/2/2017",
    "Closed date": "3/6/2017",
    "Coverage type": "Homeowners",
    "Coverage level": "Individual Private Pass",
    "Complainant type": "INDV",
    "Keywords": "HAIL",
}


def line(cells: Sequence[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def row(**changes: str) -> str:
    """One line of the register; `How_resolved=""` changes the column `How resolved`."""
    changed = {name.replace("_", " "): value for name, value in changes.items()}
    assert set(changed) <= set(COLUMNS)
    return line([{**GOOD, **changed}[column] for column in COLUMNS])


Register = Callable[..., Path]
"""Writes these lines into a file, under a header, in an encoding, with line ends."""


@pytest.fixture
def register(tmp_path: Path) -> Register:
    def write(*lines: str, header: str = line(COLUMNS), encoding: str = "utf-8", end: str = "\r\n") -> Path:
        path = tmp_path / "register.csv"
        path.write_bytes((end.join([header, *lines]) + end).encode(encoding))
        return path

    return write


def only(path: Path) -> Row | BadRow:
    (found,) = read_register(path)
    return found


def played(path: Path) -> Row:
    found = only(path)
    assert isinstance(found, Row), found
    return found


# Clean rows ------------------------------------------------------------------------------------------------------


def test_a_row_becomes_a_complaint_of_the_contract(register: Register) -> None:
    found = played(register(row()))
    assert (found.number, found.reference, found.days) == (1, "159614", 63)
    assert found.complaint == {
        "channel": "email",
        "received_by": "broker",
        "source": "customer",
        "complainant": {
            "name": "Complainant 159614",
            "kind": "insured",
            "email": "complainant-159614@example.org",
            "consumer": True,
        },
        "insurer": "state-farm-lloyds",
        "product": "homeowners/individual-private-pass",
        "summary": "Denial Of Claim; Unsatisfactory Settle/Offer",
    }
    Complaint.model_validate({**found.complaint, "received_at": "2026-11-20T00:00:00+01:00"})


@pytest.mark.parametrize(
    ("filed_by", "source", "kind"),
    [
        ("Attorney", "lawyer", "other"),
        ("Insured", "customer", "insured"),
        ("Third Party", "customer", "third_party"),
        ("Beneficiary", "customer", "beneficiary"),
        ("Consumer (Non-Insured)", "customer", "prospect"),
        ("Insurance Company", "customer", "other"),
        ("Somebody new", "customer", "other"),
        ("", "customer", "other"),
    ],
)
def test_who_filed_it_gives_the_source_and_the_quality(
    register: Register, filed_by: str, source: str, kind: str
) -> None:
    found = played(register(row(Complaint_filed_by=filed_by)))
    assert (found.complaint["source"], found.complaint["complainant"]["kind"]) == (source, kind)


def test_an_organisation_is_no_consumer(register: Register) -> None:
    assert played(register(row(Complainant_type="ORG"))).complaint["complainant"]["consumer"] is False


@pytest.mark.parametrize(
    ("confirmed", "resolved", "decision"),
    [
        ("Yes", "Company Position Upheld", Decision.UPHELD),
        ("No", "Question of Fact; Additional Monies Received", Decision.PARTLY_UPHELD),
        ("No", "Claim Settled", Decision.PARTLY_UPHELD),
        ("No", "Company Position Upheld; Information Furnished", Decision.REJECTED),
        ("No", "", Decision.REJECTED),
        ("", "", Decision.REJECTED),
    ],
)
def test_what_followed_gives_the_decision(
    register: Register, confirmed: str, resolved: str, decision: Decision
) -> None:
    found = played(register(row(Confirmed_complaint=confirmed, How_resolved=resolved)))
    assert found.decision is decision
    assert found.reasons == (resolved or "The register states no outcome.")


def test_empty_cells_that_nothing_needs_refuse_nothing(register: Register) -> None:
    empty = {"How_resolved": "", "Keywords": "", "Coverage_type": "", "Coverage_level": "", "Complainant_type": ""}
    found = played(register(row(**empty, Complaint_filed_against="")))
    assert found.complaint["product"] is None
    assert found.complaint["insurer"] is None


def test_a_respondent_is_an_insurer_id_however_long_its_name(register: Register) -> None:
    name = "A Very Long Name Of A Company " * 2 + "Inc Mutual Insurance"
    insurer = played(register(row(Complaint_filed_against=name))).complaint["insurer"]
    assert slug(insurer) == insurer


def test_answered_on_the_day_of_receipt(register: Register) -> None:
    assert played(register(row(Closed_date=GOOD["Received date"]))).days == 0


def test_days_are_civil_days(register: Register) -> None:
    assert played(register(row(Received_date="2/28/2020", Closed_date="03/01/2020"))).days == 2


def test_a_number_that_comes_again_gets_a_reference_of_its_own(register: Register) -> None:
    found = list(
        read_register(register(row(), row(Complaint_number="7"), row(), row(Complaint_number="159614-2"), row()))
    )
    rows = [each for each in found if isinstance(each, Row)]
    assert [each.reference for each in rows] == ["159614", "7", "159614-2", "159614-2-2", "159614-3"]
    assert rows[2].complaint["complainant"]["name"] == "Complainant 159614"
    assert rows[2].complaint["complainant"]["email"] == "complainant-159614-2@example.org"


def test_a_refused_row_changes_no_other_reference(register: Register) -> None:
    first, second = read_register(register(row(Reason_complaint_filed=""), row()))
    assert isinstance(first, BadRow)
    assert isinstance(second, Row)
    assert second.reference == "159614-2"


# Dirty rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dirty", "reason"),
    [
        (row(Received_date="2/30/2017"), "Received date: no date"),
        (row(Received_date="2017-01-02"), "Received date: no date"),
        (row(Received_date=""), "Received date: no date"),
        (row(Closed_date="13/1/2017"), "Closed date: no date"),
        (row(Closed_date="soon"), "Closed date: no date"),
        (row(Closed_date="1/2/17"), "Closed date: no date"),
        (row(Closed_date="1/1/2017"), "Closed date: it lies before Received date"),
        (row(Reason_complaint_filed=""), "Reason complaint filed: empty"),
        (row(Reason_complaint_filed="   "), "Reason complaint filed: empty"),
        (row(Complaint_number=""), "Complaint number: expected"),
        (row(Complaint_number="../../etc"), "Complaint number: expected"),
        (row() + ",surplus", "12 columns expected, 13 found"),
        (row().rpartition(",")[0], "12 columns expected, 11 found"),
        ("a single cell", "12 columns expected, 1 found"),
        (",,,,,,,,,,,", "Complaint number: expected"),
        ('"quoted" badly' + row(), "it cannot be read as CSV"),
    ],
)
def test_a_dirty_row_is_refused_with_its_number_and_stops_nothing(register: Register, dirty: str, reason: str) -> None:
    before, refused, after = read_register(register(row(), dirty, row(Complaint_number="2")))
    assert isinstance(before, Row)
    assert isinstance(refused, BadRow)
    assert refused.number == 2
    assert refused.reason.startswith(reason)
    assert isinstance(after, Row)
    assert (after.number, after.reference) == (3, "2")


def test_all_dirty_rows_of_a_file_are_refused_each_for_its_own_reason(register: Register) -> None:
    path = register(
        row(Received_date="yesterday"), row(Closed_date="1/1/2017"), row(), row(Reason_complaint_filed=""), "x,y"
    )
    refused = {each.number: each.reason for each in read_register(path) if isinstance(each, BadRow)}
    assert sorted(refused) == [1, 2, 4, 5]
    assert len(set(refused.values())) == 4


def test_a_reason_repeats_no_cell(register: Register) -> None:
    found = only(register(row(Received_date="Mme Durand", Complaint_number="1")))
    assert isinstance(found, BadRow)
    assert "Durand" not in found.reason


def test_a_quotation_mark_that_is_never_closed_is_said(register: Register) -> None:
    good, refused = read_register(register(row(), '"159615,State Farm', row()))
    assert isinstance(good, Row)
    assert isinstance(refused, BadRow)
    assert "CSV" in refused.reason


# The file --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_byte_order_mark_encoding_and_line_ends_do_not_matter(register: Register, encoding: str, end: str) -> None:
    path = register(row(Reason_complaint_filed="Indemnité refusée"), encoding=encoding, end=end)
    assert played(path).complaint["summary"] == "Indemnité refusée"


def test_blank_lines_are_no_rows_and_a_cell_may_hold_several_lines(register: Register) -> None:
    path = register("", row(Keywords="HAIL\r\nFLOOD"), "", row(Complaint_number="2"), "")
    assert [each.number for each in read_register(path)] == [1, 2]


def test_columns_may_stand_in_another_order_among_others(register: Register) -> None:
    columns = ["Region", *reversed(COLUMNS)]
    path = register(line([{**GOOD, "Region": "7"}[column] for column in columns]), header=line(columns))
    assert played(path).reference == "159614"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("", "Complaint number"),
        (line(COLUMNS[:-1]), "missing or repeated: Keywords"),
        (line([*COLUMNS, "Closed date"]), "missing or repeated: Closed date"),
        (row(), "Complaint number"),
        (";".join(COLUMNS), "separated by commas"),
    ],
)
def test_another_header_refuses_the_whole_file_at_once(register: Register, header: str, said: str) -> None:
    path = register(row(), header=header)
    with pytest.raises(RegisterRefused, match=said):
        read_register(path)


def test_an_empty_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(RegisterRefused, match="the first line must name"):
        read_register(tmp_path / "empty.csv")
    with pytest.raises(RegisterRefused, match="cannot be read"):
        read_register(tmp_path / "none.csv")


def test_a_header_alone_is_a_register_without_rows(register: Register) -> None:
    assert list(read_register(register())) == []


def test_rows_limits_what_is_read_refused_rows_included(register: Register) -> None:
    path = register(row(Received_date="never"), row(), row())
    assert [type(each) for each in read_register(path, 2)] == [BadRow, Row]


def test_the_sample_is_clean_and_has_lawyers() -> None:
    found = list(read_register(SAMPLE))
    assert len(found) == 200
    assert all(isinstance(each, Row) for each in found)
    assert sum(each.complaint["source"] == "lawyer" for each in found if isinstance(each, Row)) >= 15
