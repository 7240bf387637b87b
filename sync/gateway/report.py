"""What a gateway holds, in figures, for ``gateway-report``."""

from typing import Any

import sqlalchemy as sa

from sync.gateway import schema as t
from sync.gateway.ledger import Ledger


def report(ledger: Ledger) -> dict[str, Any]:
    """``gateway-report`` of the headless contract."""
    with ledger.engine.connect() as db:
        rows = db.execute(sa.select(t.logs).order_by(t.logs.c.started)).all()
        twice = sa.select(t.received.c.code).group_by(t.received.c.code).having(sa.func.count() > 1)
        counters: dict[str, Any] = {}
        for log in rows:
            c = t.events.c
            query = sa.select(c.number).where(c.counter == log.counter, c.epoch == log.epoch)
            have = set(db.scalars(query))
            gaps = sorted(set(range(1, log.number + 1)) - have)
            one = {"epoch": log.epoch, "last": log.number, "gaps": gaps}
            known = counters.setdefault(log.counter, {"epochs": []})
            known |= one | {"epochs": [*known["epochs"], one]}
        return {
            "events": db.scalar(sa.select(sa.func.count()).select_from(t.events)),
            "dossiers": len(ledger.dossier_ids()),
            "counters": counters,
            "codes_twice": list(db.scalars(twice)),
        }
