"""A process that is killed while it records: `python -m tests.register.dies URL FILE STATEMENT`."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from activities.register.database import Register
from activities.register.dossiers import Dossiers
from workflows.procedure.dossier import Carried


def main(url: str, file: str, statement: str) -> None:
    """Record the dossier of `file`, and be killed just before the statement that begins as said."""
    register = Register(url)

    def before(_: Any, __: Any, about_to_run: str, *___: Any) -> None:
        if about_to_run.startswith(statement):
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(register.engine, "before_cursor_execute", before)
    Dossiers(register).record(Carried.model_validate_json(Path(file).read_text("utf-8")))


if __name__ == "__main__":
    main(*sys.argv[1:])
