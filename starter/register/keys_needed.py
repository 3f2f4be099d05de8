"""Which histories still need a key of the encryption: read from the histories themselves, closed ones included."""

from temporalio.client import Client


async def histories_needing(client: Client, key_id: str, most: int = 10) -> list[str]:
    """List workflows whose history names the key, `most` of them at most; none: nothing in the namespace needs it.

    Every history is read: minutes for tens of thousands of complaints.

    Raises:
        RPCError: Temporal does not answer.

    """
    named, needing = key_id.encode(), []
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        async for event in handle.fetch_history_events():
            if named in event.SerializeToString():
                needing.append(execution.id)
                break
        if len(needing) >= most:
            break
    return needing
