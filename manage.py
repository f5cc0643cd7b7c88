#!/usr/bin/env python3
"""Run a command: `manage.py serve --demo`, `manage.py help`."""

import sys

# Syntax that older Pythons can read, so that they get to say this.
if sys.version_info < (3, 11):  # noqa: UP036
    found = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.exit("Devora Admin needs Python 3.11 or newer, and this is Python " + found + ".")

try:
    from devora_admin.config.command_line import main
except ImportError as error:
    if error.name not in ("devora_admin", "django"):
        raise
    sys.exit("Devora Admin is not installed here: run pip install -e . with this Python first.")

if __name__ == "__main__":
    main(sys.argv)
