"""The firm's file as an operator edits it while a worker runs: absences entered and taken back."""

import re
from datetime import date
from pathlib import Path

from activities.assign.absences import Reassignment, reassignments
from activities.firm.load import load_firm
from activities.firm.schema import Firm
from activities.register.assignments import Assignments
from activities.register.database import Register

SHIPPED = Path(__file__).parent.parent / "deploy" / "firm" / "123-courtage.toml"


class Office:
    """A copy of a firm's file, and the register of the worker that reads it."""

    def __init__(self, path: Path, register_url: str, text: str = SHIPPED.read_text(encoding="utf-8")) -> None:
        self.path, self._register_url, self._text = path, register_url, text
        self._absences: dict[str, str] = {}
        self._write()

    @property
    def firm(self) -> Firm:
        """The firm as its file states it now."""
        return load_firm(self.path)

    def is_away(self, contact: str, first: date, last: date | None = None) -> None:
        """Enter an absence; without `last`, until further notice."""
        self._absences[contact] = f"{{ first = {first}{f', last = {last}' if last else ''} }}"
        self._write()

    def is_back(self, contact: str) -> None:
        """Take a person's absence back."""
        del self._absences[contact]
        self._write()

    def due_to_move(self, on: date) -> list[Reassignment]:
        """Work out as each morning does which complaints are to be reassigned."""
        register = Register(self._register_url, durable=False)
        try:
            return reassignments(self.firm, on, Assignments(register).open_of())
        finally:
            register.close()

    def load(self) -> dict[str, int]:
        """Count the open complaints of each person."""
        register = Register(self._register_url, durable=False)
        try:
            return dict(Assignments(register).load())
        finally:
            register.close()

    def _write(self) -> None:
        text = re.sub(r"^absences = .*\n", "", self._text, flags=re.M)
        for contact, absence in self._absences.items():
            text = text.replace(f'\nid = "{contact}"\n', f'\nid = "{contact}"\nabsences = [{absence}]\n')
        self.path.write_text(text, encoding="utf-8")
