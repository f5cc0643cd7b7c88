"""Customers of known sizes and what they have: pieces of real code, a project from one place of the
corpus each, so that what a customer has belongs together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from devora_admin.ops.benchmarks.memory.corpus import Function
from devora_admin.ops.benchmarks.memory.filling import Row

SIZES = {50: 40, 500: 20, 5_000: 4, 50_000: 1}
"""How many customers have so many chunks, at most."""
_OF_PROJECT = 100
_MOST_OF_A_SIZE = 0.26
"""Of all chunks, those of customers of one size; others have the rest."""


@dataclass(frozen=True, slots=True)
class Piece:
    row: Row
    anchor: int
    """Place in the corpus of the function that it is made of."""


@dataclass(frozen=True, slots=True)
class World:
    """chunks: in all. Iterating gives the same pieces each time."""

    functions: Sequence[Function]
    chunks: int

    @property
    def sizes(self) -> dict[int, list[str]]:
        """Ids of customers by how many chunks they have."""
        fitting = {
            size: min(count, int(self.chunks * _MOST_OF_A_SIZE) // size)
            for size, count in SIZES.items()
        }
        return {
            size: [f"customer-{size}-{number}" for number in range(count)]
            for size, count in fitting.items()
            if count
        }

    def __iter__(self) -> Iterator[Piece]:
        random = Random(1)
        projects = list(self._projects(random))
        random.shuffle(projects)  # as they come about over the years
        for number, (user_id, size) in enumerate(projects):
            start = random.randrange(len(self.functions))
            for place in range(size):
                yield self._piece(random, user_id, f"project-{number}", start + place)

    def _projects(self, random: Random) -> Iterator[tuple[str, int]]:
        left = self.chunks
        wanted = [(user, size) for size, users in self.sizes.items() for user in users]
        for user_id, size in wanted:
            left -= size
            yield from _in_projects(user_id, size)
        number = 0
        while left > 0:
            size = min(left, max(20, int(random.lognormvariate(5.3, 1))))
            left -= size
            yield from _in_projects(f"customer-{number}", size)
            number += 1

    def _piece(self, random: Random, user_id: str, project_id: str, place: int) -> Piece:
        """A function, and lines of another, so that no two texts are the same."""
        anchor = place % len(self.functions)
        function, other = self.functions[anchor], random.choice(self.functions)
        lines = other.text.split("\n")
        start = random.randrange(len(lines))
        text = f"{function.text}\n" + "\n".join(lines[start : start + len(lines) // 2 + 1])
        row = Row(user_id, project_id, function.path, function.symbol, function.line, text)
        return Piece(row, anchor)


def _in_projects(user_id: str, size: int) -> Iterator[tuple[str, int]]:
    while size > 0:
        yield user_id, min(size, _OF_PROJECT)
        size -= _OF_PROJECT
