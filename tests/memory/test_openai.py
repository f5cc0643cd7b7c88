"""Embedding by an endpoint in OpenAI's format: real HTTP, answers good and bad."""

import logging
import math
import traceback
from typing import Any

import pytest

from devora_admin.config import env
from devora_admin.memory.embedding import BadVector, EmbedderUnavailable, SomeBad, Vector
from devora_admin.memory.embedding.openai import OpenAICompatible
from tests.live import free_port
from tests.memory.embedding_endpoint import DIMS, Endpoint, answer, numbers_of, spoiled

KEY = "sk-very-secret-0123456789"


def client(remote: Endpoint, *, key: str = KEY, model: str = "some-model@7") -> OpenAICompatible:
    return OpenAICompatible(remote.url, model, dims=DIMS, api_key=key)


def refusal(embedder: OpenAICompatible, texts: list[str] | None = None) -> str:
    with pytest.raises(EmbedderUnavailable) as raised:
        embedder.embed(texts or ["one", "two"], timeout_s=2)
    assert str(raised.value) == embedder.trouble()
    assert KEY not in "".join(traceback.format_exception(raised.value))
    return str(raised.value)


def test_texts_come_back_as_unit_vectors_in_their_order(remote: Endpoint):
    embedder = client(remote)
    texts = [f"text {number}" for number in range(150)]
    vectors = embedder.embed(texts)
    for text, vector in zip(texts, vectors, strict=True):
        length = math.hypot(*numbers_of(text))
        assert vector.values.tolist() == pytest.approx(
            [number / length for number in numbers_of(text)], abs=1e-6
        )
        assert (vector.name, vector.revision) == ("some-model", "7")
    assert [len(request["input"]) for request in remote.requests] == [64, 64, 22]
    assert {request["model"] for request in remote.requests} == {"some-model"}
    assert remote.requests[0]["encoding_format"] == "base64"
    assert set(remote.paths) == {"/v1/embeddings"}
    for headers in remote.headers:
        assert headers["authorization"] == f"Bearer {KEY}"
        assert "somebody" not in str(headers)
    assert embedder.trouble() == ""


def test_an_endpoint_that_answers_in_plain_numbers_or_wants_no_key_does_as_well(remote: Endpoint):
    remote.always = lambda request: answer({**request, "encoding_format": "float"})
    first, second = client(remote, key="").embed(["喜欢", "讨厌"])
    assert first.cosine(second) < 0.99
    assert "somebody" not in str(remote.headers)


def with_vectors(*vectors: Any, indexes: list[Any] | None = None) -> Any:
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in zip(indexes or range(len(vectors)), vectors, strict=True)
    ]
    return lambda request: (200, {"object": "list", "model": "m", "data": data})


def with_nothing_but(vector: Any) -> Any:
    return lambda request: with_vectors(*[vector] * len(request["input"]))(request)


GOOD = [1.0] * DIMS


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (with_vectors(GOOD), "gave 1 vectors"),
        (with_vectors(GOOD, GOOD, GOOD), "gave 3 vectors"),
        (with_vectors(GOOD, GOOD, indexes=[0, 0]), "one for each"),
        (with_vectors(GOOD, GOOD, indexes=[1, 2]), "one for each"),
        (with_vectors(GOOD, GOOD, indexes=[0, None]), "OpenAI's format"),
        (with_nothing_but(GOOD[1:]), "check EMBEDDING_DIMS"),
        (with_nothing_but([0.0] * DIMS), "a vector is zero"),
        (with_nothing_but([math.nan] * DIMS), "not finite"),
        (with_nothing_but(["x"] * DIMS), "no number"),
        (with_nothing_but(None), "shape"),
        (with_vectors(GOOD, "AAA"), "OpenAI's format"),
        (with_vectors(GOOD, "AAAAgD8="), "OpenAI's format"),
        (with_vectors(), "OpenAI's format"),
        (lambda request: (200, b"<html>Welcome</html>"), "OpenAI's format"),
        (lambda request: (200, {"error": "none of it"}), "OpenAI's format"),
        (lambda request: (200, [1, 2]), "OpenAI's format"),
        (lambda request: (401, {"error": {"message": f"bad key {KEY}"}}), "EMBEDDING_API_KEY"),
        (lambda request: (403, {}), "EMBEDDING_API_KEY"),
        (lambda request: (404, {}), "check EMBEDDING_MODEL"),
        (lambda request: (429, {}), "asks for fewer requests"),
        (lambda request: (500, b"oops"), "status 500"),
        (lambda request: (400, {"error": {"message": "no such parameter"}}), "status 400"),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_in_one_sentence(
    remote: Endpoint, reply: Any, told: str, caplog: pytest.LogCaptureFixture
):
    remote.always = reply
    embedder = client(remote)
    said = refusal(embedder)
    assert told in said
    assert "Words still search" in said
    assert KEY not in said + repr(embedder) + caplog.text
    remote.always = answer
    embedder.embed(["again"])
    assert embedder.trouble() == ""


SPOILING = {
    "refused": (400, {}),
    "fallen over": (500, b"json: unsupported value: NaN"),
    "zero": [0.0] * DIMS,
    "not finite": [math.nan] * DIMS,
    "too short": GOOD[1:],
}


@pytest.mark.parametrize("what", SPOILING)
def test_one_text_that_it_cannot_embed_is_that_texts_fault_alone(remote: Endpoint, what: str):
    remote.always = spoiled("bad", SPOILING[what])
    embedder, good = client(remote), client(remote)
    texts = ["a", "b", "bad", "c", "d"]
    with pytest.raises(SomeBad) as raised:
        embedder.embed(texts)
    assert [isinstance(each, Vector) for each in raised.value.made] == [
        text != "bad" for text in texts
    ]
    for made, again in zip(raised.value.made[3:], good.embed(["c", "d"]), strict=True):
        assert isinstance(made, Vector)
        assert made.cosine(again) == pytest.approx(1)
    assert embedder.trouble() == ""
    with pytest.raises(BadVector) as alone:
        embedder.embed(["bad"])
    assert "EMBEDDING_DIMS" not in str(alone.value)


def test_who_refuses_everything_is_asked_twice_and_no_more(remote: Endpoint):
    remote.always = lambda request: (400, {})
    refusal(client(remote), [f"text {number}" for number in range(40)])
    assert len(remote.requests) == 2


def test_one_who_hangs_is_waited_for_as_long_as_was_said(remote: Endpoint):
    def hang(request: dict[str, Any]) -> tuple[int, Any]:
        remote.closing.wait(10)
        return answer(request)

    remote.always = hang
    with pytest.raises(EmbedderUnavailable, match=r"within 0\.2 s"):
        client(remote).embed(["text"], timeout_s=0.2)
    assert len(remote.requests) == 1


def test_one_who_is_not_there_is_told_as_such(remote: Endpoint):
    embedder = OpenAICompatible(
        f"http://127.0.0.1:{free_port()}/v1", "some-model", dims=DIMS, api_key=KEY
    )
    embedder.warm()
    assert "cannot be reached" in refusal(embedder)


def test_a_short_trouble_is_tried_over_once_when_nobody_waits(remote: Endpoint):
    remote.replies = [lambda request: (429, {})]
    assert len(client(remote).embed(["text"])) == 1
    assert len(remote.requests) == 2


def test_texts_that_are_too_long_or_too_many_are_made_less(remote: Endpoint):
    def small(request: dict[str, Any]) -> tuple[int, Any]:
        too_much = len(request["input"]) > 2 or max(map(len, request["input"])) > 1000
        return (413, {}) if too_much else answer(request)

    remote.always = small
    texts = ["a", "b " * 1200, "c", "d", "e" * 100_000]
    assert len(client(remote).embed(texts)) == len(texts)
    assert "e" * 1000 in [text for request in remote.requests for text in request["input"]]


def test_nothing_is_sent_of_what_says_nothing(remote: Endpoint):
    with pytest.raises(ValueError, match="says nothing"):
        client(remote).embed(["text", " "])
    assert client(remote).embed([]) == []
    assert remote.requests == []


def test_the_key_is_shown_by_nothing(remote: Endpoint, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    client(remote).embed(["text"])
    values = {
        "EMBEDDING_PROVIDER": "openai",
        "EMBEDDING_URL": f"{remote.url}/",
        "EMBEDDING_MODEL": "m",
        "EMBEDDING_DIMS": str(DIMS),
        "EMBEDDING_API_KEY": KEY,
    }
    found = env.read(values)
    assert (found.embedding_url, found.embedding_api_key) == (remote.url, KEY)
    assert KEY not in repr(found) + caplog.text


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"EMBEDDING_PROVIDER": "gpt"}, "one of minilm, openai, none"),
        ({"EMBEDDING_PROVIDER": "openai"}, "EMBEDDING_URL and EMBEDDING_MODEL and EMBEDDING_DIMS"),
        ({"EMBEDDING_URL": "http://host/v1"}, "Set EMBEDDING_MODEL and EMBEDDING_DIMS too"),
        ({"EMBEDDING_URL": "ftp://host/v1"}, "no address"),
        ({"EMBEDDING_DIMS": "5000"}, "from 1 to 4000"),
        ({"EMBEDDING_DIMS": "²"}, "from 1 to 4000"),
    ],
)
def test_an_environment_that_cannot_work_is_one_sentence(values: dict[str, str], told: str):
    with pytest.raises(env.BadEnvironment, match=told):
        env.read(values)
