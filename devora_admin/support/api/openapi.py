"""The API as OpenAPI 3.1, made from the classes that check its requests."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from devora_admin.support.api import bodies, idempotency, rates
from devora_admin.support.api.clients import SCOPES
from devora_admin.support.api.schemas import (
    IssueOut,
    MailReplyIn,
    NewIssueIn,
    ProblemOut,
    ReplyIn,
    ReplyOut,
)

VERSION = "1.0"
_SCHEMAS = "#/components/schemas"
_PROBLEMS = {
    "400": "No JSON, or no usable Idempotency-Key",
    "401": "No valid token",
    "403": "The token lacks the scope",
    "409": "The customer is being erased, or the issue was changed in the same moment",
    "413": f"More than {bodies.MAX_BYTES // 1024} KB",
    "415": "Not JSON in UTF-8",
    "422": "A value cannot be used (`errors` names each), or the key came with another request",
    "429": f"More than {rates.PER_MINUTE} requests of one token within a minute",
    "503": "The database is away for the moment; nothing was done",
}


@cache
def document() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Devora Admin: support issues",
            "version": VERSION,
            "description": "For the platform: opens issues for its customers and passes on what "
            "they answer.",
        },
        "security": [{"token": []}],
        "paths": {
            "/api/issues/": {
                "post": _operation("openIssue", "Open an issue", NewIssueIn, IssueOut, {})
            },
            "/api/issues/{number}/replies/": {
                "parameters": [_number()],
                "post": _operation(
                    "replyToIssue", "Pass on the customer's reply", ReplyIn, ReplyOut,
                    {"404": "The customer has no such issue"},
                ),
            },
            "/api/replies/": {
                "post": _operation(
                    "replyByMail", "Pass on the customer's reply to an e-mail", MailReplyIn,
                    ReplyOut, {"404": "No such e-mail of ours, or the customer has no such issue"},
                ),
            },
        },
        "components": {
            "schemas": _schemas(),
            "parameters": {"IdempotencyKey": _key()},
            "responses": {"Problem": _problem()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Scopes: "
                    + "; ".join(f"`{name}`: {words}" for name, words in SCOPES.items()),
                }
            },
        },
    }  # fmt: skip


def _operation(
    name: str,
    summary: str,
    takes: type[BaseModel],
    gives: type[BaseModel],
    more: dict[str, str],
) -> dict[str, Any]:
    problems = {
        status: {"$ref": "#/components/responses/Problem", "description": words}
        for status, words in sorted({**_PROBLEMS, **more}.items())
    }
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}],
        "requestBody": {"required": True, "content": {"application/json": _of(takes)}},
        "responses": {
            "201": {
                "description": "Done; again with the same key, the same answer",
                "content": {"application/json": _of(gives)},
            },
            **problems,
        },
    }


def _of(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": f"{_SCHEMAS}/{model.__name__}"}}


def _schemas() -> dict[str, Any]:
    inputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (each, "validation") for each in (NewIssueIn, ReplyIn, MailReplyIn)
    ]
    outputs: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        (each, "serialization") for each in (IssueOut, ReplyOut, ProblemOut)
    ]
    _, found = models_json_schema([*inputs, *outputs], ref_template=_SCHEMAS + "/{model}")
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _number() -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1}
    return {"name": "number", "in": "path", "required": True, "schema": schema}


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
