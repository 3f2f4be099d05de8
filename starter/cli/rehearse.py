"""`complaints rehearse`: what another configuration would change, on the real engine, before it is put in force."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from activities.firm.load import load_firm
from activities.register.dossiers import Dossiers
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.cli.play import run_to_its_end
from starter.letters.check import unusable
from starter.play.register import RegisterRefused
from starter.rehearse.compare import compare, never_heard
from starter.rehearse.complaints import REGISTER, SAMPLED, last_received, of_csv, of_references, of_sample
from starter.rehearse.lived import Lived
from starter.rehearse.page import page
from starter.rehearse.plan import NotRehearsed, Plan
from starter.rehearse.report import Configuration, Rehearsal, rehearsal_json
from starter.rehearse.stage import DayEnded
from starter.rehearse.stage import rehearse as live_twice
from starter.render.rehearse import render_rehearsal
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.calendar import paris_date

_USUAL_NUMBER = 20
_OWNER_ONLY = 0o600

commands = group()


@commands.command()
def rehearse(
    firm: Annotated[
        Path | None,
        typer.Option(metavar="NEW.toml", help="The firm's file as it would be; default: the one in force."),
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False,
            help="The letters' templates as they would be; default: those in force.",
        ),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--from", metavar="register|sample|FILE.csv|REF", show_default=False,
            help="The complaints: those the register received last, the sample (the default), a register as CSV, or "
            "references of stored complaints (repeat the option).",
        ),
    ] = None,
    complaints: Annotated[
        int, typer.Option(min=1, metavar="N", help="At most so many, where they are not named.")
    ] = _USUAL_NUMBER,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", dir_okay=False, help="Also write the whole of it as a page.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:  # fmt: skip
    """Live complaints twice, as the firm's file and the letters are and as they would be: what would change.

    On an embedded server whose time is skipped: nothing reaches a customer or the register. Exit code 1 when a
    complaint could not be rehearsed.
    """
    words, settings = Words(lang), Settings()
    if firm is None and templates is None:
        said = words.choose("donnez --firm, --templates ou les deux", "give --firm, --templates or both")
        raise typer.BadParameter(said, param_hint="--firm")
    _require_writable(report, words)
    now = settings.model_copy(update={"templates": settings.templates.resolve()})
    then = now.model_copy(
        update={"firm_file": firm or now.firm_file, "templates": (templates or now.templates).resolve()}
    )
    before, after = (Configuration.of(side.firm_file, side.templates) for side in (now, then))
    _require_usable(then, words)
    today = paris_date(datetime.now(UTC))
    plans, refused, of = _chosen(source or [SAMPLED], complaints, settings, today, words)
    lived = _lived(now, then, plans, today, words)
    changes = compare(*lived)
    refused += [
        NotRehearsed(reference, why.removeprefix(f"{reference}: ")) for reference, why in changes.why_not.items()
    ]
    too_late = words.choose("il vient après la fin du dossier", "it comes after the complaint's end")
    refused += [
        NotRehearsed(f"{reference}, {event}", why or too_late)
        for (reference, event), why in never_heard(*lived).items()
    ]
    rehearsal = Rehearsal(today, before, after, of, changes, tuple(refused))
    if report:
        # It tells what was written to customers.
        with open(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w", encoding="utf-8") as file:
            file.write(page(rehearsal, words))
    if as_json:
        put_json(rehearsal_json(rehearsal, words))
    else:
        put(render_rehearsal(rehearsal, words))
    if not rehearsal.whole:
        raise typer.Exit(1)


def _require_writable(report: Path | None, words: Words) -> None:
    # Said before the rehearsal, which may take minutes.
    if report and not os.access(report if report.exists() else report.absolute().parent, os.W_OK):
        said = words.choose("ce fichier ne peut pas être écrit", "this file cannot be written")
        raise typer.BadParameter(said, param_hint="--report")


def _require_usable(side: Settings, words: Words) -> None:
    why = unusable(load_firm(side.firm_file), side.templates, words.language)
    if why:
        said = words.choose(
            "Les modèles de lettres ne conviennent pas : {}.", "The letters' templates will not do: {}."
        )
        raise Refusal(said.format(why))


def _chosen(
    said: list[str], most: int, settings: Settings, today: date, words: Words
) -> tuple[list[Plan], list[NotRehearsed], str]:
    """Find the complaints that were asked for, what of it cannot be rehearsed, and how to call them."""
    match said:
        case [source] if source == SAMPLED:
            found = list(of_sample(most, today, words))
            of = words.choose("{} lignes de l'échantillon", "{} rows of the sample")
        case [path] if path.casefold().endswith(".csv"):
            try:
                found = list(of_csv(Path(path), most, today, words))
            except RegisterRefused as error:
                raise Refusal(str(error)) from None
            of = words.choose("{} lignes de ", "{} rows of ") + Path(path).name.replace("{", "{{").replace("}", "}}")
        case _:
            with connection.register(settings) as register:
                dossiers = Dossiers(register)
                references = last_received(dossiers, most) if said == [REGISTER] else said
                found = list(of_references(dossiers, references, today, words))
            of = words.choose("{} réclamation(s) du registre du cabinet", "{} complaint(s) of the firm's register")
    plans = [each for each in found if isinstance(each, Plan)]
    refused = [each for each in found if isinstance(each, NotRehearsed)]
    if not plans:
        why = "; ".join(f"{each.what}: {each.why}" for each in refused)
        nothing = words.choose("Il n'y a aucune réclamation à répéter", "There is no complaint to rehearse")
        raise Refusal(f"{nothing} ({why})." if why else f"{nothing}.")
    return plans, refused, of.format(len(plans))


def _lived(now: Settings, then: Settings, plans: list[Plan], today: date, words: Words) -> tuple[Lived, Lived]:
    # On stderr: what stdout says is the result alone.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(words.choose("Vies", "Lives"), total=2 * len(plans))
        try:
            return run_to_its_end(
                live_twice(now, then, plans, today, lambda done, total: bar.update(task, completed=done, total=total))
            )
        except DayEnded:
            said = words.choose("Minuit est passé entre-temps : recommencez.", "Midnight has passed meanwhile: repeat.")
            raise Refusal(said) from None
