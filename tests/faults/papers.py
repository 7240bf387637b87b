"""Every paper of generated dossiers of every procedure and case: none may warn, fail, or leave its pages."""

import time
from collections.abc import Iterator
from typing import Any

from forms.catalogue import Catalogue
from forms.example import examples
from forms.papers import names_of_papers
from forms.problem import Problem
from forms.sample import paper

MOST_PAGES = {"receipt": 2, "declaration": 3, "guidance": 3}
"""A paper that is longer than this has run away; the others fit on one page, the control sheet on two."""


def dossiers(catalogue: Catalogue, count: int) -> Iterator[dict[str, Any]]:
    """``count`` lines, going round all procedures and cases, with every optional part now and then."""
    places = [(p.code, c.id) for p in catalogue.procedures for c in p.cases]
    for number in range(count):
        code, case = places[number % len(places)]
        line = next(examples(catalogue, code, case, 1, 100 + number // len(places)))
        if number % 3 == 0:
            line |= {"competent": {"unit": "00097", "name": "phường Hồng Hà, thành phố Hà Nội"}}
        if number % 4 == 0:
            line |= {"payment": {"method": "cash"}, "exemption": {"reason": "ho_ngheo", "evidence": "GCN 12/2026"}}
        if number % 5 == 0:
            line |= {"return_to": {"how": "post", "place": line["applicant"]["address"]}}
        yield line


def try_papers(count: int) -> dict[str, Any]:
    """Figures of ``count`` dossiers: papers drawn, those that failed with their reason, the slowest."""
    catalogue, begin = Catalogue.load(), time.monotonic()
    report: dict[str, Any] = {"fault": "a template that warns or fails", "dossiers": count, "papers": 0, "failed": [], "long": []}
    for line in dossiers(catalogue, count):
        procedure = catalogue.procedure(line["procedure"])
        form = catalogue.definition(procedure) if procedure else None
        for name in names_of_papers():
            if name == "declaration" and form is None:
                continue
            try:
                _pdf, pages = paper(name, line, catalogue)
            except Problem as problem:
                report["failed"].append({"paper": name, "procedure": line["procedure"], "problem": str(problem)})
                continue
            report["papers"] += 1
            if pages > MOST_PAGES.get(name, 2 if name == "control" else 1):
                report["long"].append({"paper": name, "procedure": line["procedure"], "pages": pages})
    return report | {"seconds": round(time.monotonic() - begin, 1)}
