"""Traces through door, workflow and activities, where the environment names a collector (`OTEL_EXPORTER_OTLP_…`).

Spans bear references and names of activities; the words of exceptions are left out, as in logs.
"""

import os
from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from temporalio.client import Interceptor
from temporalio.contrib.opentelemetry import TracingInterceptor

_COLLECTORS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def traced() -> bool:
    """Say whether the environment names a collector."""
    return any(os.environ.get(name) for name in _COLLECTORS)


def trace_to_the_collector(process: str) -> None:
    """Send this process's spans to the collector; `process`: which one it is."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"complaints-{process}"}))
    provider.add_span_processor(BatchSpanProcessor(WithoutWords(OTLPSpanExporter())))
    trace.set_tracer_provider(provider)


def interceptors() -> list[Interceptor]:
    """Give what carries a trace from a client to its workflow and on to the activities."""
    return [TracingInterceptor()] if traced() else []


class WithoutWords(SpanExporter):
    """Exports spans of which exceptions tell their type alone."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send spans on."""
        return self._exporter.export([_without_words(span) for span in spans])

    def shutdown(self) -> None:
        """End it."""
        self._exporter.shutdown()


def _without_words(span: ReadableSpan) -> ReadableSpan:
    events = [
        Event(event.name, {k: v for k, v in (event.attributes or {}).items() if k == "exception.type"}, event.timestamp)
        for event in span.events
    ]
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=span.attributes,
        events=events,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
