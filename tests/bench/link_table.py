"""The table of the link bench: a row is our median, the anchors of the same run, the limit, and whether the target is met."""

import statistics

import zstandard

from tests.bench.link_cases import RECORDED, RECORDED_KB, Result, Row, World, figure, median, payload

HEADS = ("case", "anchor measured now", "limit", "ours: median (min-max, n)", "target", "anchor : ours", "ours : limit", "ok")


def table(world: World, wanted: list[Row], found: list[Result]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADS, tuple("---" for _ in HEADS), *(_cells(world, row, found) for row in wanted)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def good(found: list[Result], label: str) -> list[Result]:
    """The runs of a label that ended well: everything arrived as it was sent."""
    return [r for r in found if r["label"] == label and r.get("rc", 0) == 0 and not r.get("failed")]


def _cells(world: World, row: Row, found: list[Result]) -> tuple[str, ...]:
    runs = good(found, row.ours)
    failed = sum(r["label"] == row.ours for r in found) - len(runs)
    anchors, first = _anchors(row, found)
    if not runs:
        ours = f"failed {failed}" if failed else "not run"
        return (row.case, anchors, "", ours, _wanted(row, first), "", "", "NO" if failed else "-")
    middle, values = median(runs, row.figure), [figure(r, row.figure) for r in runs]
    limit, json_limit = _limits(world, row, runs)
    shown = f"{_number(middle)} {row.unit} ({_number(min(values))}-{_number(max(values))}, n {len(runs)}{_cuts(runs)})"
    shown += f", {failed} FAILED" if failed else ""
    behind = [r["extra"]["scans_s"] for r in runs if "scans_s" in r.get("extra", {})]
    shown += f"; the scans were there after {_number(statistics.median(behind))} s" if behind else ""
    compared = middle / first if first and row.at_least else first / middle if first and middle else 0.0
    return (
        row.case,
        anchors,
        (f"{_number(limit)}" if limit else "") + (f" (JSON {_number(json_limit)})" if json_limit else ""),
        shown,
        _wanted(row, first),
        f"{compared:.2f}x" if compared else "",
        f"{middle / limit:.2f}x" if limit else "",
        _verdict(row, middle, first, failed, runs),
    )


def _wanted(row: Row, first: float) -> str:
    return f">= {row.target} x anchor" if row.at_least else f"<= {row.target:g} {row.unit}"


def _verdict(row: Row, middle: float, first: float, failed: int, runs: list[Result]) -> str:
    """yes; one outage more, where the issue allows that and says to say so; NO, also for a run that did not arrive whole."""
    if failed:
        return "NO"
    if row.at_least:
        return "yes" if first and middle >= row.target * first else "NO" if first else "?"
    if middle <= row.target:
        return "yes"
    return "one outage more" if row.outage and middle <= row.target + row.outage and _cuts(runs) else "NO"


def _cuts(runs: list[Result]) -> str:
    cuts = sorted({int(r.get("cuts", 0)) for r in runs})
    return f", {'-'.join(map(str, cuts))} cuts" if cuts[-1] else ""


def _anchors(row: Row, found: list[Result]) -> tuple[str, float]:
    """The anchors' medians in words, and the first one's figure (0 where there is none)."""
    texts, first = [], 0.0
    for place, (name, label) in enumerate(row.anchors):
        runs, tried = good(found, label), [r for r in found if r["label"] == label]
        value, mark = (median(runs, row.figure), "") if runs else (_recorded(row, label), " recorded")
        if tried and not runs:
            texts.append(f"{name} not finished in {max(float(r.get('wall_s', 0)) for r in tried):.0f} s")
        elif value is not None:
            texts.append(f"{name} {_number(value)}{mark}")
            first = value if place == 0 else first
    return ", ".join(texts) or row.notes.get("anchor", "-"), first


def _recorded(row: Row, label: str) -> float | None:
    """A figure of RESULTS.md; for the product's workload that of the bench's, which is the only one there is."""
    known = RECORDED_KB if row.figure == "up_kb" else RECORDED if row.figure == "sync_s" else {}
    return known.get(label, known.get(label.replace("-p", "-d", 1)))


def _limits(world: World, row: Row, runs: list[Result]) -> tuple[float, float]:
    """Seconds: for our payload as it was sent, and for the workload as one zstd-19 frame of JSON; 0 where there is none."""
    if row.limit is None:
        return 0.0, 0.0
    sent = statistics.median(payload(r) for r in runs)
    plain = row.limit(len(_compressed(world, row.plain))) if row.plain else 0.0
    return row.limit(sent), plain


_ONCE: dict[str, bytes] = {}


def _compressed(world: World, name: str) -> bytes:
    if name not in _ONCE:
        text = (world.data(name) / "dossiers.jsonl").read_bytes()
        _ONCE[name] = zstandard.ZstdCompressor(level=19).compress(text)
    return _ONCE[name]


def _number(value: float) -> str:
    """Three figures that matter, never an exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 20 else f"{value:.2f}"
