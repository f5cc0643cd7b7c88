from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.api import clients, rates
from devora_admin.api.operations import every_scope
from devora_admin.core.errors import DomainError
from devora_admin.staff import audit


class Command(BaseCommand):
    help = "Makes, lists and revokes tokens of programs that use the API, and sets their rates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token, which is printed this once")
        create.add_argument("name")
        create.add_argument("--scope", action="append", required=True, choices=list(every_scope()))
        _rate(create, "--per-minute", default=rates.PER_MINUTE)
        verbs.add_parser("list", help="who has a token")
        rate = verbs.add_parser("rate", help="set how often a program may ask")
        rate.add_argument("id")
        _rate(rate, "per_minute")
        verbs.add_parser("revoke", help="end a token at once").add_argument("id")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _create(self, options: dict[str, Any]) -> None:
        made, token = clients.create_client(
            options["name"],
            scopes=options["scope"],
            actor=audit.SYSTEM,
            per_minute=options["per_minute"],
        )
        self.stderr.write(f"{made.name} has the id {made.id}. Its token is shown this once:")
        self.stdout.write(token)

    def _list(self, options: dict[str, Any]) -> None:
        for each in clients.every_client():
            state = f"revoked {each.revoked_at:%Y-%m-%d}" if each.revoked_at else "in use"
            scopes = ", ".join(sorted(each.scopes))
            self.stdout.write(
                f"{each.id}  {each.name}  {scopes}  {each.per_minute} a minute  {state}"
            )

    def _rate(self, options: dict[str, Any]) -> None:
        clients.set_rate(options["id"], options["per_minute"], actor=audit.SYSTEM)
        self.stdout.write(f"It may ask {options['per_minute']} times a minute from now on.")

    def _revoke(self, options: dict[str, Any]) -> None:
        clients.revoke_client(options["id"], actor=audit.SYSTEM)
        self.stdout.write("Revoked. The next request with it is refused.")


def _rate(parser: ArgumentParser, name: str, **more: Any) -> None:
    parser.add_argument(name, type=int, help="requests a minute", **more)
