"""`complaints dossier`: the whole file of one complaint as an archive that proves itself, and its verification."""

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from temporalio.client import WorkflowFailureError, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.firm.load import FirmFile
from activities.mailbox.mailbox import Mailbox
from activities.notify.names import folder_name
from activities.register.dossiers import Dossiers
from starter.cli import connection
from starter.cli.common import AsJson, Lang, Refusal, default_language, group, put_json
from starter.evidence.archive import files_of, zipped
from starter.evidence.gather import gather
from starter.evidence.papers import missing, papers
from starter.evidence.received import not_read
from starter.evidence.record import Evidence
from starter.evidence.verify import Fault, Finding, NoArchive, verify
from starter.register.temporal import last_state
from starter.render.days import instant
from starter.render.words import Words, shown
from worker.settings import Settings
from workflows.procedure.calendar import PARIS
from workflows.procedure.dossier import Carried

_FAULTS = {
    Fault.DAMAGED: ("endommagé", "damaged"),
    Fault.TWICE: ("deux fichiers de ce nom", "two files of this name"),
    Fault.UNLISTED: ("fichier ajouté", "added file"),
    Fault.ABSENT: ("fichier absent", "missing file"),
    Fault.CHANGED: ("modifié : SHA256SUMS donne une autre empreinte", "changed: SHA256SUMS has another hash"),
    Fault.UNREADABLE: ("illisible : le dossier ne peut en être recalculé", "unreadable: nothing follows from it"),
    Fault.ALTERED: (
        "ce n'est pas le courrier parti : son empreinte n'est pas celle de l'envoi",
        "not the letter that left: its hash is not the one of the attempt",
    ),
    Fault.NOT_AS_RECEIVED: (
        "ce n'est pas la pièce reçue : son empreinte n'est pas celle de l'arrivée",
        "not the file that came: its hash is not the one written down then",
    ),
    Fault.OTHER_IN_JOURNAL: (
        "ce n'est pas le courrier parti : son empreinte n'est pas celle du journal",
        "not the letter that left: its hash is not the one in the journal",
    ),
    Fault.DIFFERS: ("diffère de ce qui résulte du journal", "differs from what follows from the journal"),
}

_dossier = group()
commands = group()
commands.add_typer(_dossier, name="dossier", help="Write the whole file of a complaint for a court; verify one.")


@_dossier.command()
def export(
    reference: Annotated[str, typer.Argument(metavar="REF", help="The complaint's reference.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The archive to write. Default: REF.zip, here.")
    ] = None,
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Write the whole file of one complaint: pages, letters as sent, e-mails as received, events, hashes.

    Reads the register, and Temporal where it answers and knows more.
    """
    words, settings = Words(lang), Settings()
    newer, answered = asyncio.run(_from_temporal(reference))
    with connection.register(settings) as found:
        evidence = gather(Dossiers(found), Mailbox(found), reference, FirmFile(settings.firm_file)(), lang, newer)
    if evidence is None:
        raise Refusal(_unknown(reference, words, answered=answered))
    content = zipped(files := files_of(evidence))
    file = out or Path(f"{folder_name(reference)}.zip")
    try:
        file.write_bytes(content)
    except OSError as error:
        said = words.choose("{} ne peut pas être écrit : {}.", "{} cannot be written: {}.")
        raise Refusal(said.format(file, error.strerror)) from None
    _warn(evidence, words, answered=answered)
    digest = hashlib.sha256(content).hexdigest()
    if as_json:
        put_json(_summary(evidence, file, digest, len(files)))
        return
    said = words.choose(
        "{} : {} fichiers, {} courriers, état au {} (journal : {} lignes).\nSHA-256 {}",
        "{}: {} files, {} letters, as of {} (journal: {} lines).\nSHA-256 {}",
    )
    as_of, letters = instant(evidence.export.as_of, words), len(papers(evidence))
    typer.echo(said.format(file, len(files), letters, as_of, evidence.export.revision, digest))


async def _from_temporal(reference: str) -> tuple[Carried | None, bool]:
    """Ask Temporal; None when it does not know the complaint, or does not answer: then False."""
    try:
        return await last_state(await connection.client(), reference), True
    except RPCError as error:
        return None, error.status is RPCStatusCode.NOT_FOUND
    except (connection.Unreachable, WorkflowFailureError, WorkflowQueryFailedError, ValidationError):
        return None, False


def _unknown(reference: str, words: Words, *, answered: bool) -> str:
    if answered:
        return words.choose(
            "{} : aucune réclamation ne porte cette référence.", "{}: no complaint has this reference."
        ).format(reference)
    said = words.choose(
        "{} : inconnue du registre, et Temporal ne répond pas.",
        "{}: not in the register, and Temporal does not answer.",
    )
    return said.format(reference)


def _warn(evidence: Evidence, words: Words, *, answered: bool) -> None:
    """Say on stderr what whoever hands the archive over should know."""
    if not answered:
        typer.echo(
            words.choose(
                "Temporal ne répond pas : l'archive est en l'état du registre.",
                "Temporal does not answer: the archive is as the register stands.",
            ),
            err=True,
        )
    if evidence.mails is None:
        typer.echo(not_read(words), err=True)
    without, altered = missing(evidence), [paper.name for paper in papers(evidence) if paper.altered]
    if without:
        said = words.choose(
            "Contenu absent du registre, courriers n° {}.", "Content not in the register, letters no. {}."
        )
        typer.echo(said.format(", ".join(map(str, without))), err=True)
    for name in altered:
        said = words.choose(
            "{} : le contenu ne répond plus à son empreinte.", "{}: the content no longer matches its hash."
        )
        typer.echo(said.format(name), err=True)


def _summary(evidence: Evidence, file: Path, digest: str, files: int) -> dict[str, object]:
    export = evidence.export
    return {
        "reference": export.reference,
        "file": str(file),
        "sha256": digest,
        "files": files,
        "letters": len(papers(evidence)),
        "missing": len(missing(evidence)),
        "journal": export.revision,
        "events": len(evidence.events),
        "mails": None if evidence.mails is None else len(evidence.mails),
        "source": export.source,
        "as_of": export.as_of.astimezone(PARIS).isoformat(timespec="seconds"),
    }


@_dossier.command("verify")
def verify_archive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive.")],
    as_json: AsJson = False,
    lang: Lang = default_language,  # type: ignore[assignment]
) -> None:
    """Verify an archive: all hashes, the letters against the journal, and the file worked out again. Exit code 1: no.

    Needs neither register nor Temporal.
    """
    words = Words(lang)
    try:
        content = file.read_bytes()
        done = verify(content)
    except OSError as error:
        said = words.choose("{} ne peut pas être lu : {}.", "{} cannot be read: {}.")
        raise Refusal(said.format(file, error.strerror)) from None
    except NoArchive:
        raise Refusal(words.choose("{} : ce n'est pas une archive ZIP.", "{}: this is no ZIP.").format(file)) from None
    digest = hashlib.sha256(content).hexdigest()
    if as_json:
        put_json(
            {
                "file": str(file), "sha256": digest, "ok": not done.findings, "files": done.files,
                "letters": done.letters, "missing": done.missing, "pages_compared": done.pages_compared,
                "findings": [{"file": f.file, "fault": f.fault, "place": f.place} for f in done.findings],
            }
        )  # fmt: skip
    else:
        for finding in done.findings:
            typer.echo(_said(finding, words))
        if not done.pages_compared:
            typer.echo(
                words.choose(
                    "dossier.pdf n'a été vérifié que par son empreinte : une autre version du programme l'a composé.",
                    "dossier.pdf was verified by its hash only: another release of the program has set it.",
                ),
                err=True,
            )
        if not done.findings:
            said = words.choose("ok : {} fichiers, {} courriers. SHA-256 {}", "ok: {} files, {} letters. SHA-256 {}")
            typer.echo(said.format(done.files, done.letters, digest))
    if done.findings:
        raise typer.Exit(1)


def _said(finding: Finding, words: Words) -> str:
    where = f"{finding.file}, {finding.place}" if finding.place else finding.file
    return shown(f"{where}{words.choose(' : ', ': ')}{words.choose(*_FAULTS[finding.fault])}", longest=500).plain
