"""What a namespace must have before complaints live in it: search attributes, and the retention of closed ones."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows import search_attributes


class NamespaceNotReady(RuntimeError):
    """A worker here would lose complaints: the namespace lacks something; the message says what and what to run."""


async def missing_attributes(client: Client) -> list[str]:
    """Name the search attributes the namespace lacks."""
    found = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [key.name for key in search_attributes.ALL if key.name not in found.custom_attributes]


async def require_attributes(client: Client) -> None:
    """Refuse to go on when a search attribute is missing: setting one that is not known blocks a complaint for ever.

    Raises:
        NamespaceNotReady: it names the attributes.

    """
    missing = await missing_attributes(client)
    if missing:
        raise NamespaceNotReady(
            f"namespace {client.namespace} lacks the search attributes {', '.join(missing)}: run `complaints setup`"
        )


async def prepare(client: Client, retention_days: int) -> list[str]:
    """Bring the namespace to what complaints need; says what it changed, nothing when all was there."""
    changed: list[str] = []
    retention = Duration()
    retention.FromTimedelta(timedelta(days=retention_days))
    try:
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
        if described.config.workflow_execution_retention_ttl.seconds < retention.seconds:
            await client.workflow_service.update_namespace(
                UpdateNamespaceRequest(
                    namespace=client.namespace,
                    config=NamespaceConfig(workflow_execution_retention_ttl=retention),
                )
            )
            changed.append(f"retention of closed complaints: {retention_days} days")
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=retention)
        )
        changed.append(f"namespace {client.namespace}, retention {retention_days} days")
    missing = await missing_attributes(client)
    if missing:
        wanted = {
            key.name: IndexedValueType.ValueType(int(key.indexed_value_type))
            for key in search_attributes.ALL
            if key.name in missing
        }
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        )
        changed.append(f"search attributes: {', '.join(missing)}")
    return changed
