"""Deletion that cannot be undone, where the law asks for it: the persons of a dossier are erased here, at the gateway and at
every counter that hears of it; the chain, the code, the days and the sums stay.

The act ``erased`` (``forms.erasure``) is applied wherever it becomes known, in the transaction that stores it. What comes of the
dossier afterwards (a counter that was away) is stored without its content.

**Back-ups.** A back-up made before holds the dossier still, encrypted, until it is thinned out: the automatic ones by their
rule (the last monthly one, so up to a year), one that a person made as long as that person keeps it. None brings it back: ids of
erased dossiers (random, nobody's data) stand outside the store too, beside it and in the state folder, and a restore applies
them before it opens. On another machine, where neither file is, the gateway's feed does at the first contact.
"""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from forms import erasure
from forms.problem import Problem
from forms.stages import Stage
from sync.counter import Changes, Counter
from sync.files import read_json, write_atomic
from sync.incarnation import Incarnation
from sync.store import Store, erasures, projection

FILE = "erased.json"
"""Beside the store: what a restore may not bring back."""


def erase(counter: Counter, dossier_id: str, operator: str, basis: str) -> Changes:
    """Erase the persons of a dossier that has come to an end, for good. ``basis``: which decision or law asks for it, in words
    that name nobody. A dossier that was erased before stays as it is.

    :raises Problem: ``basis_missing``, ``dossier_unknown``, ``erase_not_ended``, ``disk_full``, ``store_busy``.
    """
    if not basis.strip():
        raise Problem("basis_missing")
    store = counter.store
    with store.write():
        dossier = counter.dossier(dossier_id)
        if dossier["erased"] is None:
            if Stage(dossier["stage"]) not in erasure.STAGES:
                raise Problem("erase_not_ended")
            body: dict[str, Any] = {"dossier": dossier_id, "basis": basis.strip(), "asked_at": counter.clock().isoformat()}
            body |= {"kept": erasure.remains(dossier), "money": projection.money_of(store, dossier_id)}
            counter.act("", erasure.EVENT, operator, body)
    settle(counter)
    return Changes(frozenset([dossier_id]), drafts=True, status=True)


def settle(counter: Counter) -> None:
    """What an erasure needs beyond its transaction: remembered outside of the store, and nothing left of it in free pages. Where
    a kill or a reader came between, the next contact does it. :raises Problem: ``disk_full``, ``file_unwritable``."""
    ids = frozenset(erasures.all_of(counter.store))
    if not ids:
        return
    if not ids <= _beside(counter.data):
        write_atomic(counter.data / FILE, json.dumps({"erased": sorted(ids | _beside(counter.data))}).encode())
    if not ids <= counter.incarnation.erased():
        counter.incarnation.remember_erased(ids)
    erasures.wipe(counter.store)


def reapply(store: Store, data: Path) -> int:
    """Erase in a store that was unpacked from a back-up, before it opens, what was erased since; how many dossiers. ``data``:
    the folder it is going to stand in."""
    known = frozenset(erasures.all_of(store))  # by acts that were salvaged a moment ago
    outside = _beside(data) | Incarnation(str(store.meta("counter")), store).erased()
    for dossier_id in sorted(known | outside):
        with store.write():
            erasures.apply(store, dossier_id)
            projection.project(store, dossier_id)
    erasures.wipe(store)
    return len(outside - known)


def _beside(data: Path) -> frozenset[str]:
    """Ids in the file beside the store. A missing or damaged one says nothing: state folder and gateway say the same."""
    with suppress(Problem):
        return frozenset(str(i) for i in read_json(data / FILE, "state_damaged", "state_damaged").get("erased", []))
    return frozenset()
