"""The layers of the tree, held by import-linter from pyproject.toml."""

import subprocess
import sys
from pathlib import Path


def test_the_imports_hold():
    linted = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
