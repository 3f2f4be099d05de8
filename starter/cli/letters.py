"""`complaints letters`: look at a letter before it leaves, and try all of them after a template was edited."""

import asyncio
import sys
import webbrowser
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from activities.firm.load import load_firm
from activities.firm.schema import Firm
from activities.notify.letters import ComposedLetter, compose
from activities.notify.names import folder_name
from activities.notify.pdf import pictured
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.letters.check import check, why_not_written
from starter.letters.owed import order_now
from starter.letters.samples import Sample, sample
from starter.render.letters import render_check
from starter.render.words import Words
from worker.settings import Settings
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Channel, Language, LetterKind


class Format(StrEnum):
    """The forms a letter can be looked at in."""

    HTML = "html"
    PDF = "pdf"
    TXT = "txt"
    PNG = "png"


letters = group()
commands = group()
commands.add_typer(letters, name="letters", help="Look at the letters, and check them after an edit.")

Templates = Annotated[
    Path | None,
    typer.Option(
        file_okay=False, exists=True, metavar="DIR",
        help="An edited copy of the letters' templates; default: those in force.",
    ),
]  # fmt: skip


@letters.command()
def preview(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Which letter, such as holding.")],
    reference: Annotated[
        str | None, typer.Option("--from", metavar="REF", help="From this complaint, as it stands; else a sample.")
    ] = None,
    post: Annotated[bool, typer.Option("--post", help="As it leaves by post.")] = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="Default: html, or pdf with --post.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, metavar="FILE", help="Default: a file under ./var/preview.")
    ] = None,
    templates: Templates = None,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Write one letter to a file, print where, and open it when a person is looking.

    A letter from a complaint is in its reader's language, unless --lang asks for another.
    """
    settings, wanted = Settings(), _kind(kind, lang)
    firm = load_firm(settings.firm_file)
    if reference:
        source = ctx.get_parameter_source("lang")
        asked = source is not None and source.name == "COMMANDLINE"
        chosen = _of_a_complaint(reference, wanted, lang if asked else None, settings, by_post=post)
    else:
        chosen = sample(wanted, lang, Channel.POST if post else Channel.EMAIL, firm)
    letter = _written(chosen, firm, templates or settings.templates, lang)
    form = form or (Format.PDF if post else Format.HTML)
    whose = folder_name(reference) if reference else "sample"
    name = f"{whose}_{chosen.order.kind}_{letter.sheet.language}{'_post' if post else ''}.{form}"
    files = _laid(letter, form, out or settings.data_dir / "preview" / name)
    for file in files:
        typer.echo(file)
    if sys.stdout.isatty():
        webbrowser.open(files[0].resolve().as_uri())


@letters.command("check")
def check_letters(
    kinds: Annotated[
        list[str] | None, typer.Argument(metavar="[KIND]...", help="Only these letters; default: all of them.")
    ] = None,
    templates: Templates = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Try every letter, in both languages, by e-mail and by post, with ordinary and with hostile words.

    All of them take about half a minute. Exit code 1 when any of them is not fit to leave.
    """
    settings = Settings()
    templates = templates or settings.templates
    if not (templates / "fr" / "parts.j2").is_file():
        said = Words(lang).choose(
            "{} n'est pas une copie des modèles de lettres : fr/parts.j2 y manque.",
            "{} is no copy of the letters' templates: it has no fr/parts.j2.",
        )
        raise typer.BadParameter(said.format(templates), param_hint="--templates")
    wanted = [_kind(kind, lang) for kind in kinds or LetterKind]
    found = list(check(load_firm(settings.firm_file), templates.resolve(), lang, wanted))
    faulty = [each for each in found if each.faults]
    if as_json:
        put_json(
            {
                "tried": len(found),
                "faults": [
                    {
                        "kind": each.trial.kind,
                        "language": each.trial.language,
                        "way": each.trial.way,
                        "case": each.trial.case,
                        "what": each.faults,
                    }
                    for each in faulty
                ],
            }
        )
    else:
        put(render_check(found, lang))
    if faulty:
        raise typer.Exit(1)


def _kind(said: str, language: Language) -> LetterKind:
    try:
        return LetterKind(said)
    except ValueError:
        known = Words(language).choose("lettre inconnue ; connues : {}", "unknown letter; known are: {}")
        raise typer.BadParameter(known.format(", ".join(LetterKind)), param_hint="KIND") from None


def _of_a_complaint(
    reference: str, kind: LetterKind, language: Language | None, settings: Settings, *, by_post: bool
) -> Sample:
    async def asked() -> Sample:
        carried = await (await connection.complaints(settings)).carried(reference)
        now = datetime.now(UTC)
        return Sample(order_now(carried, kind, now), paris_date(now))

    found = asyncio.run(asked())
    order = found.order
    if language:
        order = order.model_copy(update={"recipient": order.recipient.model_copy(update={"language": language})})
    return Sample(order.model_copy(update={"channel": Channel.POST}) if by_post else order, found.on)


def _written(chosen: Sample, firm: Firm, templates: Path, language: Language) -> ComposedLetter:
    try:
        return compose(chosen.order, firm, chosen.on, templates.resolve())
    except Exception as error:  # whatever an edited template can bring about
        why = why_not_written(error, language)
        if why is None:
            raise
        said = Words(language).choose("La lettre ne peut pas être composée : {}.", "The letter cannot be written: {}.")
        raise Refusal(said.format(why)) from None


def _laid(letter: ComposedLetter, form: Format, file: Path) -> list[Path]:
    match form:
        case Format.HTML:
            contents = [letter.html.encode()]
        case Format.TXT:
            contents = [letter.text.encode()]
        case Format.PDF:
            contents = [letter.pdf]
        case Format.PNG:
            contents = pictured(letter.sheet)
    file.parent.mkdir(parents=True, exist_ok=True)
    files = [file] if len(contents) == 1 else [file.with_stem(f"{file.stem}-{n + 1}") for n in range(len(contents))]
    for path, content in zip(files, contents, strict=True):
        path.write_bytes(content)
    return files
