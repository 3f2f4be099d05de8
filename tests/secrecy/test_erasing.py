"""What the register holds of an erased complaint beside its dossier: messages of its customer, with their files."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from activities.mailbox.tables import AttachmentRow, MessageRow
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from activities.register.erasing import Erasures
from activities.register.tables import DossierRow
from tests.register import lives
from workflows.procedure.vocabulary import Stage

NOW = datetime(2026, 12, 7, 15, 0, tzinfo=UTC)


def test_files_that_came_by_e_mail_go_with_their_complaint_and_with_no_other(tmp_path: Path) -> None:
    register = Register(f"sqlite:///{tmp_path / 'register.db'}", durable=False)
    register.migrate()
    last = lives.ordinary()[-1]
    for reference in ("REC-2026-ERASED", "REC-2026-STAYS2"):
        Dossiers(register).record(lives.renamed(last, reference))
        with register.session() as session:
            session.get_one(DossierRow, reference).stage = Stage.CLOSED
            session.add(
                MessageRow(
                    id=reference, received_at=NOW, state="accepted", flags=[], sender="a@example.org", subject="s",
                    text="t", checks={}, reference=reference, content_type="multipart/form-data", content=b"c",
                )
            )  # fmt: skip
            session.flush()
            session.add(
                AttachmentRow(
                    message=reference, number=1, name="constat.pdf", media_type="application/pdf", size=1, sha256="0",
                    content=b"c",
                )
            )  # fmt: skip
    erasures = Erasures(register)
    erasures.begin("REC-2026-ERASED", {}, "c-001", NOW)
    erasures.finish("REC-2026-ERASED")
    with register.reading() as session:
        assert list(session.scalars(select(AttachmentRow.message))) == ["REC-2026-STAYS2"]
        assert session.scalar(select(func.count()).select_from(MessageRow)) == 1
    register.close()
