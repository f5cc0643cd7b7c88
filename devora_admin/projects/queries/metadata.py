"""A project's metadata as a typed tree, and one value of it for a form."""

from dataclasses import dataclass

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import Element
from devora_admin.core.values import ejson, tree
from devora_admin.core.values.paths import EMPTY, Path
from devora_admin.projects.documents import projects
from devora_admin.projects.queries.detail import ProjectHeader, header_of, read_project

NAME = "metadata"


@dataclass(frozen=True, slots=True)
class MetadataPage:
    header: ProjectHeader
    tree: tree.Tree


def metadata_page(project_id: str, *, path: Path = (), first: int = 0) -> MetadataPage:
    """The tree below `path`, its own children from number `first` on. Raises NotFound."""
    header = header_of(read_project(project_id))
    shown = tree.tree(metadata(project_id), name=NAME, path=path, first=first)
    return MetadataPage(header, shown)


def metadata_value(project_id: str, path: Path) -> tree.FormValue:
    """Raises NotFound when there is no such place."""
    return tree.form_value(metadata(project_id), path, name=NAME)


def metadata_text(project_id: str) -> str:
    """The metadata as readable Extended JSON."""
    return ejson.dumps(ejson.readable(metadata(project_id)))


def metadata(project_id: str) -> Element:
    """As it is stored. Raises NotFound when there is no such project."""
    collection = projects().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"id": project_id}, {"_id": 0, NAME: 1})
    if found is None:
        raise NotFound("project", project_id)
    [root] = raw_bson.elements(bytes(found.raw)) or [EMPTY]
    return root
