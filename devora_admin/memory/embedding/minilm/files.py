"""Where the built model lies, and whether it is whole."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from devora_admin.memory.embedding.interface import EmbedderUnavailable
from devora_admin.memory.embedding.minilm.recipe import MODEL, NAME, REVISION, TOKENIZER

RECORD = "sha256.json"
UNTIL = "Memory searches words only until the next start, or `manage.py memory_model`, fetches it."


@dataclass(frozen=True, slots=True)
class ModelFiles:
    models: Path

    @property
    def folder(self) -> Path:
        return self.models / f"{NAME}-{REVISION}"

    @property
    def failure(self) -> Path:
        """What the last set-up said when it failed; no file when it did not."""
        return self.models / f"{NAME}-{REVISION}.failed"

    def are_whole(self) -> bool:
        try:
            self.read()
        except EmbedderUnavailable:
            return False
        return True

    def read(self) -> dict[str, bytes]:
        """The contents of MODEL and TOKENIZER, as they were built. Raises EmbedderUnavailable."""
        try:
            contents = {name: (self.folder / name).read_bytes() for name in (MODEL, TOKENIZER)}
            recorded = json.loads((self.folder / RECORD).read_bytes())
        except (OSError, ValueError) as error:
            raise EmbedderUnavailable(self.trouble() or _damaged(self.folder)) from error
        if recorded != digests(contents):
            raise EmbedderUnavailable(_damaged(self.folder))
        return contents

    def trouble(self) -> str:
        """Why they cannot be used, as far as names tell; "" when they are there."""
        if (self.folder / RECORD).is_file():
            return ""
        try:
            return self.failure.read_text()
        except OSError:
            return f"The embedding model was not fetched yet. {UNTIL}"


def digests(contents: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}


def _damaged(folder: Path) -> str:
    return f"The embedding model in {folder} is damaged. {UNTIL}"
