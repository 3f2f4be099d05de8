"""How a command reaches complaints: the standard connection, the firm's procedure for what it opens, the register."""

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.client import Client

from activities.firm.load import FirmFile
from activities.pin import ProcedurePinner
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.grants import grant
from starter.client import Complaints
from worker.connection import connect, connection_config
from worker.settings import Settings
from workflows.procedure.dossier import Carried


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

    def memory(reference: str) -> Carried | None:
        if not has_register(settings):
            return None
        with register(settings) as found:
            return Dossiers(found).remembered(reference)

    return Complaints(await client(), settings.task_queue, procedure, memory)


@contextmanager
def register(settings: Settings) -> Iterator[Register]:
    """Open the register for one command.

    Raises:
        RegisterNotReady: its address is none, or its tables are not those of this release.
        OperationalError: the database does not answer.

    """
    found = Register(settings.register_address, durable=settings.durable)
    try:
        found.require_current()
        yield found
    finally:
        found.close()


def migrated(settings: Settings) -> tuple[str, list[str]]:
    """Bring the register's tables up to date, and what its roles may; says where it is, and what was changed.

    Raises:
        RegisterNotReady: its address is none.
        OperationalError: the database does not answer.

    """
    found = Register(settings.register_address, durable=settings.durable)
    try:
        return found.place, found.migrate() + grant(found)
    finally:
        found.close()


def has_register(settings: Settings) -> bool:
    """Whether there can be one: a machine that only submits events may have no file, and none is made for it."""
    return settings.register_url is not None or (settings.data_dir / "register.db").exists()


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
