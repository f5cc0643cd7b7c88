"""How memory follows MongoDB: changes mark documents in a queue, and the queue is worked off.

consumer  marks what changed, in the change stream's own transaction
queue     one row per document, claimed, given back, set aside
reading   a document as it is at one moment, as sources with their pieces
writing   sources to PostgreSQL, only ever forward in version
vectors   what is written and has no vector yet
models    whose vectors are made and used
"""
