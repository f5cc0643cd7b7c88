"""What stands beside an issue of its customer, its project, and of issues like it."""

from devora_admin.support import page_parts
from devora_admin.support.context.customer import customer_brief
from devora_admin.support.page_parts import Part


def register() -> None:
    """Called once, when the app is ready."""
    page_parts.register(
        Part(
            name="customer", title="Customer", icon="person-vcard", order=page_parts.CUSTOMER,
            permission="users.view", template="support/context_customer.html",
            load=customer_brief,
        )
    )  # fmt: skip
    page_parts.register(
        Part(
            name="project", title="Project", icon="boxes", order=page_parts.PROJECT,
            permission="projects.view", url_name="support:project",
        )
    )  # fmt: skip
    page_parts.register(
        Part(
            name="similar", title="Solved before", icon="life-preserver",
            order=page_parts.SIMILAR, permission="issues.view", url_name="support:similar",
        )
    )  # fmt: skip
