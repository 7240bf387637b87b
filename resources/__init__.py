"""Things, not code: procedure packs, e-form definitions, paper templates, calendar, fonts, style.

Only :func:`path_of` lives here, so that no other room needs to know where the files are once the product is frozen.
"""

from pathlib import Path


def path_of(*parts: str) -> Path:
    """Absolute path of a resource, e.g. ``path_of("papers", "receipt.typ")``. The file need not exist."""
    return Path(__file__).resolve().parent.joinpath(*parts)
