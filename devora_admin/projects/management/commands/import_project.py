from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.projects.queries.imports import ImportReport, import_report
from devora_admin.projects.services import imports
from devora_admin.staff import audit


class Command(BaseCommand):
    help = "Makes a project of a folder or a zip file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")
        parser.add_argument("--user", required=True, metavar="ID", help="the customer's id")
        parser.add_argument("--name", default="", help="default: the folder's or file's name")
        parser.add_argument("--type", default="app", help="the project's type (default: app)")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["path"].absolute()
        try:
            project_id = imports.import_path(
                path,
                user_id=options["user"],
                name=options["name"] or (path.stem if path.is_file() else path.name),
                project_type=options["type"],
                actor=audit.SYSTEM,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.print_report(import_report(project_id))

    def print_report(self, report: ImportReport) -> None:
        out = self.stdout.write
        out(f"Imported {report.files} files as project {report.project_id}")
        out(f"/projects/{report.project_id}/")
        if report.skipped_count:
            out(f"Skipped {report.skipped_count}:")
        for skipped in report.skipped:
            out(f"  {skipped.name}: {skipped.reason}")
        if report.skipped_more:
            out(f"  … and {report.skipped_more} more")
