"""The queries that the docs tell operators to save are understood by the real server, and find what they say."""

import asyncio
import re
from pathlib import Path

from tests.stage import Stage

_PAGE = Path(__file__).parents[2] / "docs" / "temporal-ui.md"


async def test_the_queries_worth_saving_are_understood(stage: Stage) -> None:
    rows = re.findall(r"^\| ([^|]+) \| `([^`]+)` \|$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) >= 8
    for _, query in rows:
        await stage.environment.client.count_workflows(query)


async def test_a_refusal_is_found_by_its_view(stage: Stage) -> None:
    told = await stage.opens(source="lawyer")
    await told.signal("response_given", {})
    await told.settled()
    query = f"WorkflowId = '{told.reference}' AND NeedsAttention = true AND ComplaintLevel = '2b' AND Refused > 0"
    for _ in range(200):
        found = await stage.environment.client.count_workflows(query)
        if found.count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("visibility does not show it")
