"""Messages that came in clear where payloads are encrypted: accepted, and named as such (CONTRACT, "Names")."""

from typing import Any

CAME_IN_CLEAR = "complaints-came-in-clear"
"""Metadata that the codec gives to a payload that was not encrypted."""


class InClear(dict[str, Any]):
    """A JSON object that came in clear."""
