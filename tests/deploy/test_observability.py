"""Alert rules, dashboards and the runbook, read by Prometheus's own program and against each other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "observability"
RULES = [
    rule
    for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]  # fmt: skip
BOARDS = sorted(FOLDER.glob("*.dashboard.json"))
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no promtool on this machine: `apt-get install prometheus` brings it"
)


def promtool(*words: str) -> None:
    done = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_prometheus_reads_the_rules_and_its_configuration() -> None:
    promtool("check", "rules", "alerts.yaml")
    promtool("check", "config", "prometheus.yaml")


@needs_promtool
def test_each_alert_fires_when_it_should_and_is_silent_on_an_ordinary_day() -> None:
    promtool("test", "rules", "alerts.test.yaml")
    tested = (FOLDER / "alerts.test.yaml").read_text("utf-8")
    assert [rule["alert"] for rule in RULES if tested.count(f"alertname: {rule['alert']}") < 2] == []


def test_each_alert_has_its_paragraph_in_the_runbook() -> None:
    runbook = (FOLDER.parents[1] / "docs" / "runbook.md").read_text("utf-8")
    anchors = {heading.lower() for heading in re.findall(r"^#+ (\w+)$", runbook, re.MULTILINE)}
    for rule in RULES:
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert (page, anchor) == ("docs/runbook.md", rule["alert"].lower())
        assert anchor in anchors, rule["alert"]


@needs_promtool
@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.name)
def test_a_dashboards_questions_are_questions(board: Path, tmp_path: Path) -> None:
    panels: list[dict[str, Any]] = json.loads(board.read_text("utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len({panel["id"] for panel in panels}) == len(panels) == 9
    rules = [{"record": f"asked:{number}", "expr": question} for number, question in enumerate(asked)]
    file = tmp_path / "asked.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), encoding="utf-8")
    promtool("check", "rules", str(file))
