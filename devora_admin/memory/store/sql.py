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

KEEP_BITS = [
    "ALTER TABLE memory_binaryvector ADD CONSTRAINT memory_binary_of_its_vector"
    " FOREIGN KEY (id) REFERENCES memory_embedding (id) ON DELETE CASCADE",
    """
    CREATE FUNCTION memory_add_bits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO memory_binaryvector (id, model_id, user_id, bits)
            SELECT id, model_id, user_id, binary_quantize(vector) FROM made;
        RETURN NULL;
    END $$
    """,
    """
    CREATE FUNCTION memory_change_bits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        UPDATE memory_binaryvector AS known
            SET model_id = made.model_id, user_id = made.user_id,
                bits = binary_quantize(made.vector)
            FROM made WHERE known.id = made.id;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER memory_bits_added AFTER INSERT ON memory_embedding"
    " REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION memory_add_bits()",
    "CREATE TRIGGER memory_bits_changed AFTER UPDATE ON memory_embedding"
    " REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION memory_change_bits()",
]
"""Whoever writes a vector need not know of its bits."""

FORGET_BITS = [
    "DROP TRIGGER memory_bits_added ON memory_embedding",
    "DROP TRIGGER memory_bits_changed ON memory_embedding",
    "DROP FUNCTION memory_add_bits()",
    "DROP FUNCTION memory_change_bits()",
]
FILL_BITS = """
INSERT INTO memory_binaryvector (id, model_id, user_id, bits)
SELECT id, model_id, user_id, binary_quantize(vector) FROM memory_embedding
"""
"""For vectors that no trigger saw: about 60,000 a second."""
