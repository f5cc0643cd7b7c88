import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.core.errors import InvalidInput
from devora_admin.staff import audit, services
from devora_admin.staff.permissions import ROLES


class Command(BaseCommand):
    help = "Makes a staff account. The password is asked for, or read from standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, choices=list(ROLES))
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = services.create_staff(
                options["email"],
                role=options["role"],
                name=options["name"],
                password=read_password(),
                actor=audit.SYSTEM,
            )
        except InvalidInput as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Made {user.email} with the role {user.role}.")


def read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password (at least 12 characters): ")
    if getpass.getpass("Again: ") != password:
        raise CommandError("The two passwords differ. Nothing was made.")
    return password
