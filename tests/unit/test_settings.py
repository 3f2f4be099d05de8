"""The settings: what must not be possible, and what a rehearsal never touches."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from worker.settings import Settings


def test_sendgrid_without_its_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="COMPLAINTS_SENDGRID_API_KEY"):
        Settings(carrier="sendgrid")


def test_a_rehearsal_reaches_neither_customers_nor_the_firms_register(tmp_path: Path) -> None:
    usual = Settings(
        carrier="sendgrid",
        sendgrid_api_key=SecretStr("SG.key"),
        register_url="postgresql://register.example/complaints",
        data_dir=tmp_path / "usual",
    )
    rehearsal = usual.rehearsal(tmp_path / "rehearsal")
    assert rehearsal.carrier == "outbox"
    assert rehearsal.register_address == f"sqlite:///{tmp_path / 'rehearsal' / 'register.db'}"
    assert rehearsal.outbox.is_relative_to(tmp_path / "rehearsal")


def test_the_key_is_shown_nowhere() -> None:
    settings = Settings(carrier="sendgrid", sendgrid_api_key=SecretStr("SG.secret-key"))
    assert "secret-key" not in repr(settings)
    assert "secret-key" not in settings.model_dump_json()
