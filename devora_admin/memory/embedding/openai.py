"""Any endpoint in the format of OpenAI's embeddings, by its SDK."""

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from devora_admin.memory.embedding.interface import EmbedderUnavailable, check_texts
from devora_admin.memory.embedding.vector import BadVector, Vector

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import CreateEmbeddingResponse

TIMEOUT_S = 20.0
RETRIES = 1  # by the SDK, when nobody waits; after that the queue of texts has its own patience
MOST_TEXTS = 64  # of one request
MOST_CHARACTERS = 200_000  # of one request
READ_CHARACTERS = 8_000  # of one text
SHORTEST_CHARACTERS = 250


class _Refused(Exception):
    """The endpoint takes no such request: a text may be too long, or they may be too many."""


class OpenAICompatible:
    """model: the endpoint's name of it; what follows an @ is our revision and stays here."""

    def __init__(self, url: str, model: str, *, dims: int, api_key: str) -> None:
        name, _, revision = model.rpartition("@")
        self.name, self.revision = (name, revision) if name else (model, "1")
        self.dims = dims
        self._url = url
        self._api_key = api_key
        self._making = threading.Lock()
        self._client: OpenAI | None = None
        self._trouble = ""

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> list[Vector]:
        check_texts(texts)
        try:
            vectors = [
                vector for part in _parts(texts) for vector in self._embed_part(part, timeout_s)
            ]
        except EmbedderUnavailable as error:
            self._trouble = str(error)
            raise
        self._trouble = ""
        return vectors

    def warm(self) -> None:
        self._connected()

    def trouble(self) -> str:
        """What the last request of this process met."""
        return self._trouble

    def _embed_part(self, texts: list[str], timeout_s: float | None) -> list[Vector]:
        try:
            return self._read(self._ask(texts, timeout_s), len(texts))
        except _Refused as refusal:
            if len(texts) > 1:
                half = len(texts) // 2
                return [
                    *self._embed_part(texts[:half], timeout_s),
                    *self._embed_part(texts[half:], timeout_s),
                ]
            if len(texts[0]) >= 2 * SHORTEST_CHARACTERS:
                return self._embed_part([texts[0][: len(texts[0]) // 2]], timeout_s)
            raise _unavailable(f"refuses requests ({refusal})") from None

    def _ask(self, texts: list[str], timeout_s: float | None) -> "CreateEmbeddingResponse":
        """Errors are raised from None: those of the SDK quote answers, which may quote the key."""
        import openai

        client = self._connected()
        if timeout_s is not None:  # somebody waits
            client = client.with_options(timeout=timeout_s, max_retries=0)
        try:
            return client.embeddings.create(model=self.name, input=texts)
        except openai.APIStatusError as error:
            if error.status_code in (400, 413, 422):
                raise _Refused(f"status {error.status_code}") from None
            told = _STATUS.get(error.status_code, f"answers with status {error.status_code}")
            raise _unavailable(told) from None
        except openai.APITimeoutError:
            raise _unavailable(f"did not answer within {timeout_s or TIMEOUT_S:g} s") from None
        except openai.APIConnectionError:
            raise _unavailable("cannot be reached: check EMBEDDING_URL") from None
        except Exception:  # the SDK lets out whatever an answer of another shape breaks
            raise _unavailable("does not answer in OpenAI's format") from None

    def _read(self, answer: "CreateEmbeddingResponse", wanted: int) -> list[Vector]:
        try:
            found = {int(each.index): each.embedding for each in answer.data}
        except (AttributeError, TypeError, ValueError):
            raise _unavailable("does not answer in OpenAI's format") from None
        if len(answer.data) != wanted or found.keys() != set(range(wanted)):
            raise _unavailable(
                f"gave {len(answer.data)} vectors, not one for each of {wanted} texts"
            )
        try:
            return [Vector.of(self, found[number]) for number in range(wanted)]
        except BadVector as error:
            raise _unavailable(f"gave no usable vector ({error}): check EMBEDDING_DIMS") from None

    def _connected(self) -> "OpenAI":
        with self._making:
            if self._client is None:
                from openai import Omit, OpenAI

                # Only what was given is sent: OPENAI_ORG_ID and the like are another program's.
                others: dict[str, Any] = dict.fromkeys(
                    ("OpenAI-Organization", "OpenAI-Project"), Omit()
                )
                self._client = OpenAI(
                    base_url=self._url,
                    api_key=self._api_key or "none",
                    timeout=TIMEOUT_S,
                    max_retries=RETRIES,
                    default_headers=others,
                )
            return self._client


_STATUS = {
    401: "refuses the key: check EMBEDDING_API_KEY",
    403: "refuses the key: check EMBEDDING_API_KEY",
    404: "knows no such model or path: check EMBEDDING_MODEL and EMBEDDING_URL",
    429: "asks for fewer requests, or its quota is used up",
}


def _unavailable(what: str) -> EmbedderUnavailable:
    return EmbedderUnavailable(
        f"The embedding endpoint {what}. Words still search; vectors follow once it answers."
    )


def _parts(texts: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    size = 0
    for text in texts:
        text = text[:READ_CHARACTERS].encode("utf-8", "replace").decode()
        if part and (len(part) == MOST_TEXTS or size + len(text) > MOST_CHARACTERS):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part
