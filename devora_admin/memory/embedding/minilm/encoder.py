"""Texts to vectors with onnxruntime and the model's own tokenizer."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from devora_admin.memory.embedding.interface import EmbedderUnavailable, check_texts
from devora_admin.memory.embedding.minilm import recipe, unknown
from devora_admin.memory.embedding.minilm.files import ModelFiles
from devora_admin.memory.embedding.vector import Vector
from devora_admin.memory.words import split_identifiers

if TYPE_CHECKING:
    from tokenizers import Encoding

_THREADS = min(2, os.cpu_count() or 1)  # others want to work on this machine too
_READ_CHARACTERS = 20_000  # far more than MAX_TOKENS; a text of megabytes is not even tokenised


class MiniLM:
    """Each text by itself: the scales of int8 span a batch, and would tie a vector to neighbours.

    onnxruntime lets go of the GIL, so that two threads do twice as much as one.
    """

    name = recipe.NAME
    revision = recipe.REVISION
    dims = recipe.DIMS

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._loading = threading.Lock()
        self._loaded: _Loaded | None = None

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> list[Vector]:
        check_texts(texts)
        loaded = self._load()
        if len(texts) == 1:
            return [Vector.of(self, loaded.values(texts[0]))]
        with ThreadPoolExecutor(_THREADS) as pool:
            return [Vector.of(self, values) for values in pool.map(loaded.values, texts)]

    def warm(self) -> None:
        self._load()

    def trouble(self) -> str:
        return "" if self._loaded else self._files.trouble()

    def _load(self) -> "_Loaded":
        with self._loading:
            if self._loaded is None:
                self._loaded = _Loaded(self._files.read())
            return self._loaded


class _Loaded:
    def __init__(self, contents: dict[str, bytes]) -> None:
        try:
            from onnxruntime import InferenceSession, SessionOptions
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbedderUnavailable(
                f"The embedding model cannot run here: {error}. Memory searches words only."
            ) from error
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # threads are the caller's
        options.log_severity_level = 3
        self._session = InferenceSession(
            contents[recipe.MODEL], options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_buffer(contents[recipe.TOKENIZER])
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(recipe.MAX_TOKENS)
        self._unknown = self._tokenizer.token_to_id("[UNK]")

    def values(self, text: str) -> NDArray[np.float32]:
        text = text[:_READ_CHARACTERS].encode("utf-8", "replace").decode()
        text = split_identifiers(text, whole=recipe.NAMES)
        encoding = self._tokenizer.encode(text)
        runs = self._unknown_runs(text, encoding)
        ids = np.array([token for token in encoding.ids if token != self._unknown], np.int64)
        known: NDArray[np.float32] = self._session.run(None, {"input_ids": ids})[0]
        if not runs:
            return known
        share = 1 - (len(ids) - 2) / (len(encoding.ids) - 2)  # two mark the beginning and end
        mixed: NDArray[np.float32] = (1 - share) * known + share * unknown.directions(runs)
        return mixed

    def _unknown_runs(self, text: str, encoding: "Encoding") -> list[str]:
        """What unknown tokens stand for; those without anything between them are one run."""
        runs: list[str] = []
        last_end = -1
        for token, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            if token != self._unknown:
                continue
            if start == last_end:
                runs[-1] += text[start:end]
            else:
                runs.append(text[start:end])
            last_end = end
        return runs
