"""A vector, and whose it is. Vectors of different models are never compared."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NOTHING = 1e-9
_UNIT_WITHIN = 1e-3  # what half precision leaves of a length


class BadVector(ValueError):
    """What was given as a vector cannot stand for a text; the message says why."""


class Model(Protocol):
    """What makes vectors comparable: the same name, revision and dims."""

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def dims(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """values: float32, shape (dims,), finite, unit length, not writable. Raises BadVector."""

    name: str
    revision: str
    values: NDArray[np.float32]

    def __post_init__(self) -> None:
        _check(self.values)
        if abs(float(np.linalg.norm(self.values.astype(np.float64))) - 1) > _UNIT_WITHIN:
            raise BadVector("a vector is not of unit length")
        values = np.array(self.values, np.float32)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @classmethod
    def of(cls, model: Model, values: ArrayLike) -> "Vector":
        """`values` scaled to unit length, as a vector of `model`. Raises BadVector."""
        try:
            given = np.asarray(values, np.float64)
        except (TypeError, ValueError) as error:
            raise BadVector("a vector holds what is no number") from error
        _check(given, model.dims)
        return cls(model.name, model.revision, (given / np.linalg.norm(given)).astype(np.float32))

    @property
    def dims(self) -> int:
        return int(self.values.shape[0])

    @property
    def literal(self) -> str:
        """As pgvector reads it."""
        return "[" + ",".join(f"{number:.7g}" for number in self.values.tolist()) + "]"

    def cosine(self, other: "Vector") -> float:
        """-1..1. Raises BadVector for a vector of another model."""
        mine, theirs = ((each.name, each.revision, each.dims) for each in (self, other))
        if mine != theirs:
            raise BadVector(f"a vector of {mine} cannot be compared with one of {theirs}")
        return float(self.values @ other.values)


def _check(values: NDArray[np.floating], dims: int | None = None) -> None:
    if values.ndim != 1 or not values.size or (dims is not None and values.shape != (dims,)):
        wanted = f"{dims} numbers" if dims else "numbers in one row"
        raise BadVector(f"a vector has the shape {values.shape}, not {wanted}")
    if not np.isfinite(values).all():
        raise BadVector("a vector holds what is not finite")
    if np.abs(values).max() < _NOTHING:
        raise BadVector("a vector is zero")
