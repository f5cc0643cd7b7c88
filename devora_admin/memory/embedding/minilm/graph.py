"""The encoder as an ONNX graph: input_ids (int64, one text) → embedding (float32, unit length).

One text at a time needs neither padding nor a mask, so the graph has no batch dimension.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from devora_admin.memory.embedding.minilm.recipe import DIMS, EPSILON, HEADS, LAYERS

Weights = Mapping[str, NDArray[np.float32]]
OPSET = 17
IR_VERSION = 8


class Graph:
    """Nodes and constants as they are added; a value is known by its name."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: NDArray[np.generic], name: str = "") -> str:
        name = name or f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def add(self, kind: str, *inputs: str, to: str = "", **attributes: Any) -> str:
        to = to or f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [to], name=to, **attributes))
        return to

    def linear(self, x: str, layer: str) -> str:
        weight = self.constant(self.weights[f"{layer}.weight"].T, f"{layer}.weight")
        bias = self.constant(self.weights[f"{layer}.bias"], f"{layer}.bias")
        return self.add("Add", self.add("MatMul", x, weight), bias)

    def normalised(self, x: str, layer: str) -> str:
        scale, bias = (
            self.constant(self.weights[f"{layer}.{part}"], f"{layer}.{part}")
            for part in ("weight", "bias")
        )
        return self.add("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)


def encoder(weights: Weights) -> onnx.ModelProto:
    graph = Graph(weights)
    x = _embedded(graph)
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        attended = graph.linear(_attention(graph, x, layer), f"{layer}.attention.output.dense")
        x = graph.normalised(graph.add("Add", attended, x), f"{layer}.attention.output.LayerNorm")
        widened = _gelu(graph, graph.linear(x, f"{layer}.intermediate.dense"))
        narrowed = graph.linear(widened, f"{layer}.output.dense")
        x = graph.normalised(graph.add("Add", narrowed, x), f"{layer}.output.LayerNorm")
    mean = graph.add("ReduceMean", x, axes=[0], keepdims=0)
    graph.add("Div", mean, graph.add("ReduceL2", mean, axes=[0], keepdims=1), to="embedding")
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [DIMS])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(made)
    return made


def _embedded(graph: Graph) -> str:
    weights = graph.weights
    words = graph.constant(weights["embeddings.word_embeddings.weight"], "words")
    # Every token is of the first type, so its vector can be added once and for all.
    places = graph.constant(
        weights["embeddings.position_embeddings.weight"]
        + weights["embeddings.token_type_embeddings.weight"][0],
        "places",
    )
    length = graph.add("Shape", "input_ids")
    place = graph.add("Slice", places, graph.integers(0), length, graph.integers(0))
    word = graph.add("Gather", words, "input_ids")
    return graph.normalised(graph.add("Add", word, place), "embeddings.LayerNorm")


def _attention(graph: Graph, x: str, layer: str) -> str:
    by_head = graph.integers(0, HEADS, DIMS // HEADS)
    query, key, value = (
        graph.add("Reshape", graph.linear(x, f"{layer}.attention.self.{part}"), by_head)
        for part in ("query", "key", "value")
    )
    query = graph.add("Transpose", query, perm=[1, 0, 2])
    key = graph.add("Transpose", key, perm=[1, 2, 0])
    value = graph.add("Transpose", value, perm=[1, 0, 2])
    scale = graph.scalar((DIMS // HEADS) ** -0.5)
    scores = graph.add("Mul", graph.add("MatMul", query, key), scale)
    context = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
    together = graph.add("Transpose", context, perm=[1, 0, 2])
    return graph.add("Reshape", together, graph.integers(0, DIMS))


def _gelu(graph: Graph, x: str) -> str:
    """x · ½(1 + erf(x / √2)), in the form that onnxruntime knows as one operation."""
    erf = graph.add("Erf", graph.add("Div", x, graph.scalar(2**0.5)))
    raised = graph.add("Mul", x, graph.add("Add", erf, graph.scalar(1)))
    return graph.add("Mul", raised, graph.scalar(0.5))
