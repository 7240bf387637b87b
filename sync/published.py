"""The catalogue of a counter: its packs, and over them what the national portal has published, as far as this store has heard.

The sync process hears; whoever asks for the catalogue next finds it there, without a restart. Only words of the counter
``portal`` count: nobody else publishes law. Heard records are read one by one, when they are asked for, and once.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from forms.catalogue import Catalogue
from forms.published import PUBLISHED, WITHDRAWN, Version, standing
from forms.routing import PORTAL
from resources import path_of
from sync.events import Event
from sync.store import Store, log

PACKS = "packs"
"""Folder beside the store where a province's own procedures, forms and paper templates lie, before the shipped ones."""


def catalogue_of(data: Path) -> Catalogue:
    """The shipped packs with a store's own ones. :raises Problem: ``pack_damaged``, ``pack_version_unknown``."""
    own = data / PACKS
    return Catalogue.load(path_of(), own) if own.is_dir() else Catalogue.load()


class Published:
    """What was published, over some packs; the same object until something changes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._versions: dict[tuple[str, str, int], Version] = {}
        self._seen: Any = None
        self._mark: Any = None
        self._catalogue = Catalogue([], [])

    def over(self, packs: Catalogue) -> Catalogue:
        """The catalogue in force."""
        seen = (packs, self._store.mark())
        if seen == self._seen:  # asked for each dossier of a report
            return self._catalogue
        mark = (packs, log.mark_of_counters(self._store, PUBLISHED, WITHDRAWN))
        if mark != self._mark:
            said = [e for e in log.of_counters(self._store, PUBLISHED, WITHDRAWN) if e.counter == PORTAL and e.body]
            self._catalogue, self._mark = packs.with_published(*standing(self._acts(said))) if said else packs, mark
        self._seen = seen
        return self._catalogue

    def _acts(self, said: list[Event]) -> Iterator[Version | Mapping[str, Any]]:
        """What a newer or a broken relay says in another shape is left out, as everywhere in a fold."""
        for event in said:
            place = (event.counter, event.epoch, event.number)
            if event.name == WITHDRAWN:
                yield event.body or {}
                continue
            try:
                yield self._versions.setdefault(place, self._versions.get(place) or Version(event.body or {}))
            except ValueError:
                continue
