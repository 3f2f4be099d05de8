"""Makes names of files of references and business keys: always the same, never two alike, none that leads elsewhere."""

import hashlib
import re

_DIGITS = 16
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,63}")
_KEY_PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LETTER_KEY = re.compile(r"([1-9][0-9]*)/([a-z_]+)/([1-9][0-9]*)", re.ASCII)
# Names that Windows keeps for itself; people copy these folders.
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)


def folder_name(reference: str) -> str:
    """Make a folder's name of a reference: `REC-2026-7F3K9Q` stays itself, anything else gets a digest of its own.

    A reference comes from outside. Lower-case ones get a digest too, since some file systems do not tell case apart.
    """
    return reference if _REFERENCE.fullmatch(reference) and not _DEVICES.fullmatch(reference) else _digested(reference)


def key_name(key: str, reference: str) -> str:
    """Make a file's name of a business key, always the same and never that of another key.

    `REC-2026-7F3K9Q/1/holding/1` gives `holding_1`, in later rounds `round2_holding_1`; others their parts, by dots.
    """
    own = key.removeprefix(f"{reference}/")
    if letter := _LETTER_KEY.fullmatch(own):
        round_, kind, number = letter.groups()
        name = f"{kind}_{number}" if round_ == "1" else f"round{round_}_{kind}_{number}"
        return name if len(name) <= 64 else _digested(own)
    parts = own.split("/")
    whole = len(parts) > 1 and len(own) <= 100 and all(_KEY_PART.fullmatch(part) for part in parts)
    return ".".join(parts) if whole else _digested(own)


def _digested(text: str) -> str:
    readable = re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:40]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
    return f"{readable}~{digest}" if readable else f"x~{digest}"
