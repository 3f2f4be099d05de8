"""How a file's columns become complaints: a TOML file that says which column is which field."""

import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflows.procedure.calendar import PARIS, at_time
from workflows.procedure.intake import problems, slug

_TRUE, _FALSE = ("true", "yes", "oui", "1", "x", "vrai"), ("false", "no", "non", "0", "", "faux")
_TRUTHS = ("complainant.anonymous", "complainant.consumer", "representative.mandate")
_NAMES: dict[str, tuple[str, ...]] = {
    "received_at": (
        "date de réception",
        "reçue le",
        "reçu le",
        "received",
        "received on",
        "received date",
        "received at",
    ),
    "sent_on": ("date d'envoi", "envoyée le", "sent", "sent on"),
    "channel": ("canal", "moyen", "channel"),
    "received_by": ("reçue par", "received by"),
    "source": ("source", "origine", "origin"),
    "complainant.name": ("nom", "réclamant", "client", "name", "complainant"),
    "complainant.email": ("courriel", "e-mail", "email", "adresse électronique", "mail"),
    "complainant.phone": ("téléphone", "tél", "phone"),
    "complainant.postal_address": ("adresse", "adresse postale", "address", "postal address"),
    "policy_number": ("contrat", "numéro de contrat", "n° de contrat", "police", "policy", "policy number"),
    "insurer": ("assureur", "compagnie", "insurer"),
    "product": ("produit", "product"),
    "summary": ("objet", "motif", "résumé", "summary", "subject", "reason"),
    "steps_taken": ("démarches", "steps taken"),
    "reference": ("référence", "reference"),
}


class MappingRefused(ValueError):
    """A mapping cannot be used; the message says what is wrong with it."""


class Mapping(BaseModel):
    """Which column is which field (`complainant.name`), what is the same for all rows, how dates are written."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str] = Field(min_length=1)
    constants: dict[str, str | bool] = {}
    values: dict[str, dict[str, str]] = {}
    """By field: what stands in the file → what it means, such as `Courriel` → `email`."""
    dates: str = "%Y-%m-%d"
    """How dates are written (Python's `strptime`); a cell of a spreadsheet that is a date needs none."""
    key: str | None = None
    """The column that tells rows apart for good; without it, a row is known by all its cells."""

    def message(self, row: dict[str, Any]) -> dict[str, Any]:
        """Give the complaint that a row is (CONTRACT, "Starting a complaint"), not checked yet.

        Raises:
            ValueError: a date or a truth cannot be read; the message names the column.

        """
        message: dict[str, Any] = {}
        for field, constant in self.constants.items():
            _put(message, field, constant)
        for field, column in self.columns.items():
            value = self._value(field, column, row.get(column))
            if value not in (None, ""):
                _put(message, field, value)
        return message

    def _value(self, field: str, column: str, cell: Any) -> Any:
        said = cell.strip() if isinstance(cell, str) else cell
        if isinstance(said, str):
            said = self.values.get(field, {}).get(said, said)
        if said in (None, ""):
            return None
        if field in _TRUTHS:
            return _truth(column, said)
        if field.endswith(("_at", "_on")):
            moment = self._moment(column, said)
            return moment.isoformat() if field.endswith("_at") else moment.date().isoformat()
        return str(said)

    def _moment(self, column: str, said: Any) -> datetime:
        """Read a date: of a day alone, its beginning in Paris."""
        if isinstance(said, str):
            try:
                said = datetime.strptime(said, self.dates)  # noqa: DTZ007 -- Paris's, below, unless it says else
            except ValueError:
                raise ValueError(f"{column}: no date as in {self.dates}") from None
        if isinstance(said, datetime):
            return said if said.tzinfo else said.replace(tzinfo=PARIS)
        if isinstance(said, date):
            return at_time(said, time.min)
        raise ValueError(f"{column}: no date")


def _truth(column: str, said: Any) -> bool:
    word = str(said).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{column}: neither yes nor no")


def _put(message: dict[str, Any], field: str, value: Any) -> None:
    place, _, name = field.rpartition(".")
    (message.setdefault(place, {}) if place else message)[name] = value


def read_mapping(file: Path) -> Mapping:
    """Read a mapping's file. Raises MappingRefused."""
    try:
        return Mapping.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingRefused(f"{file}: {error}") from None
    except ValidationError as error:
        raise MappingRefused(f"{file}: {'; '.join(problems(error))}") from None


def propose(headings: Sequence[str]) -> str:
    """Propose a mapping's file for these headings; what no field is found for stands below as a remark."""
    known = {slug(name): field for field, names in _NAMES.items() for name in (*names, field)}
    columns = {field: heading for heading in headings if (field := known.get(slug(heading)))}
    left = [heading for heading in headings if heading not in columns.values()]
    constants = {
        name: value for name, value in (("channel", "email"), ("received_by", "broker")) if name not in columns
    }
    lines = ['dates = "%d/%m/%Y"', "", "[columns]"]
    lines += [f"{_quoted(field)} = {_quoted(heading)}" for field, heading in columns.items()]
    lines += ["", "[constants]", *(f"{name} = {_quoted(value)}" for name, value in constants.items())]
    lines += ["", *(f"# no field found for {_quoted(heading)}" for heading in left)]
    return "\n".join(lines).strip() + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
