"""The national "một cửa" service told of dossiers, for the tests of both sides."""

from typing import Any

from sync.relay.national import National
from sync.relay.played.national import PlayedNational
from tests.relay.lives import Desk, Road, played

SYNC, PROGRESS, LOOKUP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"


def road(here: Desk, dossier: str, server: PlayedNational, **settings: Any) -> Road:
    """A dossier's way to a server that loses nothing."""
    return Road(here, dossier, National(server.settings() | settings), played(server))


def verdicts(here: Desk, dossier: str) -> list[str]:
    """What was said of it, in names."""
    return [e.name for e in here.said[dossier]]


def objections(here: Desk, dossier: str) -> list[tuple[str, dict[str, Any]]]:
    """What was said of it but that it was accepted."""
    return [(e.name, e.body or {}) for e in here.said[dossier] if e.name != "accepted"]
