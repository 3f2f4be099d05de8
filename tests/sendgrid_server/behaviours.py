"""What the server can be told to do with one request."""

from dataclasses import dataclass
from enum import StrEnum


class Does(StrEnum):
    """What the server does with one request."""

    ACCEPT = "accept"
    SLOW = "slow"  # accepts, and answers after `seconds`
    BUSY = "busy"  # 429
    FAIL = "fail"  # 500, 503: its own fault, nothing taken
    GATEWAY = "gateway"  # 502, 504: nothing taken, but who could know
    ACCEPT_THEN_GATEWAY = "accept_then_gateway"
    HANG = "hang"  # reads everything, takes nothing, never answers
    ACCEPT_THEN_HANG = "accept_then_hang"
    DROP = "drop"  # reads everything, takes nothing, closes
    ACCEPT_THEN_DROP = "accept_then_drop"
    CUT = "cut"  # resets the connection while the message is being sent
    REFUSE = "refuse"  # 4xx
    REDIRECT = "redirect"


@dataclass(frozen=True)
class Behaviour:
    """What to do, and how. `seconds`: to wait, or asked for in Retry-After; None: no such header."""

    does: Does = Does.ACCEPT
    status: int = 202
    seconds: float | None = None
    message: str = ""
    names: str | None = None
    headers: dict[str, str] | None = None


ACCEPT = Behaviour()
HANG, ACCEPT_THEN_HANG = Behaviour(Does.HANG), Behaviour(Does.ACCEPT_THEN_HANG)
DROP, ACCEPT_THEN_DROP = Behaviour(Does.DROP), Behaviour(Does.ACCEPT_THEN_DROP)
CUT = Behaviour(Does.CUT)


def busy(seconds: float | None = None, headers: dict[str, str] | None = None) -> Behaviour:
    return Behaviour(Does.BUSY, 429, seconds, headers=headers, message="too many requests")


def fail(status: int = 500, seconds: float | None = None) -> Behaviour:
    return Behaviour(Does.FAIL, status, seconds, message="internal error")


def gateway(status: int = 504, *, accepts: bool = False) -> Behaviour:
    return Behaviour(Does.ACCEPT_THEN_GATEWAY if accepts else Does.GATEWAY, status)


def refuse(status: int = 400, message: str = "Bad Request", names: str | None = None) -> Behaviour:
    return Behaviour(Does.REFUSE, status, message=message, names=names)


def redirect(to: str, status: int = 302) -> Behaviour:
    return Behaviour(Does.REDIRECT, status, headers={"Location": to})


def slow(seconds: float) -> Behaviour:
    return Behaviour(Does.SLOW, seconds=seconds)
