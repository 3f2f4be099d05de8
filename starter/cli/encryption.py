"""`complaints encryption`: the keys in use, one that none needs any more, and who had payloads decoded."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from activities.register.decodings import Decodings
from activities.register.encryption_keys import EncryptionKeys
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put_json
from starter.register.keys_needed import histories_needing
from starter.render.words import Words
from worker.conversion import key_ring
from worker.settings import Settings
from workflows.procedure.calendar import PARIS

_encryption = group()
commands = group()
commands.add_typer(_encryption, name="encryption", help="The keys that encrypt what Temporal keeps, and who decodes.")


@_encryption.command()
def status(
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """List the keys that complaints were encrypted with, and whether this machine has each."""
    settings, words = Settings(), Words(lang)
    ring = key_ring(settings)
    with connection.register(settings) as register:
        keys = EncryptionKeys(register).known()
    listed = [
        {
            "id": key.id,
            "first_used_at": key.first_used_at.astimezone(PARIS).isoformat(timespec="seconds"),
            "retired_at": key.retired_at.astimezone(PARIS).isoformat(timespec="seconds") if key.retired_at else None,
            "encrypts": ring is not None and ring.current[0] == key.id,
            "here": ring is not None and ring.fingerprint(key.id) == key.fingerprint,
        }
        for key in keys
    ]
    if as_json:
        put_json(listed)
        return
    for key in listed:
        states = [
            words.choose("chiffre", "encrypts") if key["encrypts"] else "",
            words.choose("retirée", "retired") if key["retired_at"] else "",
            "" if key["here"] or key["retired_at"] else words.choose("ABSENTE ICI", "MISSING HERE"),
        ]
        typer.echo("  ".join([str(key["id"]), str(key["first_used_at"]), *filter(None, states)]))
    if not listed:
        typer.echo(words.choose("Rien n'est chiffré.", "Nothing is encrypted."))


@_encryption.command()
def retire(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The id of the key.")],
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """End a key: every history of the namespace is read, and none may need it. Its secret may be destroyed then."""
    settings, words = Settings(), Words(lang)
    if settings.encryption_key == key_id:
        raise Refusal(words.choose("C'est la clé qui chiffre.", "It is the key that encrypts."))
    with connection.register(settings) as register:
        keys = EncryptionKeys(register)
        if key_id not in {key.id for key in keys.known()}:
            raise Refusal(words.choose("Clé inconnue du registre.", "The register knows no such key."))

        async def needing() -> list[str]:
            return await histories_needing(await connection.client(), key_id)

        if found := asyncio.run(needing()):
            said = words.choose("Encore nécessaire, entre autres à : {}", "Still needed, among others by: {}")
            raise Refusal(said.format(", ".join(found)))
        keys.retire(key_id, datetime.now(UTC))
    typer.echo(words.choose("Retirée : son secret peut être détruit.", "Retired: its secret may be destroyed."))


@_encryption.command()
def decodings(
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many lines.")] = 50,
    reference: Annotated[str | None, typer.Option("--of", metavar="REF", help="Of this complaint only.")] = None,
    as_json: AsJson = False,
) -> None:
    """List who had payloads decoded or encoded at the codec door, newest first."""
    with connection.register(Settings()) as register:
        found = Decodings(register).newest(count, reference)
    if as_json:
        put_json([
            {
                "at": each.at.isoformat(timespec="seconds"), "by": each.by, "action": each.action,
                "references": list(each.references), "payloads": each.payloads,
            }
            for each in found
        ])  # fmt: skip
        return
    for each in found:
        at = each.at.astimezone(PARIS).isoformat(sep=" ", timespec="seconds")
        typer.echo(f"{at}  {each.by}  {each.action}  {each.payloads}  {' '.join(each.references)}")
