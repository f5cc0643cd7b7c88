"""The job that erases a customer: pass after pass, until one finds nothing more.

What was done is counted in the transaction that does it, and a pass begins with what is there, so a
worker that dies leaves nothing half counted and nothing to be taken up by hand.
"""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from pymongo.client_session import ClientSession

from devora_admin.core import chores, jobs, mongo
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.users import holdings, panels
from devora_admin.users.erasing import again, known_marks, queries, receipts, requests
from devora_admin.users.erasing.documents import ERASURES
from devora_admin.users.erasing.search import Search, Trace, deal_with
from devora_admin.users.holdings import Holding, Step
from devora_admin.users.marks import Marks
from devora_admin.users.panels import Panel

LONGEST_PAUSE_S = 5.0
_LOOK_AGAIN_EVERY = timedelta(minutes=1)


class StillWriting(Exception):
    """Something goes on writing about the customer as fast as it is erased."""


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(requests.KIND, permission="users.erase", unit="step", can_cancel=False)(_run)
    panels.register(
        Panel(
            "erasure", "Erasure", order=1, permission="users.erase", icon="trash",
            template="users/erasure_panel.html", load=_standing,
        )
    )  # fmt: skip
    chores.register(
        "look again for erased customers",
        every_s=_LOOK_AGAIN_EVERY.total_seconds(),
        run=again.look_again,
    )


def _standing(user_id: str, can: panels.Can) -> queries.Standing | None:
    return queries.standing(user_id)


def _run(job: Job) -> Iterator[ItemResult | None]:
    erasure_id = job.params["erasure"]
    while True:
        found = mongo.database()[ERASURES].find_one_and_update(
            {"_id": erasure_id, "state": "running"}, {"$inc": {"passes": 1}}
        )
        if found is None:
            return
        number = found["passes"] + 1
        if number > found["pass_limit"]:
            raise StillWriting("Something goes on writing about this customer. Try again later.")
        yield from _waiting(number - found["pass_limit"] + requests.MOST_PASSES)
        one = _Pass(erasure_id, number)
        try:
            yield from one.run(found["customer_id"], found["customer_ids"])
        except jobs.NotNow:  # no fault of whoever is erased
            more = {"$inc": {"pass_limit": 1}}
            mongo.database()[ERASURES].update_one({"_id": erasure_id}, more)
            raise
        if not one.erased and not one.left:
            receipts.finish(erasure_id, one.search)
            yield ItemResult(f"{number:03}-end", "Receipt", "done")
            return


def _waiting(number: int) -> Iterator[None]:
    """Longer before each pass from the third on: whatever writes may come to its own end."""
    until = time.monotonic() + (min(LONGEST_PAUSE_S, 2.0 ** (number - 5)) if number > 2 else 0)
    while time.monotonic() < until:
        time.sleep(0.1)
        yield None


class _Pass:
    def __init__(self, erasure_id: str, number: int) -> None:
        self.id, self.number = erasure_id, number
        self.erased = 0
        self.left = 0
        self.search = Search()

    def run(self, customer_id: str, customer_ids: list[str]) -> Iterator[ItemResult | None]:
        marks = known_marks.update(self.id, customer_id, customer_ids)
        requests.bar(list(marks.ids), self.id)
        yield None
        if self.number == 1:
            self._expect(marks)
        else:
            _elsewhere(marks)  # a store that is still away is not waited for with a search
        for place, holding in enumerate(holdings.registered()):
            before = self.erased
            yield from self._empty(holding, marks)
            if self.number == 1 or self.erased > before:
                yield self._noted(f"{place:02}", holding.label, self.erased - before)
        before = self.erased
        yield from self._search(marks)
        self.left += _elsewhere(marks)
        yield self._noted("99", "Search of everything", self.erased - before)

    def _noted(self, place: str, label: str, erased: int) -> ItemResult:
        times = "" if self.number == 1 else f" (pass {self.number})"
        detail = f"{erased:,} documents" if erased != 1 else "1 document"
        return ItemResult(f"{self.number:03}-{place}", label + times, "done", detail)

    def _empty(self, holding: Holding, marks: Marks) -> Iterator[None]:
        for step in holding.erase(marks):
            self.erased += self._counted(holding.name, step)
            yield None

    def _search(self, marks: Marks) -> Iterator[None]:
        for trace in self.search.traces(marks):
            if trace is not None:
                done = self._counted("found", _dealing_with(trace, marks))
                self.erased += done
                self.left += not done  # gone meanwhile, or not to be got at: the next pass tells
            yield None

    def _counted(self, name: str, step: Step) -> int:
        def work(session: ClientSession) -> int:
            number = step(session)
            if number:
                mongo.database()[ERASURES].update_one(
                    {"_id": self.id}, {"$inc": {f"counts.{name}": number}}, session=session
                )
            return number

        return mongo.run_in_transaction(work)

    def _expect(self, marks: Marks) -> None:
        """How much there is to do, for the bar that shows how far it is."""
        expected: dict[str, Any] = {each.name: each.count(marks) for each in holdings.registered()}
        mongo.database()[ERASURES].update_one(
            {"_id": self.id, "expected": None}, {"$set": {"expected": expected}}
        )


def _elsewhere(marks: Marks) -> int:
    """Raises NotNow."""
    return sum(each.find_elsewhere(marks) for each in holdings.registered() if each.find_elsewhere)


def _dealing_with(trace: Trace, marks: Marks) -> Step:
    return lambda session: deal_with(trace, marks, session)
