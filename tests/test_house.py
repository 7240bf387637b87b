"""The house keeps its rooms small: what a reader can hold in the head."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("forms", "sync", "desktop", "resources", "installer", "tests")
MODULES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def functions(module: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("module", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 400
    assert [(name, lines) for name, lines in functions(module) if lines > 40] == []
    assert module.stem not in ("utils", "helpers", "manager", "misc")
