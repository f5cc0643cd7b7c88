class EmbeddedStoreError(Exception):
    """An embedded store cannot run here. The message is one sentence for the terminal."""


class FolderInUse(EmbeddedStoreError):
    """Another living process has the data folder."""
