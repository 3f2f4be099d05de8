"""The table of edge cases says what is true: every case has its decision, its source, and a test that exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TABLE = ROOT / "docs" / "edge-cases.md"
CASES = 44
LATER = {"4", "5", "6", "7", "8"}
"""The issues a case may wait for."""

_TEST = re.compile(r"`(?P<path>tests/[\w/]+\.py)::(?P<name>test_\w+)`")


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if re.match(r"\| *\d", line)]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


@cache
def defined_in(path: str) -> frozenset[str]:
    """List the tests that a file would give to the collection."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def test_every_case_has_one_row_in_order() -> None:
    assert [row[0] for row in rows()] == [str(number) for number in range(1, CASES + 1)]


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"case {row[0]}")
def test_a_row_says_the_case_the_decision_the_source_and_what_holds_it(row: list[str]) -> None:
    assert len(row) == 5
    assert all(row), "no cell is empty"
    named = list(_TEST.finditer(row[4]))
    waits_for = set(re.findall(r"issue (\d+)", row[4]))
    assert named or waits_for, "neither a test nor an issue"
    assert waits_for <= LATER
    assert row[4].count("::") == len(named), "a test is named as `path::test`"
    for test in named:
        path, name = test["path"], test["name"]
        assert (ROOT / path).is_file(), path
        assert Path(path).name.startswith("test_"), f"{path} is not collected"
        assert name in defined_in(path), f"{path} has no {name}"


def test_every_test_of_the_edge_cases_stands_in_the_table() -> None:
    path = "tests/unit/rules/test_edge_cases.py"
    listed = {test["name"] for row in rows() for test in _TEST.finditer(row[4]) if test["path"] == path}
    assert defined_in(path) == listed
