"""What a customer's page shows of projects; that page lies in an app below this one."""

from devora_admin.projects.queries.customers import CustomerProjects, customer_projects
from devora_admin.users import panels, timeline
from devora_admin.users.panels import Can, Panel
from devora_admin.users.timeline import Names


def register() -> None:
    timeline.register_project_names(Names(collection="projects", key="id", label="name"))
    panels.register(
        Panel(
            name="projects",
            title="Newest projects",
            icon="boxes",
            order=panels.PROJECTS,
            permission="projects.view",
            template="projects/of_customer.html",
            load=_newest,
        )
    )


def _newest(customer_id: str, can: Can) -> CustomerProjects:
    return customer_projects(customer_id)
