"""The complaints as an insurer may see them: its own, and what it may do to them."""

import asyncio
from datetime import timedelta
from http import HTTPStatus

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError, RPCStatusCode

from activities.register.dossiers import Dossiers
from activities.register.partner_calls import Answer
from starter.client import WORKFLOW_TYPE, ComplaintError, Complaints, EventRefused, NoSuchComplaint
from starter.http.partner_events import RESPONSE_GIVEN, PartnerEvent
from workflows.procedure.vocabulary import Party

_NOT_LEADING = "response_given: the broker handles this complaint and answers the customer; send help_answered instead"
_PATIENCE = timedelta(seconds=5)
_AWAY = "complaints cannot be reached at the moment"


class Away(Exception):
    """Nothing can be said or recorded now; `args[0]` is a sentence for the insurer."""


class PartnerComplaints:
    """Asks Temporal, and the register for complaints that Temporal has forgotten."""

    def __init__(self, complaints: Complaints, dossiers: Dossiers) -> None:
        self._complaints, self._dossiers = complaints, dossiers

    async def belongs(self, reference: str, insurer: str) -> bool:
        """Say whether there is such a complaint, and of this insurer.

        Raises:
            Away: Temporal, the complaint's worker or the register do not answer.

        """
        standing = await self._standing(reference)
        return standing is not None and standing[0] == insurer

    async def record(self, reference: str, event: PartnerEvent) -> Answer:
        """Have a complaint of the insurer's record its event: 202 with the receipt, or 422 with the reason.

        Raises:
            Away: it cannot be said whether it was recorded; asked again, it is recorded once.

        """
        if event.kind == RESPONSE_GIVEN:
            standing = await self._standing(reference)
            if standing is None or standing[1] != Party.INSURER:
                return _refused(_NOT_LEADING)
        try:
            receipt = await self._complaints.submit(reference, event.kind, event.fields)
        except EventRefused as refused:
            return _refused(str(refused))
        except (ComplaintError, RPCError):
            raise Away(_AWAY) from None
        return Answer(HTTPStatus.ACCEPTED, receipt)

    async def _standing(self, reference: str) -> tuple[str | None, str] | None:
        """Give insurer and handling Party; None where there is no such complaint."""
        try:
            described = await self._complaints.handle(reference).describe(rpc_timeout=_PATIENCE)
            if described.workflow_type != WORKFLOW_TYPE:
                return None
            dossier = await self._complaints.dossier(reference)
        except NoSuchComplaint:
            return await self._remembered(reference)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and "amespace" not in error.message:
                return await self._remembered(reference)
            if error.status is RPCStatusCode.INVALID_ARGUMENT:
                return None  # no id that a workflow could have
            raise Away(_AWAY) from None
        except (ComplaintError, RuntimeError):  # the second, where a connection was never made
            raise Away(_AWAY) from None
        return dossier["insurer"], dossier["handling_party"]

    async def _remembered(self, reference: str) -> tuple[str | None, str] | None:
        try:
            standing = await asyncio.to_thread(self._dossiers.standing, reference)
        except SQLAlchemyError:
            raise Away("the register does not answer at the moment") from None
        return (standing.insurer, standing.handling_party) if standing else None


def _refused(reason: str) -> Answer:
    return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, {"detail": reason})
