"""What only the warehouse needs, imported once it is used: most deployments have none."""

import importlib
from typing import Any

from devora_admin.core.errors import DomainError


class NotInstalled(DomainError):
    """A package of the extra `warehouse` is missing."""


def needed(module: str) -> Any:
    """Raises NotInstalled, which says what to do."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        name = module.partition(".")[0].replace("_", "-")
        raise NotInstalled(
            f'{name} is not installed. Install it with: pip install -e ".[warehouse]"'
        ) from error
