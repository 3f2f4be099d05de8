"""Who had payloads of which complaints decoded: one line for each call on the codec door, written before it answers."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from activities.register.database import Register
from activities.register.tables import DecodingRow


@dataclass(frozen=True)
class Decoding:
    """One call. `action`: `decode` or `encode`; `references`: what the payloads say they are part of."""

    at: datetime
    by: str
    action: str
    references: tuple[str, ...]
    payloads: int


class Decodings:
    """The audit of the codec door; its faults are SQLAlchemy's."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def note(self, decoding: Decoding) -> None:
        """Write one line."""
        with self._register.session() as session:
            session.add(
                DecodingRow(
                    id=uuid.uuid4().hex,
                    at=decoding.at,
                    by=decoding.by,
                    action=decoding.action,
                    references=list(decoding.references),
                    payloads=decoding.payloads,
                )
            )

    def newest(self, count: int, reference: str | None = None) -> list[Decoding]:
        """List the newest lines first; `reference`: those of one complaint among them."""
        with self._register.reading() as session:
            rows = session.scalars(select(DecodingRow).order_by(DecodingRow.at.desc(), DecodingRow.id))
            found = (
                Decoding(row.at, row.by, row.action, tuple(row.references), row.payloads)
                for row in rows
                if reference is None or reference in row.references
            )
            return [decoding for decoding, _ in zip(found, range(count), strict=False)]
