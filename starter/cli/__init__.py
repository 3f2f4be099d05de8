"""The command `complaints`."""

import os
import sys
import traceback
from contextlib import suppress

from starter.cli.app import app


def main() -> None:
    """Run one command and leave the process: 0 done, 1 refused or invalid, 2 usage."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without UTF-8 loses an accent rather than the whole answer.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code = _run()
    for stream in (sys.stdout, sys.stderr):
        # The reader of a pipe may have left (`complaints list | head`).
        with suppress(BrokenPipeError):
            stream.flush()
    # Not the ordinary way out: a short-lived client of Temporal may crash while Python clears up, after the work is
    # done, and a scheduler would do it again (temporalio/sdk-python#300).
    os._exit(code)


def _run() -> int:
    try:
        app()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:  # a fault of ours, to be reported whole
        traceback.print_exc()
        return 1
    return 0
