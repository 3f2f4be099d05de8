"""`complaints partners`: how each insurer is reached, its last calls, and a signed example for its integrator."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from activities.escalate.cloudevent import CONTENT_TYPE
from activities.escalate.keys import PartnerKeys
from activities.escalate.signature import HEADER, sign
from activities.firm.load import FirmFile
from activities.firm.partners import Insurer
from activities.register.partner_calls import Direction, PartnerCalls
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.render.partners import Partner, partner_view, render_partners
from starter.render.words import Words
from worker.hosting import partner_keys
from worker.settings import Settings

_partners = group()
commands = group()
commands.add_typer(_partners, name="partners", help="Show how each insurer is reached, and its last calls.")


@_partners.callback(invoke_without_command=True)
def partners(
    ctx: typer.Context,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Show how each insurer is reached: e-mail, webhook, ids of its keys; and the last calls either way."""
    if ctx.invoked_subcommand is not None:
        return
    settings = Settings()
    insurers, keys = FirmFile(settings.firm_file)().insurers, partner_keys(settings)
    if connection.has_register(settings):
        with connection.register(settings) as found:
            calls = PartnerCalls(found)
            listed = [_partner(insurer, keys, calls) for insurer in insurers]
    else:
        listed = [_partner(insurer, keys, None) for insurer in insurers]
    if as_json:
        put_json([partner_view(each) for each in listed])
    else:
        put(render_partners(listed, lang))


@_partners.command(name="sign")
def sign_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, readable=True, help="A CloudEvents message, as JSON."
        ),
    ],
    insurer_id: Annotated[str, typer.Option("--insurer", help="The insurer's id in the firm's file.")],
    url: Annotated[str, typer.Option(help="Where the HTTP door is reached.")] = "http://127.0.0.1:8080",
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Print the curl line that sends FILE to our door as this insurer would, signed and good for ten minutes."""
    settings, words = Settings(), Words(lang)
    insurer = FirmFile(settings.firm_file)().insurer(insurer_id)
    if insurer is None or insurer.webhook is None:
        said = words.choose(
            "{} : pas de compagnie de cet identifiant avec des clés dans le fichier du cabinet.",
            "{}: no insurer of this id with keys in the firm's file.",
        )
        raise Refusal(said.format(insurer_id))
    signing = next(iter(partner_keys(settings).of(insurer.webhook).items()), None)
    if signing is None:
        said = words.choose("aucun secret n'est donné pour les clés {}.", "no secret is given for the keys {}.")
        raise Refusal(said.format(", ".join(insurer.webhook.keys)))
    signature = sign(file.read_bytes(), *signing, datetime.now(UTC))
    typer.echo(
        shlex.join([
            "curl", "-sS", "-i", "-X", "POST", f"{url.rstrip('/')}/v1/partners/{insurer.id}/events",
            "-H", f"Content-Type: {CONTENT_TYPE}", "-H", f"{HEADER}: {signature}", "--data-binary", f"@{file}",
        ])
    )  # fmt: skip


def _partner(insurer: Insurer, keys: PartnerKeys, calls: PartnerCalls | None) -> Partner:
    out, came = (
        next(iter(calls.latest(insurer.id, way)), None) if calls else None for way in (Direction.OUT, Direction.IN)
    )
    found = keys.of(insurer.webhook) if insurer.webhook else {}
    without = [key_id for key_id in insurer.webhook.keys if key_id not in found] if insurer.webhook else []
    return Partner(insurer, tuple(without), out, came)
