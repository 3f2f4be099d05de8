"""`complaints accounts`: the people who may sign in on the staff pages: added, listed, given a password, ended."""

import secrets
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from activities.access.accounts import SHORTEST_PASSWORD, Account, AccountRefused, Accounts
from activities.access.roles import Role
from activities.firm.load import load_firm
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put, put_json
from starter.render.words import Words, shown
from worker.settings import Settings
from workflows.procedure.vocabulary import Language

_accounts = group()
commands = group()
commands.add_typer(_accounts, name="accounts", help="The people who may sign in on the staff pages.")

_WHY = {
    "taken": (
        "cette adresse, ou cet interlocuteur, a déjà un compte",
        "this address, or this contact, has an account already",
    ),
    "no_role": ("il faut un rôle au moins", "at least one role is needed"),
    "insurer_needed": ("le rôle partner demande --insurer", "the role partner needs --insurer"),
    "insurer_unwanted": ("--insurer ne va qu'avec le rôle partner", "--insurer goes with the role partner only"),
    "password": (
        f"un mot de passe a de {SHORTEST_PASSWORD} à 200 caractères",
        f"a password has {SHORTEST_PASSWORD} to 200 characters",
    ),
}
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from the standard input.")]


@_accounts.command()
def add(
    login: Annotated[str, typer.Argument(help="The e-mail address the person signs in with.")],
    role: Annotated[list[Role], typer.Option(help="What they may do; may be repeated.")],
    name: Annotated[str | None, typer.Option(help="The person's name; a contact's stands in the firm's file.")] = None,
    contact: Annotated[str | None, typer.Option(help="The id of the firm's contact, such as c-002.")] = None,
    insurer: Annotated[str | None, typer.Option(help="The insurer whose complaints a partner sees.")] = None,
    speaks: Annotated[Language, typer.Option(help="The language of their pages.")] = Language.FR,
    password_stdin: FromInput = False,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Add an account. Without --password-stdin a password is made and printed, this once only."""
    words, settings = Words(lang), Settings()
    firm = load_firm(settings.firm_file)
    person = next((each for each in firm.people if each.id == contact), None)
    if contact and person is None:
        raise Refusal(
            words.choose("{} : inconnu du fichier de la firme.", "{}: not in the firm's file.").format(contact)
        )
    if insurer and insurer not in {each.id for each in firm.insurers}:
        raise Refusal(
            words.choose("{} : inconnu du fichier de la firme.", "{}: not in the firm's file.").format(insurer)
        )
    called = name or (person.name if person else None)
    if called is None:
        raise typer.BadParameter(words.choose("il manque", "it is missing"), param_hint="--name")
    password = _read_password() if password_stdin else secrets.token_urlsafe(15)
    with connection.register(settings) as found:
        try:
            account = Accounts(found).create(
                login, called, role, datetime.now(UTC),
                contact=contact, insurer=insurer, language=speaks, password=password,
            )  # fmt: skip
        except AccountRefused as refused:
            raise Refusal(words.choose(*_WHY[refused.why]) + ".") from None
    shown_password = None if password_stdin else password
    if as_json:
        put_json({**_view(account), "password": shown_password})
        return
    typer.echo(account.id)
    if shown_password:
        typer.echo(f"{words.choose('mot de passe', 'password')}: {shown_password}")
        typer.echo(words.choose("Il n'est montré qu'ici.", "It is shown here only."), err=True)


@_accounts.command("list")
def list_accounts(
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """List the accounts."""
    words = Words(lang)
    with connection.register(Settings()) as found:
        accounts = Accounts(found).listed()
    if as_json:
        put_json([_view(account) for account in accounts])
        return
    if not accounts:
        typer.echo(words.choose("Aucun compte.", "No account."))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in words.choose("compte|nom|adresse|rôles|état", "account|name|address|roles|state").split("|"):
        table.add_column(heading)
    for account in accounts:
        state = words.choose("fermé", "ended") if account.disabled_at else words.choose("ouvert", "open")
        cells = (account.id, account.name, account.login, ", ".join(sorted(account.roles)), state)
        table.add_row(*map(shown, cells))
    put(table)


@_accounts.command()
def password(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The account's id, as `list` shows it.")],
    password_stdin: FromInput = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Give an account another password, and sign its browsers out."""
    words = Words(lang)
    chosen = _read_password() if password_stdin else secrets.token_urlsafe(15)
    with connection.register(Settings()) as found:
        try:
            there = Accounts(found).set_password(identity, chosen)
        except AccountRefused as refused:
            raise Refusal(words.choose(*_WHY[refused.why]) + ".") from None
    if not there:
        raise Refusal(words.choose("{} : aucun compte de ce nom.", "{}: no such account.").format(identity))
    if not password_stdin:
        typer.echo(f"{words.choose('mot de passe', 'password')}: {chosen}")


@_accounts.command()
def end(
    identity: Annotated[str, typer.Argument(metavar="ID", help="The account's id, as `list` shows it.")],
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """End an account at once, and sign its browsers out."""
    words = Words(lang)
    with connection.register(Settings()) as found:
        ended = Accounts(found).disable(identity, datetime.now(UTC))
    if not ended:
        raise Refusal(
            words.choose("{} : aucun compte ouvert de ce nom.", "{}: no open account of this id.").format(identity)
        )


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _view(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "login": account.login,
        "name": account.name,
        "roles": sorted(account.roles),
        "insurer": account.insurer,
        "language": account.language.value,
        "created_at": account.created_at.isoformat(timespec="seconds"),
        "disabled_at": account.disabled_at.isoformat(timespec="seconds") if account.disabled_at else None,
    }
