"""What the v3 API refuses a message for, in its own words and fields."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

_RESERVED_HEADERS = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
}  # fmt: skip
_ADDRESS = re.compile(r"[^@\s]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


@dataclass(frozen=True)
class Refusal(Exception):
    """What is wrong with a message, in SendGrid's shape."""

    status: int
    message: str
    field: str | None = None


def check(body: Any) -> None:
    """Refuse what the v3 API refuses, with its own words and fields.

    Raises:
        Refusal: the message is not as the API wants it.

    """
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request")
    _check_recipients(body)
    sender = body.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        raise Refusal(400, "The from object must be provided for every email send.", "from.email")
    _check_address(sender, "from.email")
    if "reply_to" in body:
        _check_address(body["reply_to"], "reply_to.email")
    if not body.get("subject"):
        raise Refusal(400, "The subject is required.", "subject")
    _check_content(body.get("content"))
    for number, attached in enumerate(body.get("attachments", [])):
        _check_attachment(attached, f"attachments.{number}")
    _check_small_parts(body)


def _check_recipients(body: dict[str, Any]) -> None:
    personalizations = body.get("personalizations")
    if not isinstance(personalizations, list) or not personalizations:
        raise Refusal(
            400,
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
    for number, each in enumerate(personalizations):
        if not isinstance(each, dict) or not each.get("to"):
            raise Refusal(
                400, "The to array is required for all personalization objects.", f"personalizations.{number}.to"
            )
        seen: set[str] = set()
        for place, to in enumerate(each["to"]):
            _check_address(to, f"personalizations.{number}.to.{place}.email")
            address = to["email"].lower()
            if address in seen:
                raise Refusal(
                    400,
                    "Each email address in the personalization block should be unique between to, cc, and bcc. "
                    f"We found the first duplicate instance of [{address}] in the personalizations.{number}.to field.",
                    f"personalizations.{number}",
                )
            seen.add(address)


def _check_address(mailbox: Any, place: str) -> None:
    address = mailbox.get("email") if isinstance(mailbox, dict) else None
    if not isinstance(address, str) or not address.isascii() or not _ADDRESS.fullmatch(address):
        raise Refusal(400, f"Does not contain a valid address: {address}", place)


def _check_content(content: Any) -> None:
    if not isinstance(content, list) or not content:
        raise Refusal(400, "Unless a valid template_id is provided, the content parameter is required.", "content")
    for number, part in enumerate(content):
        if not isinstance(part.get("value"), str) or not part["value"]:
            message = "The content value must be a string at least one character in length."
            raise Refusal(400, message, f"content.{number}.value")
    kinds = [part.get("type") for part in content]
    if "text/plain" in kinds and kinds[0] != "text/plain":
        message = "If present, text/plain and text/html may only be provided once, text/plain first."
        raise Refusal(400, message, "content")


def _check_attachment(attached: Any, place: str) -> None:
    try:
        content = base64.b64decode(attached["content"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        raise Refusal(400, "The attachment content must be base64 encoded.", f"{place}.content") from None
    if not content:
        raise Refusal(400, "The attachment content must be a string at least one character long.", f"{place}.content")
    name = attached.get("filename")
    if not isinstance(name, str) or not name or {"\r", "\n", ";"} & set(name):
        raise Refusal(400, "The filename of the attachment is required.", f"{place}.filename")


def _check_small_parts(body: dict[str, Any]) -> None:
    for name, value in body.get("headers", {}).items():
        if name.lower() in _RESERVED_HEADERS:
            raise Refusal(400, f"The headers object may not contain the reserved header {name}.", "headers")
        if not isinstance(value, str) or not value.isascii() or {"\r", "\n"} & set(value):
            raise Refusal(400, "The header values must be strings, encoded where they are not ASCII.", "headers")
    arguments = body.get("custom_args", {})
    if any(not isinstance(value, str) for value in arguments.values()):
        raise Refusal(400, "The custom_args values must be strings.", "custom_args")
    if len(json.dumps(arguments).encode()) > 10_000:
        raise Refusal(400, "The total length of custom_args may not exceed 10000 bytes.", "custom_args")
    categories = body.get("categories", [])
    if len(categories) > 10 or len(set(categories)) != len(categories) or any(len(each) > 255 for each in categories):
        raise Refusal(400, "The categories array must hold at most 10 unique categories.", "categories")
    bypass = [name for name in body.get("mail_settings", {}) if name.startswith("bypass_")]
    if "bypass_list_management" in bypass and len(bypass) > 1:
        raise Refusal(400, "bypass_list_management cannot be combined with other bypass settings.", "mail_settings")
