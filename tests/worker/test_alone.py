"""Tests that kill workers in their transactions, in a MongoDB of their own: rolling back what was
left open interrupts whatever else waits for its confirmation there."""

import os
import subprocess
import sys

import pytest

from devora_admin.config.env import BASE_DIR

OF_THIS_RUN = ("DEVORA_TEST_RUN", "MONGO_URL", "DB_NAME", "DEVORA_DATA_DIR")


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "path", ["tests/worker/alone_exactly_once.py", "tests/versions/alone_worker.py"]
)
def test_killed_workers_lose_and_double_nothing(path: str):
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in OF_THIS_RUN and not name.startswith("PYTEST_")
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", path],
        cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=380,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
