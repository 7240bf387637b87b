"""The root of every expected failure."""

from typing import Any


class Problem(Exception):
    """An expected failure: a stable ``code`` (snake_case) and JSON-able ``details``.

    The sentence for a clerk is found by code in ``desktop.messages``; scripts get code and details as they are. Details
    never carry personal data, because they may be logged. Anything else that is raised is a bug.
    """

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        return f"{self.code} {self.details}" if self.details else self.code
