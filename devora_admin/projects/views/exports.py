"""A project as a download."""

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from devora_admin.projects.archives.zip_writer import file_stem, zip_chunks
from devora_admin.projects.queries.export import project_files
from devora_admin.staff.permissions import staff_can


@staff_can("projects.export")
@require_safe
def export_zip(request: HttpRequest, project_id: str) -> StreamingHttpResponse:
    project = project_files(project_id)
    stem = file_stem(project.name)
    response = StreamingHttpResponse(
        zip_chunks(project.files, folder=stem), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="{stem}.zip"'
    return response
