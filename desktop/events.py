"""The one signal of the application: something changed, and what."""

from PySide6.QtCore import QObject, Signal

from sync.counter import Changes

EVERYTHING = Changes(frozenset({"*"}), drafts=True, status=True, rules=True)
"""Another process committed: no telling what, so every screen reads again. ``"*"`` stands for any dossier."""


class Events(QObject):
    """``changed(Changes)``: after a commit of this window, of the sync process, or news of the line."""

    changed = Signal(object)
