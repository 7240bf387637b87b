"""Flows are driven like the desktop tests: the real application on a real store."""

from tests.desktop.conftest import data, sitting

__all__ = ["data", "sitting"]
