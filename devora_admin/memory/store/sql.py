"""What Django's migrations cannot say themselves."""

WORDS = r"""
CREATE FUNCTION memory_words(path text, symbol text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT to_tsvector('english', regexp_replace(regexp_replace(regexp_replace(regexp_replace(
    path || ' ' || symbol || E'\n' || body,
    -- fooBar, HTTPServer: a word for each part
    '([[:lower:][:digit:]])([[:upper:]])', '\1 \2', 'g'),
    '([[:upper:]])([[:upper:]][[:lower:]])', '\1 \2', 'g'),
    '([_$./\\:-])', ' ', 'g'),
    -- Scripts written without spaces: a word for each character
    '([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af])', ' \1 ', 'g'))
$$
"""
"""Identifiers are taken apart here as `devora_admin.memory.words` takes those of a question."""

OF_ITS_MODEL = [
    "ALTER TABLE memory_embeddingmodel ADD CONSTRAINT memory_model_with_dims UNIQUE (id, dims)",
    *(
        f"""ALTER TABLE memory_{table}
            ADD CONSTRAINT memory_{table}_of_its_model FOREIGN KEY (model_id, dims)
                REFERENCES memory_embeddingmodel (id, dims) ON DELETE CASCADE,
            ADD CONSTRAINT memory_{table}_dims CHECK (vector_dims(vector) = dims),
            ADD CONSTRAINT memory_{table}_unit
                CHECK (l2_norm(vector) BETWEEN 0.99 AND 1.01)"""
        for table in ("embedding", "embeddingcache")
    ),
]
"""A vector has the size of its model, and a direction."""

STATISTICS = """
ALTER TABLE memory_chunk ALTER words SET STATISTICS 300, ALTER names SET STATISTICS 300
"""
"""Search leaves out words that are everywhere: the planner's statistics tell which."""
