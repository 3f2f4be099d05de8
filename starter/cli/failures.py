"""What went wrong, as a sentence for the person who gave the command."""

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.firm.load import FirmFileError
from activities.notify.carrier import CarrierMisconfigured
from activities.register.database import RegisterNotReady
from activities.secret_keys import SecretKeyError
from starter.cli.common import Refusal
from starter.cli.connection import Unreachable
from starter.client import ComplaintError
from worker.embedded import ServerNotStarted
from worker.namespace import NamespaceNotReady
from worker.settings import Settings
from workflows.procedure.calendar import CalendarExhausted
from workflows.procedure.intake import InvalidComplaint, problems
from workflows.procedure.vocabulary import Language

_SAY_IT_THEMSELVES = (
    Refusal, ComplaintError, InvalidComplaint, FirmFileError, NamespaceNotReady, ServerNotStarted, CalendarExhausted,
    RegisterNotReady, CarrierMisconfigured, SecretKeyError,
)  # fmt: skip


def sentence(error: Exception, language: Language) -> str | None:
    """Say what a failure means; None for one that is a fault of ours and must be seen whole."""
    french = language is Language.FR
    match error:
        case Unreachable():
            said = "Temporal est injoignable à {}" if french else "cannot reach Temporal at {}"
            return said.format(error.where) + (f" ({error.why})." if error.why else ".")
        case ApplicationError():
            return error.message
        case RPCError():
            said = "Temporal a répondu {} : {}" if french else "Temporal answered {}: {}"
            return said.format(error.status.name, error.message)
        case OperationalError():
            said = (
                "Le registre ne répond pas ({}) : voir COMPLAINTS_REGISTER_URL."
                if french
                else "The register does not answer ({}): see COMPLAINTS_REGISTER_URL."
            )
            return said.format(_first_line(error.orig))
        case ValidationError() if error.title == Settings.__name__:
            said = "Réglages invalides : {}" if french else "Invalid settings: {}"
            return said.format("; ".join(_setting(problem) for problem in problems(error)))
        case _ if isinstance(error, _SAY_IT_THEMSELVES):
            return str(error)
        case _:
            return None


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0][:200]


def _setting(problem: str) -> str:
    field, _, what = problem.partition(": ")
    return f"COMPLAINTS_{field.upper()}: {what}"
