"""`complaints contacts`: who can be put in charge, what they have to see to, who is away and who stands in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError

from activities.firm.load import FirmFile
from activities.register.assignments import Assignments
from activities.register.database import RegisterNotReady
from starter.cli import connection
from starter.cli.common import AsJson, Lang, default_language, group, put, put_json, read_day
from starter.cli.failures import sentence
from starter.render.contacts import contacts_view, render_contacts
from worker.settings import Settings
from workflows.procedure.calendar import paris_date
from workflows.procedure.vocabulary import Language

commands = group()


@commands.command()
def contacts(
    on: Annotated[str | None, typer.Option(metavar="D", help="The day to look at; default: today in Paris.")] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show the firm's people: what they can do, their open complaints, absences, deputies; needs no Temporal."""
    settings = Settings()
    day = read_day(on, "--on", lang) if on else paris_date(datetime.now(UTC))
    firm = FirmFile(settings.firm_file)()
    shown = contacts_view(firm, day, _load(settings, lang))
    if as_json:
        put_json(shown)
    else:
        put(render_contacts(shown, day, lang))


def _load(settings: Settings, language: Language) -> Mapping[str, int] | None:
    """Count each person's open complaints; None when the register cannot say: who is away must be seen all the same."""
    if not connection.has_register(settings):
        return None
    try:
        with connection.register(settings) as found:
            return Assignments(found).load()
    except (RegisterNotReady, OperationalError) as error:
        typer.echo(sentence(error, language), err=True)
        return None
