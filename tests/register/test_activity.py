"""The activity `record`: what a workflow hands over is in the register when it returns."""

import pytest
import sqlalchemy as sa
from temporalio.testing import ActivityEnvironment

from activities.register.activity import Recorder
from activities.register.database import Register
from activities.register.dossiers import Dossiers
from tests.register import lives
from worker.conversion import data_converter
from workflows.messages import RecordRequest


async def test_a_dossier_that_went_through_temporal_is_recorded_and_comes_back_equal(dossiers: Dossiers) -> None:
    record = Recorder(dossiers).record
    for carried in lives.ordinary():
        sent = await data_converter.encode([RecordRequest(dossier=carried)])
        (request,) = await data_converter.decode(sent, [RecordRequest])
        await ActivityEnvironment().run(record, request)
        assert dossiers.carried(carried.reference) == carried


async def test_a_register_that_is_not_there_fails_the_attempt_and_tells_nothing_of_the_complaint(
    empty_url: str,
) -> None:
    register = Register(empty_url)
    request = RecordRequest(dossier=lives.ordinary()[0])
    with pytest.raises(sa.exc.DBAPIError) as failed:
        await ActivityEnvironment().run(Recorder(Dossiers(register)).record, request)
    assert "Martin" not in str(failed.value)
    register.close()
