"""Every failure that the floors below can raise has a sentence and an advice."""

import re
from pathlib import Path
from string import Formatter

import pytest

from desktop import messages
from desktop.task_list.reports import TASKS
from forms.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [f for room in ("forms", "sync", "desktop") for f in (ROOT / room).rglob("*.py")]


def raised() -> set[str]:
    """Codes in ``Problem("…")`` or ``Problem(_NAME)``, and those handed to ``_text(value, "…")`` of the acts."""
    found = set[str]()
    for text in (f.read_text("utf-8") for f in SOURCES):
        found |= set(re.findall(r'Problem\(\s*"([a-z_]+)"', text)) | set(re.findall(r'\b_text\([^\n]*"([a-z]+_missing)"\)', text))
        for name in re.findall(r"Problem\(\s*([A-Z_]+)\b", text):
            found |= set(re.findall(rf'^{name} = "([a-z_]+)"', text, re.MULTILINE))
        found |= set(re.findall(r'Problem\("[a-z_]+" if [^\n]* else "([a-z_]+)"', text))
    return found


def read_codes() -> set[str]:
    """Codes handed to ``read_json(file, missing, damaged)``."""
    pattern = re.compile(r'read_json\([^"\n]*(?:missing=)?"([a-z_]+)", (?:damaged=)?"([a-z_]+)"')
    return {code for f in SOURCES for pair in pattern.findall(f.read_text("utf-8")) for code in pair}


def test_every_code_has_a_message() -> None:
    assert len(raised()) > 40
    assert sorted((raised() | read_codes()) - messages.MESSAGES.keys()) == []


@pytest.mark.parametrize("code", sorted(messages.MESSAGES))
def test_a_message_is_a_sentence_and_an_advice_and_needs_no_detail(code: str) -> None:
    found = messages.of(Problem(code))
    assert found.sentence.endswith(".")
    assert found.advice
    assert found.english
    assert "{" not in found.sentence + found.advice + found.english
    names = [name for _, name, _, _ in Formatter().parse(messages.MESSAGES[code].sentence) if name]
    assert all(name in ("code", "file", "field", "left", "seconds", "need") for name in names)


def test_no_message_is_left_over() -> None:
    """Of a failure that nothing raises any more."""
    text = "".join(f.read_text("utf-8") for f in SOURCES if f.name != "failure_words.py")
    assert [code for code in messages.MESSAGES if f'"{code}"' not in text and code != "unknown_problem"] == []


def test_every_finding_and_reported_task_has_words() -> None:
    text = (ROOT / "forms" / "validation.py").read_text("utf-8") + (ROOT / "forms" / "person.py").read_text("utf-8")
    codes = set(re.findall(r'Finding\(.*, "([a-z_]+)"[,)]', text)) | set(re.findall(r'"(personal_id_[a-z_]+)"', text))
    codes |= set(re.findall(r'"(?:required|minLength|enum|additionalProperties)": "([a-z_]+)"', text))
    assert {"missing", "in_future", "unknown", "personal_id_year_differs"} <= codes
    assert sorted(codes - messages.FINDINGS.keys()) == []
    sync = "".join(f.read_text("utf-8") for f in (ROOT / "sync").rglob("*.py"))
    kinds = set(re.findall(r'add_task\([^"]*"([a-z_]+)"', sync)) | {"store_restored", "store_copied", "store_copied_here"}
    assert {"gateway_restored", "log_forked"} <= kinds
    assert sorted(kinds - TASKS.keys()) == []
