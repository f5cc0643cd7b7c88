import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from pymongo.errors import PyMongoError

from devora_admin.core import mongo
from devora_admin.projects.moving import run
from devora_admin.projects.moving.drop import Dropped
from devora_admin.projects.moving.run import Moved, Phase
from devora_admin.projects.moving.verify import Verified

_REPORT_EVERY_S = 2.0


class Command(BaseCommand):
    help = "Moves the deprecated collection “conversations” into the projects; run again to go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would happen")
        parser.add_argument(
            "--drop",
            action="store_true",
            help="move nothing; delete old documents whose move was verified, once more compared",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._phase, self._start, self._told = "", 0.0, 0.0
        try:
            self._run(is_drop=options["drop"], is_rehearsal=options["dry_run"])
        except PyMongoError as error:
            if not mongo.is_unavailable(error):
                raise
            raise CommandError(
                "MongoDB does not answer. What was done is done whole; run this again to go on."
            ) from error

    def _run(self, *, is_drop: bool, is_rehearsal: bool) -> None:
        if is_drop:
            dropped = run.drop_all(report=self._progress, is_rehearsal=is_rehearsal)
            self._write(_of_drop(dropped, is_rehearsal=is_rehearsal))
            _fail_on(dropped.faults)
            return
        if is_rehearsal:
            self._write(_of_move(run.rehearse(report=self._progress), is_rehearsal=True))
            return
        moved = run.migrate(report=self._progress)
        self._write(_of_move(moved, is_rehearsal=False))
        self._write(_of_verifying(moved.verified))
        _fail_on(moved.verified.faults)

    def _write(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _progress(self, phase: Phase, seen: int, total: int) -> None:
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._start, self._told = phase, now, now
        if now - self._told < _REPORT_EVERY_S:
            return
        self._told = now
        rate = seen / (now - self._start)
        left = f", about {max(0, total - seen) / rate:,.0f} s left" if rate else ""
        line = f"… {phase}: {seen:,} of {max(seen, total):,}, {rate:,.0f} a second{left}"
        self.stderr.write(line)


def _of_move(found: Moved, *, is_rehearsal: bool) -> list[str]:
    verb = "would be moved" if is_rehearsal else "moved"
    lines = [
        f"{found.conversations:,} old conversations with {found.messages:,} messages "
        f"({_size(found.size_bytes)}) {verb} into {found.projects:,} projects."
    ]
    if found.archived:
        lines.append(
            f"In {found.overflowing:,} of them the earliest {found.archived:,} messages do not fit "
            f"and {'would go' if is_rehearsal else 'went'} into {found.parts:,} parts of "
            "conversation_archive."
        )
    for reason, stays in sorted(found.left.items()):
        named = f" Such as _id {', '.join(stays.some)}." if stays.some else ""
        lines.append(f"Left as they are, {stays.count:,}: {reason}{named}")
    return lines


def _of_verifying(found: Verified) -> list[str]:
    lines = [f"{found.conversations:,} moves verified by count and digest."]
    if found.gone:
        lines.append(f"{found.gone:,} moves cannot be verified: their projects are gone.")
    return lines + _of_faults(found.faults)


def _of_drop(found: Dropped, *, is_rehearsal: bool) -> list[str]:
    verb = "would be deleted" if is_rehearsal else "deleted"
    lines = [
        f"{found.documents:,} old documents with {found.messages:,} messages "
        f"({_size(found.size_bytes)}) {verb}; each is where it was moved to, to the byte."
    ]
    lines += [f"Left, {number:,}: {reason}." for reason, number in sorted(found.left.items())]
    return lines + _of_faults(found.faults)


def _of_faults(faults: dict[str, list[str]]) -> list[str]:
    return [
        f"NOT AS MOVED: project {project_id}: {fault}"
        for project_id, found in sorted(faults.items())
        for fault in found
    ]


def _fail_on(faults: dict[str, list[str]]) -> None:
    if faults:
        raise CommandError(
            f"{sum(map(len, faults.values())):,} moves failed verification. Their old documents "
            "are kept; compare them with the projects named above."
        )


def _size(size_bytes: int) -> str:
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:,.1f} KB"
    return f"{size_bytes / 1_000_000:,.1f} MB"
