"""A copy of a register that is a file, taken while others write to it. PostgreSQL has `pg_dump` for that."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from activities.register.database import Register


@dataclass(frozen=True)
class Copied:
    """What a copy holds."""

    complaints: int
    journal_lines: int
    bytes: int


def copy_register(register: Register, file: Path) -> Copied:
    """Write the register as it is at this moment into a new file, whole or not at all. Holds up no writer.

    Only its owner can read the file: it holds all that is known of the complaints' people.

    Raises:
        FileExistsError: the file, or one of that name not yet finished, is there.
        ValueError: the register is no file.
        sqlite3.Error: the copy could not be made, or is not sound.

    """
    database = register.url.database
    if not register.is_sqlite or not database:
        raise ValueError("only a register that is a file can be copied so")
    unfinished = file.with_name(f"{file.name}.unfinished")
    if file.exists():
        raise FileExistsError(file)
    os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", (str(unfinished),))
        copied = _looked_into(unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        os.link(unfinished, file)  # unlike a renaming, it replaces nothing that came meanwhile
    finally:
        unfinished.unlink()
    return copied


def _looked_into(file: Path) -> Copied:
    with closing(sqlite3.connect(file)) as copy:
        (sound,) = copy.execute("PRAGMA integrity_check").fetchone()
        if sound != "ok":
            raise sqlite3.DatabaseError(f"the copy is not sound: {sound}")
        ((complaints, lines),) = copy.execute(
            "SELECT (SELECT count(*) FROM dossiers), (SELECT count(*) FROM journal)"
        ).fetchall()
    return Copied(complaints, lines, file.stat().st_size)
