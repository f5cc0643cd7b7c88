"""The published description is OpenAPI 3.1, whole, and says what is held."""

from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from devora_admin.support import states
from devora_admin.support.services.texts import MAX_SUBJECT


@pytest.fixture
def document() -> dict[str, Any]:
    answer = Client().get("/api/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    return found


def every(value: Any) -> Any:
    yield value
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from every(inner)


def test_every_reference_in_it_leads_somewhere(document):
    assert document["openapi"] == "3.1.0"
    references = {
        each["$ref"] for each in every(document) if isinstance(each, dict) and "$ref" in each
    }
    assert len(references) >= 7
    for reference in references:
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


def test_its_paths_are_those_of_the_site(document):
    for path in document["paths"]:
        resolve(path.replace("{number}", "1"))
    with pytest.raises(Resolver404):
        resolve("/api/other/")


def test_it_says_what_is_held(document):
    schema = document["components"]["schemas"]["NewIssueIn"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"subject", "text"}
    assert schema["properties"]["subject"]["maxLength"] == MAX_SUBJECT
    assert schema["properties"]["priority"]["enum"] == list(states.PRIORITIES)
    answer = document["components"]["schemas"]["IssueOut"]
    assert answer["properties"]["status"]["enum"] == list(states.STATUSES)
    for operation in (each["post"] for each in document["paths"].values()):
        assert {"401", "422", "429"} < set(operation["responses"])
