"""Projects that have something in common which a higher app knows of."""

from devora_admin.core.listing.groups import Groups

PROJECTS = Groups("projects")
