"""The only SQL of the client: sqlite-utils over SQLCipher, opened in one place."""

from sync.store.opening import Store

__all__ = ["Store"]
