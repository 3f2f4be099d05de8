"""A worker that is killed once its choice is kept, before it says whom: `python -m tests.register.chooses URL REF`."""

import os
import signal
import sys

from activities.register.assignments import Assignments
from activities.register.database import Register
from tests.register.test_assignments import assign


def main(url: str, reference: str) -> None:
    """Choose, and be killed before anybody hears whom."""
    assign(Assignments(Register(url)), reference)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
