"""Everything that is measured of memory, smallest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from devora_admin.ops.benchmarks.memory import closeness, database, known, relevance, throughput
from devora_admin.ops.benchmarks.report import Report, Section

_LEAST_EMBEDDED = 150


@dataclass(frozen=True, slots=True)
class Sizes:
    chunks: int = 20_000
    """To be searched."""
    functions: int = 2_000
    """Of real code: embedded, and what the chunks are made of."""
    questions: int = 200

    @property
    def databases(self) -> tuple[str, str]:
        """Of what is small and made anew each time, and of the chunks, which stay."""
        name = settings.MONGO_DB_NAME
        return f"{name}_small", f"{name}_{self.chunks}"


def sections(sizes: Sizes, report: Report) -> Iterator[Section]:
    corpus = known.corpus(sizes.functions, report)
    small, large = sizes.databases
    with database.own(small):
        embedded = max(_LEAST_EMBEDDED, sizes.functions // 4)
        yield throughput.section(
            corpus.functions, corpus.embedder, embedded=embedded, report=report
        )
        yield relevance.section(corpus, questions=3 * sizes.questions, report=report)
    with database.own(large):
        yield from closeness.sections(
            corpus, chunks=sizes.chunks, questions=sizes.questions, report=report
        )


def drop(sizes: Sizes) -> None:
    for name in sizes.databases:
        database.drop(name)
