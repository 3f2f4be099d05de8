"""What the staff pages work with: complaints, the register, the firm's people."""

from collections.abc import Callable
from dataclasses import dataclass

from activities.access.accounts import Accounts
from activities.firm.schema import Firm
from activities.mailbox.mailbox import Mailbox
from activities.register.dossiers import Dossiers
from activities.register.listing import Listing
from starter.client import Complaints
from starter.http.api.bounded import unknown
from starter.http.changes import Changes
from starter.http.reading import Read, Reader
from starter.http.staff.showing import Pages
from starter.http.staff.visitors import Visitor, Visitors
from worker.settings import Settings
from workflows.procedure.dossier import Dossier


@dataclass(frozen=True)
class Desk:
    """Everything a page may need, made once for all of them."""

    pages: Pages
    visitors: Visitors
    accounts: Accounts
    complaints: Complaints
    reader: Reader
    dossiers: Dossiers
    listing: Listing
    changes: Changes
    mailbox: Mailbox
    firm: Callable[[], Firm]
    settings: Settings

    async def open(self, reference: str, visitor: Visitor) -> tuple[Dossier, Read]:
        """Read a complaint that is the visitor's to see.

        Raises:
            Problem: 404, there is none of that reference for them; 503, it cannot be reached.

        """
        read = await self.reader.read(reference)
        dossier = Dossier.resume(read.carried)
        if not visitor.caller.sees(dossier.case.insurer):
            raise unknown()
        return dossier, read

    def people(self) -> dict[str, str]:
        """Name everybody who may stand in a journal, by id: the firm's people, and who has an account."""
        accounts = {account.id: account.name for account in self.accounts.listed()}
        return accounts | {person.id: person.name for person in self.firm().people}
