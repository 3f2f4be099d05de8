"""How often somebody may call: a bucket of tokens for each, in the memory of this process."""

import time
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Rate:
    """At most `burst` calls at once, and on average one each `every`."""

    burst: int
    every: timedelta


class Buckets:
    """One bucket for each caller, full at first. Used by one event loop; its clock is the machine's."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._levels: dict[str | None, tuple[float, float]] = {}

    def wait_for(self, caller: str | None) -> timedelta | None:
        """Take one token of `caller`'s bucket: None, or how long until there is one."""
        now, every = time.monotonic(), self._rate.every.total_seconds()
        level, seen = self._levels.get(caller, (float(self._rate.burst), now))
        level = min(level + (now - seen) / every, self._rate.burst)
        if level < 1:
            self._levels[caller] = (level, now)
            return timedelta(seconds=(1 - level) * every)
        self._levels[caller] = (level - 1, now)
        return None
