"""What SendGrid's answers mean for a letter: left, not left, never will, or nobody knows."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from activities.notify.carrier import InDoubt, NotTaken, RefusedByCarrier
from workflows.procedure.vocabulary import Language

_SENTENCES: dict[str, tuple[str, str]] = {
    "unreachable": ("SendGrid est injoignable ({what}).", "SendGrid cannot be reached ({what})."),
    "no_answer": (
        "SendGrid n'a pas répondu ({what}) : la lettre est peut-être partie, peut-être pas.",
        "SendGrid did not answer ({what}): the letter may have left, or not.",
    ),
    "gateway": (
        "un intermédiaire a répondu {status} à la place de SendGrid : la lettre est peut-être partie, peut-être pas.",
        "something in between answered {status} instead of SendGrid: the letter may have left, or not.",
    ),
    "odd": (
        "SendGrid a répondu {status}, ce qui ne dit pas si la lettre est partie.",
        "SendGrid answered {status}, which does not say whether the letter has left.",
    ),
    "busy": ("SendGrid demande d'attendre ({status}).", "SendGrid asks to wait ({status})."),
    "fault": ("SendGrid a une panne ({status}).", "SendGrid has a fault ({status})."),
    "invalid": ("SendGrid refuse le message ({status}).", "SendGrid refuses the message ({status})."),
    "invalid_field": (
        "SendGrid refuse le message ({status}) à cause du champ {field}.",
        "SendGrid refuses the message ({status}) because of the field {field}.",
    ),
    "key": (
        "SendGrid n'accepte pas la clé d'API (401). Vérifiez COMPLAINTS_SENDGRID_API_KEY.",
        "SendGrid does not accept the API key (401). Check COMPLAINTS_SENDGRID_API_KEY.",
    ),
    "credits": (
        "le compte SendGrid n'a plus de crédits (401). Augmentez le forfait, puis relancez l'envoi.",
        "the SendGrid account has no credits left (401). Raise its plan, then have it sent again.",
    ),
    "forbidden": (
        "SendGrid ne permet pas cet envoi (403) : il faut à la clé le droit « mail.send », et un expéditeur vérifié.",
        "SendGrid does not allow this (403): the key needs the scope “mail.send”, and the sender must be verified.",
    ),
    "too_large": (
        "le message est trop grand pour SendGrid (413, 30 Mo au plus).",
        "the message is too large for SendGrid (413, at most 30 MB).",
    ),
    "elsewhere": (
        "à l'adresse de SendGrid, quelque chose d'autre a répondu ({status}). Vérifiez COMPLAINTS_SENDGRID_HOST.",
        "something else answered at SendGrid's address ({status}). Check COMPLAINTS_SENDGRID_HOST.",
    ),
}
_OWN_FAULTS = {HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.SERVICE_UNAVAILABLE}
_ELSEWHERE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_NO_CREDITS = "Maximum credits exceeded"
_LONGEST_WAIT = timedelta(days=1)
# The words SendGrid's paths into a message are made of: with nothing else in it, a path holds nothing of the customer.
_PATH_WORDS = frozenset({
    "attachments", "bypass_unsubscribe_management", "categories", "click_tracking", "content", "content_id",
    "custom_args", "disposition", "email", "enable", "filename", "footer", "from", "ganalytics", "headers",
    "letter_attempt", "letter_id", "mail_settings", "name", "open_tracking", "personalizations", "reference",
    "reply_to", "sandbox_mode", "subject", "subscription_tracking", "to", "tracking_settings", "type", "value",
})  # fmt: skip


def say(language: Language, code: str, **values: object) -> str:
    """Say the sentence `code` to staff."""
    french, english = _SENTENCES[code]
    return (french if language is Language.FR else english).format(**values)


def not_accepted(status: int, headers: Mapping[str, str], body: bytes, language: Language) -> Exception:
    """Give the exception that an answer other than an acceptance stands for (`activities.notify.carrier`)."""
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT):
        return NotTaken(say(language, "busy", status=status), _asked_to_wait(headers))
    if status in _OWN_FAULTS:
        return NotTaken(say(language, "fault", status=status), _asked_to_wait(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # A gateway (502, 504, and the 52x of some) speaks for a server whose word never came.
        return InDoubt(say(language, "gateway", status=status))
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return InDoubt(say(language, "odd", status=status))
    return RefusedByCarrier(_refusal(status, body, language))


def _refusal(status: int, body: bytes, language: Language) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return say(language, "credits" if _NO_CREDITS in _said(body, "message") else "key")
        case HTTPStatus.FORBIDDEN:
            return say(language, "forbidden")
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return say(language, "too_large")
        case _ if status in _ELSEWHERE or status < HTTPStatus.BAD_REQUEST:
            return say(language, "elsewhere", status=status)
    named = [field for field in _said(body, "field") if _is_a_path(field)]
    if named:
        return say(language, "invalid_field", status=status, field=", ".join(dict.fromkeys(named)))
    return say(language, "invalid", status=status)


def _said(body: bytes, part: str) -> list[str]:
    """Read one part of each error. SendGrid's messages repeat addresses: they are compared, never passed on."""
    try:
        errors = json.loads(body)["errors"]
        found = [error.get(part) for error in errors]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []
    return [value for value in found if isinstance(value, str)]


def _is_a_path(field: str) -> bool:
    parts = re.split(r"[.\[\]]+", field.strip("[].")) if len(field) <= 100 else []
    return bool(parts) and all(part in _PATH_WORDS or (part.isascii() and part.isdigit()) for part in parts)


def _asked_to_wait(headers: Mapping[str, str]) -> timedelta | None:
    """Read how long SendGrid wants to be left alone: by its own clock, at most a day."""
    now = _http_date(headers.get("Date")) or datetime.now(UTC)
    asked = (headers.get("Retry-After") or "").strip()
    until = _http_date(asked) or _epoch(headers.get("X-RateLimit-Reset"))
    if re.fullmatch(r"[0-9]{1,9}", asked):
        wait = timedelta(seconds=int(asked))
    elif until:
        wait = until - now
    else:
        return None
    return min(max(wait, timedelta(0)), _LONGEST_WAIT)


def _http_date(said: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(said or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _epoch(said: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(said), UTC) if said and re.fullmatch(r"[0-9]{1,11}", said.strip()) else None
