class EmbeddedStoreError(Exception):
    """An embedded store cannot run here. The message is one sentence for the terminal."""
