"""Scans of papers (bản chụp giấy tờ): bytes and the act of attaching them in one commit, in the same encrypted file."""

import hashlib
from pathlib import Path
from typing import Any

from forms.line import normal
from forms.problem import Problem
from forms.scans import papers_of
from sync import decoding, scan_files
from sync.counter import Counter
from sync.store import scans

PER_FILE = frozenset({"file_unreadable", "scan_empty", "scan_too_large", "scan_type_unknown", "scan_undecodable"})
"""Problems of one file: of several to attach, the others go on."""


def attach(counter: Counter, dossier_id: str, paper: str, path: Path, operator: str, *, urgent: bool = False) -> dict[str, Any]:
    """Attach a file to a paper of a dossier; the file itself stays where it is and is not needed any more.

    :returns: as :func:`attach_bytes`.
    :raises Problem: ``file_unreadable``, as :func:`attach_bytes`.
    """
    _check_place(counter, dossier_id, normal(paper))  # what is wrong with all files is said before anything of one of them
    try:
        return attach_bytes(counter, dossier_id, paper, scan_files.load(path), operator, urgent=urgent)
    except Problem as problem:
        problem.details.setdefault("file", path.name)
        raise


def attach_bytes(
    counter: Counter, dossier_id: str, paper: str, data: bytes, operator: str, *, urgent: bool = False
) -> dict[str, Any]:
    """Attach bytes to a paper of a dossier. The same bytes on the same paper again: the same answer, nothing is written.

    :param paper: code of a paper of the dossier, or of its procedure.
    :returns: ``{"dossier", "paper", "sha256", "size", "pages", "readable"}``, after COMMIT; ``pages`` 0 where they cannot be
        counted, ``readable`` False when somebody should look at the file again.
    :raises Problem: ``dossier_unknown``, ``dossier_erased``, ``paper_unknown``, ``scan_type_unknown``, ``scan_too_large``,
        ``scan_empty``, ``scan_undecodable``, ``not_now`` (annulled), ``line_too_large``, ``disk_full``, ``store_busy``.
    """
    paper = normal(paper)
    _check_place(counter, dossier_id, paper)
    seen, sha256 = decoding.look(data), hashlib.sha256(data).hexdigest()
    said = {"paper": paper, "sha256": sha256, "size": len(data), "pages": seen.pages, "readable": seen.readable}
    with counter.store.write():
        dossier = counter.dossier(dossier_id)
        known = any(s["sha256"] == sha256 and s["paper"] == paper for s in dossier["scans"])
        if not known or scans.lost(counter.store, sha256):
            scans.add(counter.store, sha256, data, seen.kind, dossier_id, paper, urgent)
        if not known:
            counter.act_allowed(dossier_id, "attached", operator, said | {"kind": seen.kind})
    return {"dossier": dossier_id} | said


def with_sent(counter: Counter, dossier: dict[str, Any]) -> dict[str, Any]:
    """A whole fold with ``sent`` on each of its scans: whether the gateway has signed for all its bytes; None for one that was
    attached elsewhere; and ``purged_at``: since when its bytes are only there (ISO), None: they are here."""
    if not dossier["scans"]:
        return dossier
    here = scans.of_dossier(counter.store, dossier["id"])
    known = {s.sha256: {"sent": s.acked >= s.size, "purged_at": s.purged_at} for s in here}
    unknown = {"sent": None, "purged_at": None}
    return dossier | {"scans": [s | known.get(s["sha256"], unknown) for s in dossier["scans"]]}


def _check_place(counter: Counter, dossier_id: str, paper: str) -> None:
    """:raises Problem: ``dossier_unknown``, ``dossier_erased``, ``paper_unknown``."""
    dossier = counter.dossier(dossier_id)
    if dossier["erased"] or not dossier["procedure"].get("code"):
        raise Problem("dossier_erased")
    if paper not in papers_of(counter.catalogue, dossier):
        raise Problem("paper_unknown", paper=paper)
