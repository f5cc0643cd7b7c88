"""Projects like another, with reasons."""

import pytest

from devora_admin.memory.queries.similar import similar_projects
from devora_admin.memory.store.models import Embedding, Source
from tests.memory import rows

pytestmark = pytest.mark.usefixtures("memory", "fresh")

SHOP = ["has:payments", "language:typescript", "npm:next", "npm:stripe"]
COMMON = ["language:typescript", "npm:next"]


@pytest.fixture
def world(embedder, model):
    described = [
        ("shop", SHOP, "An online shop for handmade candles with a basket and checkout"),
        ("other shop", SHOP, "Sell ceramics online: products, a cart, payment"),
        ("blog", COMMON, "A blog about hiking in the Alps, with photos"),
        ("weather", ["language:python", "pip:django"], "Weather forecasts for farmers"),
        ("soap", ["language:python", "pip:flask"], "A web shop that sells candles and soap"),
        *((f"plain {number}", COMMON, f"Notes of person {number}") for number in range(8)),
    ]
    made = rows.chunks(
        [
            {"text": text, "kind": "project", "project_id": name, "key": name, "title": name,
             "stack": stack, "user_id": f"of {name}"}
            for name, stack, text in described
        ]
    )  # fmt: skip
    rows.embed(embedder, model, made)


def test_a_project_is_like_those_with_its_rare_parts_and_its_purpose(world):
    found = {each.project_id: each for each in similar_projects("shop", limit=10)}
    best = next(iter(found.values()))
    assert (best.project_id, best.user_id, best.title) == (
        "other shop",
        "of other shop",
        "other shop",
    )
    assert [each.term for each in best.shared][:2] == ["has:payments", "npm:stripe"]
    assert best.reasons[0] == "both have payments, stripe, typescript, next"
    assert best.reasons[1].startswith("described alike (0.")
    assert "shop" not in found
    assert found["soap"].shared == ()
    assert found["soap"].reasons[0].startswith("described alike")
    assert "weather" not in found
    scores = [each.score for each in found.values()]
    assert scores == sorted(scores, reverse=True)


def test_without_vectors_the_stack_alone_is_compared_and_said(world):
    Embedding.objects.all().delete()
    best, *others = similar_projects("shop", limit=3)
    assert (best.project_id, best.score) == ("other shop", 1.0)
    assert best.is_stack_only
    assert "alone" in best.reasons[-1]
    assert all(each.score < 0.5 for each in others)


def test_a_project_that_is_not_there_or_has_nothing_is_like_none(world):
    assert similar_projects("nobody") == ()
    assert similar_projects("no\x00body") == ()
    Source.objects.filter(key="shop").update(stack=[])
    Embedding.objects.filter(project_id="shop").delete()
    assert similar_projects("shop") == ()
    Source.objects.filter(key="other shop").update(deleted_at=rows.NOW)
    assert "other shop" not in [each.project_id for each in similar_projects("blog", limit=50)]
