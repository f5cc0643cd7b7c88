"""What pgvector's and PostgreSQL's own types need in a model."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func, GeneratedField


def generated_words(function: str, *columns: str) -> GeneratedField:
    """A tsvector that PostgreSQL itself makes of these text columns by an immutable function."""
    return GeneratedField(
        expression=Func(*(F(column) for column in columns), function=function),
        output_field=SearchVectorField(),
        db_persist=True,
    )
