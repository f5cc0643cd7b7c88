"""The layers of the tree, held by import-linter from pyproject.toml."""

import subprocess
import sys


def test_the_imports_hold():
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as m; m()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout
