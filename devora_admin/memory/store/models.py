"""What memory keeps in PostgreSQL. All of it can be made anew from MongoDB.

Ids of customers and projects are the platform's own, opaque strings; "" where there is none.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from pgvector.django import HalfVectorField

from devora_admin.memory.store.fields import Bits, generated_words


class EmbeddingModel(models.Model):
    """Who made vectors. Those of two models are never compared."""

    name = models.CharField(max_length=200)
    revision = models.CharField(max_length=200)
    dims = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10)
    """building: vectors are being made; active: search uses it; retired: to be removed."""
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "revision", "dims"], name="memory_model_once"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="active"), name="memory_model_active_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["building", "active", "retired"]), name="memory_model_state"
            ),
            models.CheckConstraint(
                condition=Q(dims__gte=1, dims__lte=4000), name="memory_model_dims"
            ),
        ]


class Source(models.Model):
    """What was indexed: one part of one document of MongoDB."""

    kind = models.CharField(max_length=16)
    """code, project, message, issue or note."""
    key = models.TextField()
    """The `id` of its document."""
    origin = models.TextField(default="")
    """Collection and `_id` of the document, which is all that a deletion tells."""
    user_id = models.TextField()
    project_id = models.TextField()
    title = models.TextField()
    version = models.BigIntegerField()
    """MongoDB's cluster time of the reading: seconds << 32 | count. Only a later one replaces."""
    digest = models.BinaryField(max_length=32)
    """SHA-256 over what its chunks hold, the same for the same document."""
    stack = models.JSONField(default=list)
    """Of a project: the terms of `chunking.project.stack_of`, sorted."""
    facts = models.JSONField(default=dict)
    """Small things a page shows of it, such as an issue's number and state."""
    changed_at = models.DateTimeField(null=True)
    indexed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="memory_source_once"),
        ]
        indexes = [
            models.Index(fields=["user_id", "kind"], name="memory_source_user"),
            models.Index(fields=["project_id"], name="memory_source_project"),
            models.Index(fields=["origin"], name="memory_source_origin"),
            GinIndex(
                fields=["stack"], name="memory_source_stack", opclasses=["jsonb_path_ops"],
                condition=Q(kind="project"),
            ),
        ]  # fmt: skip


class Chunk(models.Model):
    """A piece of a source that is found and shown as one."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="chunks", db_index=False)
    user_id = models.TextField()
    project_id = models.TextField()
    kind = models.CharField(max_length=16)
    ordinal = models.IntegerField()
    path = models.TextField(default="")
    symbol = models.TextField(default="")
    language = models.TextField(default="")
    line_from = models.IntegerField(default=0)
    line_to = models.IntegerField(default=0)
    turn = models.IntegerField(null=True)
    """Counted from 0 over the whole thread."""
    role = models.TextField(default="")
    at = models.DateTimeField(null=True)
    text = models.TextField()
    """NFC."""
    sha256 = models.BinaryField(max_length=32)
    """Of what is embedded: heading and text."""
    standing = models.CharField(max_length=10, default="")
    """What staff decided: "", pinned or rejected. Kept in MongoDB, repeated here."""
    words = generated_words("memory_words", "path", "symbol", "text")
    names = SearchVectorField()
    """Identifiers as they stand, case and all: `words.identifiers`."""

    class Meta:
        indexes = [
            models.Index(fields=["source", "ordinal"], name="memory_chunk_source"),
            models.Index(fields=["user_id", "kind"], name="memory_chunk_user"),
            models.Index(fields=["project_id", "kind"], name="memory_chunk_project"),
            models.Index(fields=["sha256"], name="memory_chunk_sha256"),
            models.Index(
                fields=["id"], name="memory_chunk_rejected", condition=Q(standing="rejected")
            ),
            GinIndex(fields=["words"], name="memory_chunk_words"),
            GinIndex(fields=["names"], name="memory_chunk_names"),
        ]


class Embedding(models.Model):
    """A chunk's vector by one model, unit length. The scope is repeated for reading by it alone."""

    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="embeddings", db_index=False)
    model = models.ForeignKey(EmbeddingModel, models.CASCADE, db_index=False)
    dims = models.PositiveSmallIntegerField()
    """Of its model: a foreign key over both holds it."""
    user_id = models.TextField()
    project_id = models.TextField()
    vector = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chunk", "model"], name="memory_embedding_once"),
        ]
        indexes = [
            models.Index(fields=["user_id", "model"], name="memory_embedding_user"),
            models.Index(fields=["project_id", "model"], name="memory_embedding_project"),
        ]


class BinaryVector(models.Model):
    """The signs of a vector's values, a bit each: in a sixteenth of the room they tell what is
    likely to be close. A trigger keeps them beside their vectors (`sql.KEEP_BITS`)."""

    embedding = models.OneToOneField(
        Embedding, models.CASCADE, primary_key=True, db_column="id", db_constraint=False,
        related_name="binary",
    )  # fmt: skip
    """Goes with it, by a foreign key of the database."""
    model = models.ForeignKey(EmbeddingModel, models.CASCADE, db_index=False, db_constraint=False)
    user_id = models.TextField()
    bits = Bits()

    class Meta:
        indexes = [
            # Read instead of the table, so that what one customer has lies together.
            models.Index(
                fields=["user_id", "model"], include=["embedding", "bits"],
                name="memory_binary_user",
            ),
        ]  # fmt: skip


class EmbeddingTask(models.Model):
    """A chunk that still needs its vector."""

    chunk = models.ForeignKey(Chunk, models.CASCADE, related_name="tasks", db_index=False)
    model = models.ForeignKey(EmbeddingModel, models.CASCADE, db_index=False)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    error = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chunk", "model"], name="memory_task_once"),
        ]
        indexes = [
            models.Index(fields=["next_try_at", "id"], name="memory_task_due"),
        ]


class EmbeddingCache(models.Model):
    """Vectors by what was embedded, so that the same text is embedded once."""

    model = models.ForeignKey(EmbeddingModel, models.CASCADE, db_index=False)
    dims = models.PositiveSmallIntegerField()
    sha256 = models.BinaryField(max_length=32)
    vector = HalfVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "sha256"], name="memory_cache_once"),
        ]


class Preference(models.Model):
    """What a customer is taken to prefer, reckoned from the evidence and what staff decided."""

    user_id = models.TextField()
    project_id = models.TextField()
    """"" for all of the customer's projects."""
    topic = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    score = models.FloatField()
    """-1 (avoid) to 1 (always), as of `reckoned_at`."""
    confidence = models.FloatField()
    """0 to 1."""
    evidence_count = models.IntegerField()
    standing = models.CharField(max_length=10, default="")
    """What staff decided: "", pinned, rejected or corrected."""
    reckoned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "project_id", "topic", "value"], name="memory_preference_once"
            ),
        ]


class PreferenceEvidence(models.Model):
    """Why: never changed, only added, and removed with its source."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="evidence")
    user_id = models.TextField()
    project_id = models.TextField()
    topic = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    weight = models.FloatField()
    """How much it says; negative speaks against."""
    kind = models.CharField(max_length=20)
    """statement, manifest, kept or reverted."""
    quote = models.TextField()
    """Verbatim."""
    path = models.TextField(default="")
    turn = models.IntegerField(null=True)
    span_from = models.IntegerField(default=0)
    span_to = models.IntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["user_id", "topic"], name="memory_evidence_user"),
        ]


class ErasureReceipt(models.Model):
    """A customer of whom nothing may be written any more, and what was erased."""

    user_id = models.TextField(unique=True)
    fenced_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    """When every table was found without a row of theirs."""
    counts = models.JSONField(default=dict)
    """Rows erased, by table."""
