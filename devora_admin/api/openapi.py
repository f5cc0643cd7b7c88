"""The API as OpenAPI 3.1, made from the classes that check its requests."""

import re
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from devora_admin.api import idempotency, rates
from devora_admin.api.idempotency import Keyed
from devora_admin.api.operations import Operation, every_operation, every_scope
from devora_admin.api.schemas import ProblemOut

VERSION = "1.1"
_SCHEMAS = "#/components/schemas"
_PART = re.compile(r"<(\w+):(\w+)>")
_TYPES: dict[str, dict[str, Any]] = {"number": {"type": "integer", "minimum": 1}}
"""By the converter of the route."""
_PROBLEMS = {
    "400": "No JSON, or no usable Idempotency-Key",
    "401": "No valid token",
    "403": "The token lacks the scope",
    "415": "Not JSON in UTF-8",
    "422": "A value cannot be used (`errors` names each), or the key came with another request",
    "429": "More requests of one token within a minute than it may make: "
    f"{rates.PER_MINUTE}, where nothing else was agreed",
    "503": "The database is away for the moment; nothing was done",
}


@cache
def document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Devora Admin",
            "version": VERSION,
            "description": "For the platform: opens issues for its customers, passes on what they "
            "answer, and takes in what they do.",
        },
        "security": [{"token": []}],
        "paths": {_path(each): _item(each) for each in every_operation()},
        "components": {
            "schemas": _schemas(),
            "parameters": {"IdempotencyKey": _key()},
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: "
                    + "; ".join(f"`{name}`: {words}" for name, words in every_scope().items()),
                }
            },
        },
    }


def _path(operation: Operation) -> str:
    return "/" + _PART.sub(r"{\2}", operation.route)


def _item(operation: Operation) -> dict[str, Any]:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": _TYPES[kind]}
        for kind, name in _PART.findall(operation.route)
    ]
    return {**({"parameters": parts} if parts else {}), "post": _post(operation)}


def _post(operation: Operation) -> dict[str, Any]:
    too_large = {"413": f"More than {operation.most_bytes // 1024} KB"}
    refused = sorted({**_PROBLEMS, **too_large, **operation.refused}.items())
    problems = {
        status: {"$ref": "#/components/responses/Problem", "description": words}
        for status, words in refused
    }
    good = {
        status: {"description": words, "content": {"application/json": _of(operation.gives)}}
        for status, words in operation.done.items()
    }
    key = [{"$ref": "#/components/parameters/IdempotencyKey"}]
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs the scope `{operation.scope}`.",
        "parameters": key if isinstance(operation.handle, Keyed) else [],
        "requestBody": {"required": True, "content": {"application/json": _of(operation.takes)}},
        "responses": {**good, **problems},
    }


def _of(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": f"{_SCHEMAS}/{model.__name__}"}}


def _schemas() -> dict[str, Any]:
    every = every_operation()
    inputs: dict[type[BaseModel], JsonSchemaMode] = {each.takes: "validation" for each in every}
    outputs: dict[type[BaseModel], JsonSchemaMode] = dict.fromkeys(
        (*(each.gives for each in every), ProblemOut), "serialization"
    )
    _, found = models_json_schema(
        [*inputs.items(), *outputs.items()], ref_template=_SCHEMAS + "/{model}"
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _key() -> dict[str, Any]:
    return {
        "name": idempotency.HEADER,
        "in": "header",
        "required": True,
        "description": "Fresh for each request, and the same when that is sent again: then the "
        f"first answer is given, for {int(idempotency.KEPT.total_seconds() // 3600)} hours.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }


def _problem() -> dict[str, Any]:
    return {
        "description": "Why not, as RFC 9457 has it",
        "content": {"application/problem+json": _of(ProblemOut)},
    }
