"""The messages to the other Party: French sentences between professionals, one template for each reason to call."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from activities.escalate.handing_over import HandedOver
from activities.firm.schema import Firm
from activities.notify.clean import cleaned, several_lines
from activities.notify.layout import as_text, blocks, lines, prose
from activities.notify.mail import Enclosure, Mailbox, Outgoing, Tray
from activities.notify.staff import plain_message, service
from activities.notify.wording import full_date
from workflows.procedure.orders import CallKind, Contact, PartnerCall
from workflows.procedure.vocabulary import Language, Party

TEMPLATES = Path(__file__).parent / "templates"

_NO_INSURER = "la compagnie du dossier n'est pas connue : complétez avec details_given."
_UNKNOWN_INSURER = (
    "la compagnie du dossier ne figure pas parmi celles du cabinet : ajoutez-la à son fichier, ou corrigez-la avec "
    "details_given."
)


class NobodyToCall(Exception):
    """The other Party cannot be reached; `args[0]` says why, for staff."""


def addressee(firm: Firm, call: PartnerCall) -> Mailbox:
    """Say who is written to: the insurer, its manager when it is insisted, or our own complaints service.

    Raises:
        NobodyToCall: the insurer is not named in the complaint, or the firm does not know it.

    """
    if call.party is Party.BROKER:
        return service(firm)
    insurer = firm.insurer(call.insurer)
    if insurer is None:
        raise NobodyToCall(_UNKNOWN_INSURER if call.insurer else _NO_INSURER)
    return Mailbox(insurer.name, insurer.manager_email if call.kind is CallKind.INSIST else insurer.email)


def compose_call(
    call: PartnerCall,
    firm: Firm,
    to: Mailbox,
    contact: Contact | None,
    file: HandedOver | None = None,
    enclosures: tuple[Enclosure, ...] = (),
) -> Outgoing:
    """Write the message of one call. Its subject names the reference alone, never the complainant.

    `file` and `enclosures` go along when the complaint is handed over. Raises jinja2.TemplateError when a template is
    missing or broken.
    """
    shown, person = cleaned(call), cleaned(contact) if contact else None
    said = (
        _environment(TEMPLATES)
        .get_template(f"{call.kind}.j2")
        .render(
            call=shown,
            about=several_lines(call.about),
            answer_by=full_date(call.answer_by, Language.FR) if call.answer_by else None,
            firm=firm,
            contact=person,
            file=file,
        )
    )
    subject, _, body = said.strip().partition("\n")
    message = plain_message(
        firm,
        reference=call.reference,
        key=f"call/{call.key.removeprefix(f'{call.reference}/')}",
        tray=Tray.PARTNERS,
        to=(to,),
        subject=subject.removeprefix("#").strip(),
        text="\n\n".join(as_text(block) for block in blocks(body, Language.FR)) + "\n",
        template=f"{call.kind}@fr",
        language=Language.FR,
        reply_to=Mailbox(person.name, firm.email) if person else None,
    )
    return replace(message, enclosures=enclosures)


@cache
def _environment(templates: Path) -> Environment:
    pages = Environment(  # plain text: what becomes a page is escaped where the page is made
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters |= {"lines": lines, "prose": prose}
    return pages
