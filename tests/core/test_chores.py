"""Chores run when they are due, and one that fails keeps none from running."""

from collections.abc import Iterator

import pytest
from pymongo.errors import AutoReconnect

from devora_admin.core import chores


@pytest.fixture
def registered() -> Iterator[dict[str, chores.Chore]]:
    before = dict(chores._CHORES)
    chores._CHORES.clear()
    yield chores._CHORES
    chores._CHORES.clear()
    chores._CHORES.update(before)


def test_a_chore_runs_at_once_and_then_when_its_time_has_come(registered):
    ran: list[str] = []
    chores.register("often", every_s=0, run=lambda: ran.append("often"))
    chores.register("hourly", every_s=3600, run=lambda: ran.append("hourly"))
    rota = chores.Rota()
    rota.run_due()
    rota.run_due()
    assert (ran.count("often"), ran.count("hourly")) == (2, 1)


def test_a_chore_that_fails_is_logged_and_the_others_run(registered, caplog):
    ran: list[str] = []
    chores.register("broken", every_s=60, run=lambda: 1 / 0)
    chores.register("well", every_s=60, run=lambda: ran.append("well"))
    chores.Rota().run_due()
    assert ran == ["well"]
    assert "broken" in caplog.text


def test_a_store_that_is_away_is_told_to_the_worker(registered):
    def away() -> None:
        raise AutoReconnect("away")

    chores.register("away", every_s=60, run=away)
    with pytest.raises(AutoReconnect):
        chores.Rota().run_due()
