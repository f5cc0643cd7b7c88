from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import DomainError
from devora_admin.staff import audit
from devora_admin.support.api import clients


class Command(BaseCommand):
    help = "Makes, lists and revokes tokens of programs that use the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token, which is printed this once")
        create.add_argument("name")
        create.add_argument("--scope", action="append", required=True, choices=list(clients.SCOPES))
        verbs.add_parser("list", help="who has a token")
        verbs.add_parser("revoke", help="end a token at once").add_argument("id")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _create(self, options: dict[str, Any]) -> None:
        made, token = clients.create_client(
            options["name"], scopes=options["scope"], actor=audit.SYSTEM
        )
        self.stderr.write(f"{made.name} has the id {made.id}. Its token is shown this once:")
        self.stdout.write(token)

    def _list(self, options: dict[str, Any]) -> None:
        for each in clients.every_client():
            state = f"revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else "in use"
            scopes = ", ".join(sorted(each.scopes))
            self.stdout.write(f"{each.id}  {each.name}  {scopes}  {state}")

    def _revoke(self, options: dict[str, Any]) -> None:
        clients.revoke_client(options["id"], actor=audit.SYSTEM)
        self.stdout.write("Revoked. The next request with it is refused.")
