"""Gathers all that is known of a complaint: from the register, and from Temporal where it knows more."""

from importlib.metadata import version

from activities.firm.schema import Firm
from activities.mailbox.mailbox import Mailbox
from activities.register.dossiers import Dossiers
from starter.evidence.received import received_of
from starter.evidence.record import Evidence, Export
from workflows.procedure.dossier import Carried
from workflows.procedure.vocabulary import Language


def gather(
    dossiers: Dossiers,
    mailbox: Mailbox,
    reference: str,
    firm: Firm,
    language: Language,
    newer: Carried | None = None,
) -> Evidence | None:
    """Give all that is known of a complaint, None when nothing is.

    `newer` is what Temporal says of it; the longer journal wins, and of two equal ones the register's.

    Raises:
        OperationalError: the database does not answer.

    """
    carried = dossiers.carried(reference)
    ahead = newer is not None and (carried is None or len(newer.journal) > len(carried.journal))
    if ahead:
        carried = newer
    if carried is None:
        return None
    address = [line for line in firm.postal_address.splitlines() if line and line != firm.legal_name]
    return Evidence(
        export=Export(
            reference=reference,
            language=language,
            source="temporal" if ahead else "register",
            revision=len(carried.journal),
            as_of=carried.journal[-1].recorded_at,
            firm=(firm.legal_name, *address),
            release=release(),
        ),
        carried=carried,
        attempts=dossiers.attempts(reference),
        events=tuple(dossiers.events(reference)),
        mails=received_of(mailbox, reference),
    )


def release() -> str:
    """Name what makes archives on this machine: of two that bear the same, the pages are the same to the byte."""
    return f"complaints {version('complaints')}, typst {version('typst')}"
