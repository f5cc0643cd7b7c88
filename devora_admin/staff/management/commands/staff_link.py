from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from devora_admin.staff import audit, links
from devora_admin.staff.models import StaffUser


class Command(BaseCommand):
    help = "Prints a one-time link with which the owner of a staff account sets a new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--reset-second-factor",
            action="store_true",
            help="also removes the authenticator app, passkeys and recovery codes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = StaffUser.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"There is no staff account {email}.")
        path = links.recovery(
            str(user.pk), reset_second_factor=options["reset_second_factor"], actor=audit.SYSTEM
        )
        self.stdout.write(f"Good once, for 24 hours:\n{_origin()}{path}")


def _origin() -> str:
    if settings.SECURE_COOKIES:
        return f"https://{settings.ALLOWED_HOSTS[0].lstrip('.')}"
    return "http://localhost:8000"
