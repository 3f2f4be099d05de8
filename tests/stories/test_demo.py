"""`complaints demo` and `complaints play` as a newcomer runs them: the real commands, in a folder of their own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from starter.play import SAMPLE

COMPLAINTS = Path(sys.executable).with_name("complaints")


def run(folder: Path, *words: str, lang: str = "fr") -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("COMPLAINTS_", "TEMPORAL_"))}
    return subprocess.run(
        [COMPLAINTS, *words],
        cwd=folder,
        env={**ours, "COMPLAINTS_LANG": lang, "COLUMNS": "400"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_demonstration_tells_every_level_and_ends_by_itself(tmp_path: Path) -> None:
    left_before = tmp_path / "var" / "demo" / "outbox" / "OLD" / "letter.html"
    left_before.parent.mkdir(parents=True)
    left_before.touch()
    kept = tmp_path / "var" / "outbox" / "REC-2026-1" / "letter.html"
    kept.parent.mkdir(parents=True)
    kept.touch()

    done = run(tmp_path, "demo", "--rows", "6")

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    told = done.stdout
    assert set(re.findall(r"→ Niveau (\w+) :", told)) == {"1", "2a", "2b", "3", "4"}
    for letter in ("invitation à écrire", "accusé de réception", "lettre d'attente", "point de situation",
                   "lettre des deux mois", "lettre de résolution", "voies internes épuisées"):  # fmt: skip
        assert re.search(rf"✉ .*: .*{letter}", told), letter
    assert "la date par défaut du cabinet" in told
    assert "la date donnée par son interlocuteur" in told
    assert "Échéance manquée : réponse écrite" in told
    assert "responsable reçoit une relance" in told
    assert "Court de nouveau, avec sa première date" in told
    assert "avec une offre de 1 250,00 €" in told.replace("\u202f", " ").replace("\xa0", " ")
    assert told.count("Dossier clos") == 5
    assert re.search(r"Réclamations jouées +│ +6 ", told)
    assert "make up" in told
    assert "temporal workflow start --type Complaint" in told

    outbox = tmp_path / "var" / "demo" / "outbox"
    named = re.findall(r"^ {4}(DEMO-\S+\.html)$", told, re.MULTILINE)
    assert len(named) == 3
    assert all((outbox / path).is_file() for path in named)
    assert sorted(path.name for path in outbox.iterdir()) == ["DEMO-1", "DEMO-2A", "DEMO-2B", "DEMO-3", "DEMO-4"]
    assert "Dear Sir or Madam" in next((outbox / "DEMO-3").glob("*holding_1.html")).read_text(encoding="utf-8")
    assert list((outbox / "DEMO-2A" / "post").glob("*exhausted_1.html"))
    assert kept.is_file()


def test_a_register_is_played_and_reported(tmp_path: Path) -> None:
    done = run(tmp_path, "play", str(SAMPLE), "--rows", "3", "--report", "report.json", "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report == json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["rows"], report["played"], report["refused"]) == (3, 3, [])
    assert report["letters"]["resolution"] == 3


def test_what_is_no_register_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "shopping.csv").write_text("bread,milk\n1,2\n", encoding="utf-8")

    refused, missing = run(tmp_path, "play", "shopping.csv", lang="en"), run(tmp_path, "play", "nowhere.csv", lang="en")
    unwritable = run(tmp_path, "play", str(SAMPLE), "--report", "no/such/folder/report.json", lang="en")

    assert (refused.returncode, missing.returncode, unwritable.returncode) == (1, 2, 2)
    assert "the first line must name each of the columns" in refused.stderr
    assert "Traceback" not in refused.stderr + missing.stderr + unwritable.stderr
