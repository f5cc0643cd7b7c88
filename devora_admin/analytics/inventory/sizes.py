"""In which steps sizes are told."""

from bisect import bisect_right
from dataclasses import dataclass

KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class Steps:
    """Each from its bound up to the next."""

    bounds: tuple[int, ...]
    """The first is 0."""
    labels: tuple[str, ...]

    def step_of(self, number: int) -> int:
        return bisect_right(self.bounds, number) - 1

    def between(self, step: int) -> tuple[int, int | None]:
        """The first number of a step, and that of the next; None after the last."""
        following = self.bounds[step + 1] if step + 1 < len(self.bounds) else None
        return self.bounds[step], following


BYTES = Steps(
    (0, 10 * KB, 100 * KB, MB, 4 * MB, 8 * MB, 12 * MB),
    ("under 10 KB", "10 to 100 KB", "100 KB to 1 MB", "1 to 4 MB", "4 to 8 MB", "8 to 12 MB",
     "12 MB and more"),
)  # fmt: skip
FILE_COUNTS = Steps(
    (0, 1, 10, 50, 200, 1000),
    ("none", "1 to 9", "10 to 49", "50 to 199", "200 to 999", "1,000 and more"),
)
