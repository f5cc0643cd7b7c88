"""`python -m devora_admin worker`: what manage.py does, from any folder."""

import sys

from devora_admin.config.command_line import main

if __name__ == "__main__":
    main(sys.argv)
