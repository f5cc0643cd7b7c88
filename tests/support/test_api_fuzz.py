"""Generated requests: a clear refusal, or an issue, and nothing in between."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

TEXT = st.text(max_size=30) | st.sampled_from(
    ["", " ", "\0", "a\0b", "x" * 201, "x" * 5_000, "$where", "a@b", "\ud800", "\u202e", "💥" * 50]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
PINNED = st.fixed_dictionaries(
    {}, optional={name: st.integers(-2, 2**33) | ANY for name in ("revision", "version", "turn")}
)


def bodies(customer_id: str, project_id: str) -> st.SearchStrategy[Any]:
    good = {
        "customer_id": st.just(customer_id),
        "customer_email": st.none(),
        "project_id": st.none() | st.just(project_id),
        "subject": st.text("abc ü💥", min_size=1, max_size=40),
        "text": st.text(min_size=1, max_size=40),
        "priority": st.sampled_from(["low", "normal", "high", "urgent"]),
        "tags": st.lists(st.text(max_size=10), max_size=4),
        "pinned": st.none() | PINNED,
    }
    plausible = st.fixed_dictionaries(good)

    def spoiled(body: dict[str, Any]) -> st.SearchStrategy[Any]:
        names = st.sampled_from([*good, "extra", "__proto__", "$ne"])
        return st.dictionaries(names, ANY, max_size=2).map(lambda wrong: {**body, **wrong})

    return plausible | plausible.flatmap(spoiled) | ANY


def encoded(value: Any) -> bytes:
    # As Python writes it: NaN, Infinity and halves of characters among it.
    return json.dumps(value).encode()


@pytest.mark.timeout(300)
def test_whatever_comes_is_an_issue_or_a_clear_refusal_and_nothing_halfway(
    call, customer, make_project, mongo
):
    project = make_project(user_id=customer["id"])
    made = 0

    @given(bodies(customer["id"], project["id"]).map(encoded) | st.binary(max_size=60))
    @settings(
        max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    def send(data: bytes) -> None:
        nonlocal made
        answer = call("/api/issues/", data)
        assert answer.status_code in (201, 400, 413, 422), (data, answer.content)
        if answer.status_code == 201:
            made += 1
        else:
            assert answer["Content-Type"] == "application/problem+json"
            assert len(answer.content) < 20_000

    send()
    assert made > 10
    for name in ("support_issues", "support_messages", "api_calls"):
        assert mongo[name].count_documents({}) == made
    assert mongo.audit_log.count_documents({"action": "issue.open"}) == made
