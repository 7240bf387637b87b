"""What a dossier tells of its scans (bản chụp giấy tờ): which bytes belong to which paper. The bytes themselves are elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forms.catalogue import Catalogue
    from forms.dossier import Dossier

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST = 10**15  # what a number of a body may be at most, as everywhere


def attached(dossier: Dossier, body: dict[str, Any], row: dict[str, Any]) -> bool:
    """A step of the fold: a file was attached to a paper. The same bytes on the same paper, from two counters that had not heard
    of each other, stand once. ``pages`` 0: not countable; ``readable`` False: somebody should look at the file again."""
    size, pages = body["size"], body["pages"]
    whole = all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < _MOST for n in (size, pages))
    if not whole or not size or not _SHA256.fullmatch(body["sha256"]) or not isinstance(body["readable"], bool):
        return False
    if not all(isinstance(body[k], str) and body[k] for k in ("paper", "kind")):
        return False
    one = {k: body[k] for k in ("sha256", "size", "paper", "kind", "pages", "readable")}
    if not any((s["sha256"], s["paper"]) == (one["sha256"], one["paper"]) for s in dossier.scans):
        dossier.scans.append(one)
    return True


def papers_of(catalogue: Catalogue, dossier: Mapping[str, Any]) -> dict[str, str]:
    """The papers that a scan may be attached to, code -> name: those of the dossier's case first, then those of the other cases
    of its procedure and of its linked group, then what it was received with besides (name "" where none is known).

    :param dossier: ``Dossier.as_json()``.
    """
    found: dict[str, str] = {}
    for procedure in (catalogue.procedure_of(dossier), catalogue.group_of(dossier)):
        cases = sorted(procedure.cases, key=lambda c: c.id != dossier["procedure"].get("case")) if procedure else ()
        for case in cases:
            for paper in case.papers:
                found.setdefault(paper.code, paper.name)
    for brought in dossier["papers"]:
        if isinstance(brought.get("code"), str) and brought["code"]:
            found.setdefault(brought["code"], str(brought.get("name") or ""))
    return found
