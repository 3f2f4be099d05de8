"""What an operator sets, by environment variables `COMPLAINTS_…`; the connection is Temporal's own."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_SHIPPED_FIRM = Path(__file__).resolve().parent.parent / "deploy" / "firm" / "123-courtage.toml"


class Settings(BaseSettings):
    """The settings of one process. Each field is read from `COMPLAINTS_` and its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="COMPLAINTS_", extra="ignore")

    task_queue: str = "complaints"
    firm_file: Path = _SHIPPED_FIRM
    data_dir: Path = Path("var")
    """Where the embedded server keeps its database and the outbox its letters."""
    retention_days: int = Field(default=90, ge=1)
    """How long the namespace keeps closed complaints."""
    cached_workflows: int = Field(default=1000, ge=0)
    """Complaints a worker keeps in memory. 0 replays each from its history at every step: for tests of one complaint at
    a time only, because complaints that open together then evict each other's local activities for ever."""
    graceful_shutdown_seconds: int = Field(default=30, ge=0)
    """Time for letters under way to leave when the worker is stopped; less than the orchestrator's kill delay."""
    sticky_seconds: float = Field(default=2, gt=0)
    """How long a step waits for the worker that has the complaint in memory before any worker may take it."""

    outbox_durable: bool = True
    """Whether a letter is on the disk, not only in the system's memory, before it counts as sent."""

    @property
    def outbox(self) -> Path:
        """The folder of letters, notices and messages."""
        return self.data_dir / "outbox"
