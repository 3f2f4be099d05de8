"""`complaints keys`: the keys of systems on the HTTP API: made, listed, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from activities.access.api_keys import ApiKey, ApiKeys, BadKeyName, Scope
from activities.access.roles import Role
from activities.firm.load import load_firm
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.render.words import Words, shown
from worker.settings import Settings
from workflows.procedure.calendar import PARIS

_YEAR, _MOST_DAYS = 365, 3650
_keys = group()
commands = group()
commands.add_typer(_keys, name="keys", help="Make, list and revoke the keys of systems on the HTTP API.")


@_keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as crm-lyon; it stands in the journals.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="What a trusted system may do; may be repeated.")] = None,
    role: Annotated[Role | None, typer.Option(help="Or the role of a person, which it acts as.")] = None,
    insurer: Annotated[str | None, typer.Option(help="With the role partner: whose complaints it sees.")] = None,
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="How many days it is valid.")] = _YEAR,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Make a key and print it: this once only. Another key of the same name stays valid beside it."""
    words, now, settings = Words(lang), datetime.now(UTC), Settings()
    _require_one_kind(scope, role, insurer, words, settings)
    try:
        with connection.register(settings) as found:
            key, said = ApiKeys(found).create(
                name, scope or [], now, now + timedelta(days=days), role=role, insurer=insurer
            )
    except BadKeyName as error:
        french = "le nom d'une clé a des minuscules, des chiffres et des tirets, 63 au plus : crm-lyon par exemple"
        raise typer.BadParameter(words.choose(french, str(error)), param_hint="NAME") from None
    if as_json:
        put_json({**_view(key, now), "key": said})
        return
    typer.echo(said)
    typer.echo(words.choose("Gardez-la : elle n'est montrée qu'ici.", "Keep it: it is shown here only."), err=True)


@_keys.command("list")
def list_keys(
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """List the keys, without their secrets."""
    words, now = Words(lang), datetime.now(UTC)
    with connection.register(Settings()) as found:
        keys = ApiKeys(found).listed()
    if as_json:
        put_json([_view(key, now) for key in keys])
        return
    if not keys:
        typer.echo(words.choose("Aucune clé : l'API ne répond à personne.", "No key: the API answers nobody."))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in words.choose("clé|nom|droits|expire le|état", "key|name|scopes|expires on|state").split("|"):
        table.add_column(heading)
    for key in keys:
        ends = key.expires_at.astimezone(PARIS).date().isoformat() if key.expires_at else words.nobody
        cells = (key.id, key.name, _opens(key), ends, _state(key, now, words))
        table.add_row(*map(shown, cells))
    put(table)


@_keys.command()
def revoke(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `list` shows it.")],
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """End a key at once."""
    words = Words(lang)
    with connection.register(Settings()) as found:
        ended = ApiKeys(found).revoke(identity, datetime.now(UTC))
    if not ended:
        said = words.choose("{} : aucune clé valable ne porte cet identifiant.", "{}: no key in force has this id.")
        raise Refusal(said.format(identity))


def _require_one_kind(
    scope: list[Scope] | None, role: Role | None, insurer: str | None, words: Words, settings: Settings
) -> None:
    """Refuse a key with neither scopes nor a role, or with both; a partner's without an insurer of the firm's file."""
    if bool(scope) == (role is not None):
        raise typer.BadParameter(
            words.choose("--scope ou --role, l'un des deux", "either --scope or --role"), param_hint="--scope, --role"
        )
    if (role is Role.PARTNER) != (insurer is not None):
        raise typer.BadParameter(
            words.choose("va avec --role partner, et lui avec", "goes with --role partner, and that with it"),
            param_hint="--insurer",
        )
    if insurer and insurer not in {each.id for each in load_firm(settings.firm_file).insurers}:
        raise Refusal(
            words.choose("{} : inconnu du fichier de la firme.", "{}: not in the firm's file.").format(insurer)
        )


def _opens(key: ApiKey) -> str:
    if key.role is None:
        return ", ".join(sorted(key.scopes))
    return f"{key.role.value} ({key.insurer})" if key.insurer else key.role.value


def _state(key: ApiKey, now: datetime, words: Words) -> str:
    if key.revoked_at:
        return words.choose("révoquée", "revoked")
    return words.choose("valable", "valid") if key.valid(now) else words.choose("expirée", "expired")


def _view(key: ApiKey, now: datetime) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "role": key.role,
        "insurer": key.insurer,
        "created_at": key.created_at.isoformat(timespec="seconds"),
        "expires_at": key.expires_at.isoformat(timespec="seconds") if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat(timespec="seconds") if key.revoked_at else None,
        "valid": key.valid(now),
    }
