"""Makes a process that runs for long observable, before it connects to anything: its log, its metrics, its traces."""

from contextlib import AbstractAsyncContextManager, nullcontext

from temporalio.client import Client

from activities.register.database import Register
from starter.http.operations import operated, operations_app
from worker.observing.logs import write_json_lines
from worker.observing.runtime import observed_runtime
from worker.observing.traces import trace_to_the_collector, traced
from worker.settings import Settings


class Observed:
    """One process: what it is called, and where the SDK's metrics are."""

    def __init__(self, process: str, settings: Settings) -> None:
        """Begin; nothing may have connected yet."""
        self._settings = settings
        if settings.log_format == "json":
            write_json_lines(process)
        if traced():
            trace_to_the_collector(process)
        self._of_temporal = observed_runtime() if settings.operations else ""

    def operated(self, client: Client, register: Register, *, business: bool) -> AbstractAsyncContextManager[None]:
        """Serve the process's page for operators meanwhile, where the settings give it an address."""
        if self._settings.operations is None:
            return nullcontext()
        page = operations_app(client, register, self._of_temporal, business=business)
        return operated(page, self._settings.operations)
