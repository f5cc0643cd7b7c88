"""Numbers of a project's versions, for apps above that refer to one."""

from devora_admin.versions.documents import heads, versions


def newest(project_id: str) -> int | None:
    """Open or sealed; None while nothing is known of the project. Two round trips."""
    of_project = {"project_id": {"$eq": project_id}}
    sealed = versions().find_one(of_project, {"number": 1}, sort=[("number", -1)])
    head = heads().find_one(of_project, {"open.number": 1}) or {}
    found = [row["number"] for row in (sealed, head.get("open")) if row and "number" in row]
    return max(found, default=None)


def is_known(project_id: str, number: int) -> bool:
    """Whether there is such a version."""
    of_project = {"project_id": {"$eq": project_id}}
    if versions().find_one({**of_project, "number": number}, {"_id": 1}) is not None:
        return True
    return heads().find_one({**of_project, "open.number": number}, {"_id": 1}) is not None
