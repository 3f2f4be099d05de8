"""A server that behaves as SendGrid's v3 API is documented to: it checks, takes, refuses, fails, hangs, reports.

A test runs it in its own process (`with SendGridServer() as sendgrid`); `python -m tests.sendgrid_server` runs it as a
process, told what to do by a small control server beside it (`tests.sendgrid_server.__main__.Control`).
"""

from tests.sendgrid_server.behaviours import (
    ACCEPT,
    ACCEPT_THEN_DROP,
    ACCEPT_THEN_HANG,
    CUT,
    DROP,
    HANG,
    Behaviour,
    Does,
    busy,
    fail,
    gateway,
    redirect,
    refuse,
    slow,
)
from tests.sendgrid_server.received import Attached, Received
from tests.sendgrid_server.server import KEY, KEY_WITHOUT_SCOPE, SendGridServer
from tests.sendgrid_server.webhook import Answered, Webhook, as_sent

__all__ = [
    "ACCEPT", "ACCEPT_THEN_DROP", "ACCEPT_THEN_HANG", "CUT", "DROP", "HANG", "KEY", "KEY_WITHOUT_SCOPE", "Answered",
    "Attached", "Behaviour", "Does", "Received", "SendGridServer", "Webhook", "as_sent", "busy", "fail", "gateway",
    "redirect", "refuse", "slow",
]  # fmt: skip
