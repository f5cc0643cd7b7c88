"""What every provider is to the rest of memory."""

from collections.abc import Sequence
from typing import Protocol

from devora_admin.memory.embedding.vector import BadVector, Model, Vector
from devora_admin.memory.words import says_something


class EmbedderUnavailable(Exception):
    """No vectors for now; the message tells a person why and what to do. Words still search."""


class SomeBad(BadVector):
    """No vector for some of the texts. made: for each text its vector, or why it has none."""

    def __init__(self, made: Sequence[Vector | BadVector]) -> None:
        super().__init__(next(str(each) for each in made if isinstance(each, BadVector)))
        self.made = made


class Embedder(Model, Protocol):
    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> list[Vector]:
        """One vector for each text, in their order, whatever its neighbours are.

        texts: each must say something (`words.says_something`), else ValueError. Only what the
        model can read of a long one counts. timeout_s: for a person who waits for an embedder
        elsewhere. Raises EmbedderUnavailable, and BadVector where it is a text's fault, as SomeBad
        when it is known whose; safe in several threads.
        """

    def warm(self) -> None:
        """Load what the first text would load. Raises EmbedderUnavailable."""

    def trouble(self) -> str:
        """Why it cannot embed, as far as is known without trying; "" when nothing is."""


def check_texts(texts: Sequence[str]) -> None:
    for text in texts:
        if not says_something(text):
            raise ValueError("a text to embed says nothing")
