"""How a command reaches complaints: the standard connection, and the firm's procedure for what it opens."""

from temporalio.client import Client

from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from starter.client import Complaints
from worker.connection import connect, connection_config
from worker.settings import Settings


class Unreachable(Exception):
    """No Temporal answers at `where` (`namespace@address`); `why`, when the settings of the connection are at fault."""

    def __init__(self, where: str, why: str = "") -> None:
        self.where, self.why = where, why
        super().__init__(where)


async def client() -> Client:
    """Connect to Temporal.

    Raises:
        Unreachable: the server does not answer, or the connection is not set up rightly.

    """
    try:
        config = connection_config()
    except RuntimeError as error:
        raise Unreachable("?", str(error)) from None
    try:
        return await connect()
    except (RuntimeError, ValueError) as error:
        refused = isinstance(error, RuntimeError) and "refused" in str(error)
        where = f"{config['namespace']}@{config['target_host']}"
        raise Unreachable(where, "" if refused else _first_line(error)) from None


async def complaints(settings: Settings, *, opening: bool = False) -> Complaints:
    """Connect to the complaints; `opening` reads the firm's file, so that a new one is found in lists from the start.

    Raises:
        Unreachable: Temporal does not answer.
        FirmFileError: the firm's file is broken.

    """
    procedure = ProcedurePinner(FirmFile(settings.firm_file)).pin if opening else None
    return Complaints(await client(), settings.task_queue, procedure)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
