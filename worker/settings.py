"""What an operator sets, by environment variables `COMPLAINTS_…`; the connection is Temporal's own."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_ROOT = Path(__file__).resolve().parent.parent
_SHIPPED_FIRM = _ROOT / "deploy" / "firm" / "123-courtage.toml"
_SHIPPED_TEMPLATES = _ROOT / "activities" / "notify" / "templates" / "letters"


class Settings(BaseSettings):
    """The settings of one process. Each field is read from `COMPLAINTS_` and its name in capitals.

    What the environment does not say may stand in a file of that name, in lower case, in `COMPLAINTS_SECRETS_DIR`.
    """

    model_config = SettingsConfigDict(
        env_prefix="COMPLAINTS_", extra="ignore", secrets_dir=os.environ.get("COMPLAINTS_SECRETS_DIR") or None
    )

    task_queue: str = "complaints"
    firm_file: Path = _SHIPPED_FIRM
    templates: Path = _SHIPPED_TEMPLATES
    """The folder of the letters' templates: those shipped, or an edited copy of all of them."""
    data_dir: Path = Path("var")
    """Where the embedded server keeps its database and the outbox its letters."""
    retention_days: int = Field(default=90, ge=1)
    """How long the namespace keeps closed complaints."""
    cached_workflows: int = Field(default=1000, ge=100)
    """Complaints a worker keeps in memory. Not fewer than it takes steps of at the same time, which Temporal limits to
    100: one that is put out in the middle of a step loses its local activity, and may leave queries without answer."""
    sandbox: bool = False
    """Whether the workflow runs in Temporal's sandbox, which refuses what is not deterministic.

    The tests run in it, and so find what it would refuse; a worker that has it needs more of Python's time and memory
    for every complaint (docs/performance.md)."""
    graceful_shutdown_seconds: int = Field(default=30, ge=0)
    """Time for letters under way to leave when the worker is stopped; less than the orchestrator's kill delay."""
    sticky_seconds: float = Field(default=2, gt=0)
    """How long a step waits for the worker that has the complaint in memory before any worker may take it."""

    deployment: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]+$")
    """The worker deployment this worker belongs to; with `build_id`, Temporal gives steps to its current version."""
    build_id: str | None = Field(default=None, min_length=1)
    """The release this worker is: one build of the code, such as 0.2.0."""
    patches_asleep: tuple[str, ...] = ()
    """New branches of the workflow (`workflow.patched`) that no complaint enters yet, as a JSON list."""

    durable: bool = True
    """Whether a letter is on the disk, not only in the system's memory, before it counts as sent."""
    register_url: str | None = None
    """The register's database (`postgresql://…`, `sqlite:///…`); without it, a file in `data_dir`."""

    encryption_key: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """The id of the key that encrypts what Temporal keeps; without it nothing is encrypted."""
    encryption_secrets: SecretStr | None = None
    """A JSON object: the id of each key, this one and all before it → its 32 bytes, in hexadecimal or base64."""
    encryption_secrets_dir: Path | None = None
    """A folder with one file for each key, named by its id: what the object above does not state."""
    backup_days: int = Field(default=35, ge=0)
    """How long backups of Temporal and of the register are kept: until then they still hold what was erased."""
    ui_origin: str | None = Field(default=None, pattern=r"^https?://[^/]+$")
    """Where the Temporal UI is, if not beside the staff pages: its pages alone may have payloads decoded."""

    carrier: Literal["outbox", "sendgrid"] = "outbox"
    """What carries e-mails: a folder on this machine, which needs no account, or SendGrid."""
    sendgrid_api_key: SecretStr | None = None
    sendgrid_host: str = "https://api.sendgrid.com"
    sendgrid_sandbox: bool = False
    """SendGrid checks each letter and delivers none."""
    sendgrid_timeout_seconds: float = Field(default=10, gt=0, le=20)
    """How long an answer is waited for; less than an activity may take."""
    sendgrid_event_key: str | None = None
    """The public key of SendGrid's Signed Event Webhook, as its settings page shows it."""

    log_format: Literal["text", "json"] = "text"
    """How long-running processes log: for a person at a terminal, or one JSON object a line, nothing personal in it."""
    operations: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.\-]*:\d{1,5}$")
    """Where a process shows its health and its metrics, as host:port: an address that only operators reach."""

    public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+/?$")
    """Where people reach the staff pages, such as https://complaints.example; OpenID Connect leads back there."""
    passwords: bool = True
    """Whether people may sign in with a password of ours, beside the firm's provider."""
    oidc_issuer: str | None = None
    """The firm's OpenID Connect provider; with a client id and its secret, people sign in there."""
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

    inbound_token: SecretStr | None = Field(default=None, min_length=16)
    """Whoever knows it may post e-mails at `/v1/webhooks/inbound/…`, as SendGrid's Inbound Parse does."""
    agenda_token: SecretStr | None = Field(default=None, min_length=16)
    """Whoever knows it reads the deadlines at `/v1/agenda.ics`; without it there is no such page."""
    partner_webhooks: bool = True
    """Whether insurers that have a webhook are called by it; else by e-mail."""
    partner_secrets: SecretStr | None = None
    """A JSON object: the id of each key insurers sign with → its secret, in hexadecimal or base64."""
    partner_secrets_dir: Path | None = None
    """A folder with one file for each key, named by its id: what the object above does not state."""
    partner_timeout_seconds: float = Field(default=10, gt=0, le=15)
    """How long one call on a webhook may take; less than an activity may."""

    @property
    def origin_of_the_ui(self) -> str | None:
        """The origin of the Temporal UI's pages; beside the staff pages it has theirs."""
        return self.ui_origin or (self.public_url.rstrip("/") if self.public_url else None)

    @property
    def outbox(self) -> Path:
        """The folder of letters, notices and messages."""
        return self.data_dir / "outbox"

    @property
    def register_address(self) -> str:
        """The URL of the register's database."""
        return self.register_url or f"sqlite:///{self.data_dir.absolute() / 'register.db'}"

    def rehearsal(self, data_dir: Path) -> "Settings":
        """Give the settings of a rehearsal in `data_dir`: nothing of it reaches a customer or the firm's register.

        Nor need it outlive a power cut.
        """
        apart = {
            "carrier": "outbox",
            "encryption_key": None,
            "register_url": None,
            "durable": False,
            "partner_webhooks": False,
            "graceful_shutdown_seconds": 0,
        }
        return self.model_copy(update={"data_dir": data_dir, **apart})

    @model_validator(mode="after")
    def _a_provider_is_whole(self) -> "Settings":
        needed = (self.oidc_client_id, self.oidc_client_secret, self.public_url)
        if self.oidc_issuer and not all(needed):
            raise ValueError(
                "COMPLAINTS_OIDC_ISSUER needs COMPLAINTS_OIDC_CLIENT_ID, COMPLAINTS_OIDC_CLIENT_SECRET and "
                "COMPLAINTS_PUBLIC_URL"
            )
        if not self.oidc_issuer and not self.passwords:
            raise ValueError(
                "COMPLAINTS_PASSWORDS is false and there is no COMPLAINTS_OIDC_ISSUER: nobody could sign in"
            )
        return self

    @model_validator(mode="after")
    def _a_release_has_both_its_names(self) -> "Settings":
        if (self.deployment is None) != (self.build_id is None):
            raise ValueError("COMPLAINTS_DEPLOYMENT and COMPLAINTS_BUILD_ID go together")
        return self

    @model_validator(mode="after")
    def _sendgrid_has_its_key(self) -> "Settings":
        if self.carrier == "sendgrid" and self.sendgrid_api_key is None:
            raise ValueError("COMPLAINTS_CARRIER is sendgrid: COMPLAINTS_SENDGRID_API_KEY is needed")
        return self
