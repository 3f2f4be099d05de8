"""Puts a person in charge: the directory's choice, by the load that the register knows."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.assign.absences import away
from activities.assign.directory import choose
from activities.assign.workload import Workload
from activities.firm.schema import Firm
from activities.register.assignments import Assignments
from workflows.messages import ASSIGN_CONTACT, Assignment, AssignRequest
from workflows.procedure.vocabulary import Party

_log = logging.getLogger(__name__)


class Assigner:
    """Proposes the person in charge. `firm_source` is asked at every call: an absence just entered counts.

    When the register does not answer within `patience`, the load is what `workload` knows: a poorer balance is better
    than a complaint without a contact.
    """

    def __init__(
        self,
        firm_source: Callable[[], Firm],
        assignments: Assignments,
        workload: Workload,
        threads: Executor | None = None,
        *,
        patience: timedelta = timedelta(seconds=5),
    ) -> None:
        """`threads` wait for the register; one is enough, since choices are made one after the other."""
        self._firm_source = firm_source
        self._assignments = assignments
        self._workload = workload
        self._threads = threads
        self._patience = patience.total_seconds()

    @activity.defn(name=ASSIGN_CONTACT)
    async def assign_contact(self, request: AssignRequest) -> Assignment:
        """Propose a person able to handle the level and present on `on` (a Paris civil date), and count the complaint.

        Asked again the same, it proposes the same person. Raises nothing for want of a person: the assignment then says
        why, in the language of the staff.
        """
        firm = self._firm_source()
        gone = {each for each, gap in away(firm, request.on).items() if gap.long} if request.keep else set()

        def chosen(load: Mapping[str, int], answered: str | None = None) -> Assignment:
            return choose(request, firm.people, load, firm.staff_language, answered=answered, relieved=gone)

        question = hashlib.sha256(request.model_dump_json().encode()).hexdigest()  # it may hold a name
        ask = (request.reference, question, activity.info().started_time, chosen)
        try:
            async with asyncio.timeout(self._patience):
                assignment = await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._assignments.assign, *ask
                )
        except (SQLAlchemyError, TimeoutError) as error:
            why = type(error).__name__
            _log.warning("The register does not answer (%s): the load is what Temporal shows.", why)
            ours = [person.id for person in firm.people if person.party is Party.BROKER]
            assignment = chosen(await self._workload.of(ours))
        if assignment.contact is not None:
            self._workload.add(assignment.contact.id)
        return assignment
