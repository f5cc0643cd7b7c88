"""What a customer's page shows of projects; that page lies in an app below this one."""

from devora_admin.projects.queries.customers import PROJECTS, newest_of, newest_stages
from devora_admin.users import panels, timeline
from devora_admin.users.panels import Panel, Reads
from devora_admin.users.timeline import Names


def register() -> None:
    timeline.register_project_names(Names(collection=PROJECTS, key="id", label="name"))
    panels.register(
        Panel(
            name="projects",
            title="Newest projects",
            icon="boxes",
            order=panels.PROJECTS,
            permission="projects.view",
            template="projects/of_customer.html",
            reads=Reads(PROJECTS, newest_stages, lambda rows, can: newest_of(rows)),
        )
    )
