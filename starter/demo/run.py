"""Runs the demonstration: five stories, the register, and where to go from here."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from temporalio.testing import WorkflowEnvironment

from activities.firm.load import FirmFile, load_firm
from activities.notify.outbox import Outbox
from activities.pin import ProcedurePinner
from starter.demo.driver import Dossier, Life
from starter.demo.narrator import Narrator
from starter.demo.stories import STORIES, Story
from starter.play import SAMPLE
from starter.play.player import play
from starter.play.register import read_register
from starter.play.report import Report, render
from worker.embedded import temporal_binary, time_skipping
from worker.hosting import build_worker
from worker.settings import Settings
from workflows.procedure.calendar import PARIS, Calendar, paris_date
from workflows.procedure.vocabulary import Language

_STDOUT = 1
_FOLDER = "demo"
_QUEUE = "demo"
_LIVES_LAST = timedelta(days=3 * 365)
_WORTH_OPENING = (("DEMO-1", "resolution"), ("DEMO-2A", "exhausted"), ("DEMO-4", "two_months"))
"""An offer with its terms, the way to the mediator, and what is written when there is no answer."""


async def demo(rows: int, language: Language, console: Console) -> int:
    """Tell the stories, play `rows` rows of the real register, say what to do next; gives the exit code.

    Raises:
        FirmFileError: the firm's file is broken; the message names the place.
        ServerNotStarted: there is no embedded server to start.
        OSError: there is no folder for the letters.

    """
    settings = empty_folder()
    firm = load_firm(settings.firm_file)
    narrator = Narrator(console, language, firm)
    _welcome(narrator, firm.name)
    async with quiet_server() as environment:
        lives = await _tell_stories(environment, settings, narrator)
        report = await _play_register(environment, settings, narrator, rows) if rows else None
    if report:
        console.print()
        console.print(render(report, language))
    _farewell(narrator, settings, lives)
    return 1 if report and report.played == 0 else 0


def empty_folder() -> Settings:
    """Make the demonstration's folder anew, and give settings whose letters go there. Raises OSError."""
    usual = Settings()
    settings = usual.rehearsal(usual.data_dir / _FOLDER)
    # Its own folder only: the letters and the register of `complaints up` lie beside it.
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    settings.outbox.mkdir(parents=True, exist_ok=True)
    return settings


@asynccontextmanager
async def quiet_server() -> AsyncIterator[WorkflowEnvironment]:
    """Run the server that skips time, without the banner it would write on our standard output.

    Raises:
        ServerNotStarted: there is no embedded server to start.

    """
    temporal_binary()
    server = time_skipping()
    sys.stdout.flush()
    ours, nowhere = os.dup(_STDOUT), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, _STDOUT)
        environment = await server.__aenter__()
    finally:
        os.dup2(ours, _STDOUT)
        os.close(ours)
        os.close(nowhere)
    try:
        yield environment
    finally:
        await server.__aexit__(None, None, None)


def _welcome(narrator: Narrator, firm: str) -> None:
    narrator.say(
        narrator.words.choose(
            f"Cinq réclamations reçues à l'instant par {firm}, une par niveau de la procédure publiée. Un vrai serveur "
            "Temporal tourne en mémoire et saute le temps : les mois passent en secondes. Tout ce qui suit est lu dans "
            "les dossiers eux-mêmes. J+12 : douze jours après la réception.",
            f"Five complaints received this minute by {firm}, one for each level of the published procedure. A real "
            "Temporal server runs in memory and skips time: months pass in seconds. All that follows is read from the "
            "dossiers themselves. D+12: twelve days after the receipt.",
        )
    )


async def _tell_stories(environment: WorkflowEnvironment, settings: Settings, narrator: Narrator) -> dict[str, Dossier]:
    calendar = _calendar(settings)
    lives: dict[str, Dossier] = {}
    async with build_worker(environment.client, settings, _QUEUE):
        for story in STORIES:
            lives[story.reference] = await _tell(story, environment, calendar, narrator)
    return lives


async def _tell(story: Story, environment: WorkflowEnvironment, calendar: Calendar, narrator: Narrator) -> Dossier:
    narrator.title(f"{narrator.words.choose(story.french, story.english)}  ·  {story.reference}")
    life = Life(environment, _QUEUE, calendar, narrator, story.reference)
    await story.live(life)
    return life.dossier


def _calendar(settings: Settings) -> Calendar:
    today = paris_date(datetime.now(UTC))
    return ProcedurePinner(FirmFile(settings.firm_file)).pin(today, today + _LIVES_LAST).calendar


async def _play_register(environment: WorkflowEnvironment, settings: Settings, narrator: Narrator, rows: int) -> Report:
    choose = narrator.words.choose
    listed = list(read_register(SAMPLE, rows))
    narrator.title(
        choose(
            f"Et {len(listed)} vraies réclamations d'un registre public, jouées ensemble jusqu'à leur fin",
            f"And {len(listed)} real complaints of a public register, played together to their end",
        )
    )
    narrator.say(
        choose(
            "Registre : Texas Department of Insurance (données ouvertes, aucun nom). Chaque ligne est reçue "
            "aujourd'hui, répondue après autant de jours que dans le registre, sous la procédure du cabinet.",
            "Register: Texas Department of Insurance (open data, no names). Each row is received today and answered "
            "after as many days as in the register, under the firm's procedure.",
        ),
        "dim",
    )
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=narrator.console,
    ) as bar:  # fmt: skip
        task = bar.add_task(choose("Réclamations", "Complaints"), total=len(listed))
        return await play(
            environment, settings, listed, on_progress=lambda done, total: bar.update(task, completed=done, total=total)
        )


def _farewell(narrator: Narrator, settings: Settings, lives: dict[str, Dossier]) -> None:
    choose = narrator.words.choose
    narrator.title(choose("Et maintenant ?", "What now?"))
    # One place to a line, unwrapped: they are to be copied.
    lines = [
        choose("Les courriers de ces cinq dossiers, à ouvrir dans un navigateur :", "The letters, for a browser:"),
        f"  {settings.outbox}/",
        *(f"    {path}" for path in _worth_opening(settings, lives)),
        "",
        choose(
            "Faire tourner le tout, avec l'interface de Temporal et des données qui restent :",
            "Keep it running, with Temporal's user interface and data that stay:",
        ),
        "  make up",
        "",
        choose(
            "Puis ouvrir une réclamation avec la seule commande temporal, et la regarder :",
            "Then start a complaint with the temporal command line alone, and look at it:",
        ),
        *(f"  {line}" for line in _to_try(settings)),
    ]
    for line in lines:
        narrator.console.print(line, soft_wrap=True, markup=False, highlight=False, emoji=False)


def _worth_opening(settings: Settings, lives: dict[str, Dossier]) -> list[Path]:
    outbox, found = Outbox(settings.outbox, durable=False), []
    for reference, kind in _WORTH_OPENING:
        made = [letter["id"] for letter in lives[reference]["letters"] if kind in letter["sections"]]
        found += [proof.file for proof in outbox.proofs(reference) if proof.key in made[-1:]]
    return [Path(file).with_suffix(".html") for file in found]


def _to_try(settings: Settings) -> list[str]:
    now = datetime.now(UTC).astimezone(PARIS)
    reference = f"REC-{now.year}-{now:%d%H%M}"
    complaint: dict[str, Any] = {
        "received_at": now.isoformat(timespec="seconds"),
        "channel": "email",
        "received_by": "broker",
        "insurer": "assureur-exemple",
        "summary": "Indemnité vol refusée",
        "complainant": {"name": "Anne Martin", "email": "anne.martin@example.org"},
    }
    start = [
        "temporal" if shutil.which("temporal") else shlex.quote(temporal_binary()), "workflow", "start",
        "--type", "Complaint", "--task-queue", shlex.quote(settings.task_queue), "--workflow-id", reference,
        "--input", shlex.quote(json.dumps(complaint, ensure_ascii=False)),
    ]  # fmt: skip
    query = [start[0], "workflow", "query", "--workflow-id", reference, "--type", "dossier"]
    return [" ".join(start), " ".join(query)]
