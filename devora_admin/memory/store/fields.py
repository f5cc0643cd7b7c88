"""What pgvector's and PostgreSQL's own types need in a model."""

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, GeneratedField


def generated_words(function: str, *columns: str) -> GeneratedField:
    """A tsvector that PostgreSQL itself makes of these text columns by an immutable function."""
    return GeneratedField(
        expression=Func(*(F(column) for column in columns), function=function),
        output_field=SearchVectorField(),
        db_persist=True,
    )


class Bits(models.Field):  # type: ignore[type-arg]  # Django's takes none
    """Of any number; written by PostgreSQL itself."""

    def db_type(self, connection: Any) -> str:
        return "bit varying"
