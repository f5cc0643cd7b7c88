from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devora_admin.ops import demo
from devora_admin.ops.demo.seeding import DEFAULT_PROJECTS, DEFAULT_SEED


class Command(BaseCommand):
    help = "Puts demo customers and projects into the database; run again, it adds what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--projects", type=int, default=DEFAULT_PROJECTS)
        parser.add_argument("--customers", type=int, default=0, help="default: one per 10 projects")
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument("--small", action="store_true", help="projects of about 400 bytes")
        parser.add_argument("--force", action="store_true", help="also beside real data")

    def handle(self, *args: Any, **options: Any) -> None:
        plan = demo.Plan(
            projects=options["projects"],
            customers=options["customers"],
            seed=options["seed"],
            small=options["small"],
        )
        try:
            added = demo.seed(plan, report=self.stdout.write, force=options["force"])
        except demo.NotOurs as error:
            raise CommandError(str(error)) from error
        if not added:
            self.stdout.write(f"All {plan.projects:,} projects are there already.")
