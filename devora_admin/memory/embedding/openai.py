"""Any endpoint in the format of OpenAI's embeddings, by its SDK."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from devora_admin.memory.embedding.interface import EmbedderUnavailable, SomeBad, check_texts
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
_REFUSALS = (400, 413, 422, 500)
"""A text may be too long, or they may be too many; servers fail on one they cannot embed, too."""
_HARMLESS = "text"


class _Refused(Exception):
    """The endpoint makes nothing usable of such a request; the message says how."""

    def __init__(self, what: str, *, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint
        """What to look at when that is so of everything."""


@dataclass(slots=True)
class _Call:
    """A call of `embed`, of as many requests as it takes."""

    timeout_s: float | None
    is_well: bool = False
    """The endpoint made a vector of something: what it refuses is a fault of the text."""


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
        call = _Call(timeout_s)
        try:
            made = [each for part in _parts(texts) for each in self._embed_part(part, call)]
        except EmbedderUnavailable as error:
            self._trouble = str(error)
            raise
        self._trouble = ""
        vectors = [each for each in made if isinstance(each, Vector)]
        if len(vectors) < len(made):
            raise SomeBad(made)
        return vectors

    def warm(self) -> None:
        self._connected()

    def trouble(self) -> str:
        """What the last request of this process met."""
        return self._trouble

    def _embed_part(self, texts: list[str], call: _Call) -> list[Vector | BadVector]:
        try:
            vectors = self._asked(texts, call)
        except _Refused as refusal:
            self._make_sure(call, refusal)
            if len(texts) > 1:
                half = len(texts) // 2
                return [
                    *self._embed_part(texts[:half], call),
                    *self._embed_part(texts[half:], call),
                ]
            if len(texts[0]) >= 2 * SHORTEST_CHARACTERS:
                return self._embed_part([texts[0][: len(texts[0]) // 2]], call)
            return [BadVector(f"the embedding endpoint {refusal}")]
        return [*vectors]

    def _make_sure(self, call: _Call, refusal: _Refused) -> None:
        """That it is not the endpoint which refuses everything. Raises EmbedderUnavailable."""
        if call.is_well:
            return
        try:
            self._asked([_HARMLESS], call)
        except _Refused:
            raise _unavailable(f"{refusal}{refusal.hint}") from None

    def _asked(self, texts: list[str], call: _Call) -> list[Vector]:
        vectors = self._read(self._ask(texts, call.timeout_s), len(texts))
        call.is_well = True
        return vectors

    def _ask(self, texts: list[str], timeout_s: float | None) -> "CreateEmbeddingResponse":
        """Errors are raised from None: those of the SDK quote answers, which may quote the key."""
        import openai

        client = self._connected()
        if timeout_s is not None:  # somebody waits
            client = client.with_options(timeout=timeout_s, max_retries=0)
        try:
            return client.embeddings.create(model=self.name, input=texts)
        except openai.APIStatusError as error:
            if error.status_code in _REFUSALS:
                raise _Refused(f"refuses requests (status {error.status_code})") from None
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
            told = f"gave no usable vector ({error})"
            raise _Refused(told, hint=": check EMBEDDING_DIMS") from None

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
