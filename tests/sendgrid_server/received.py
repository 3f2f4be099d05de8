"""What the server has accepted: what a customer gets."""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Attached:
    """One attachment, decoded."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Received:
    """One message the server has accepted: what a customer gets."""

    message_id: str
    body: dict[str, Any]
    sandbox: bool

    @property
    def to(self) -> list[str]:
        return [to["email"] for each in self.body["personalizations"] for to in each["to"]]

    @property
    def subject(self) -> str:
        return str(self.body["subject"])

    @property
    def text(self) -> str:
        return self._content("text/plain")

    @property
    def html(self) -> str:
        return self._content("text/html")

    def _content(self, kind: str) -> str:
        return next((str(part["value"]) for part in self.body["content"] if part["type"] == kind), "")

    @property
    def attachments(self) -> list[Attached]:
        return [
            Attached(each["filename"], each["type"], base64.b64decode(each["content"]))
            for each in self.body.get("attachments", [])
        ]

    @property
    def custom_args(self) -> dict[str, str]:
        return dict(self.body.get("custom_args", {}))

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.body.get("headers", {}))
