"""What is known already is not asked again: answers from the identity card, from section 2, from earlier dossiers."""

from collections.abc import Iterable, Mapping
from typing import Any

from forms.address import text_of
from forms.definition import Definition

_WORDS = {"male": "Nam", "female": "Nữ"}
_OF_APPLICANT = ("full_name", "birth_date", "gender", "phone", "address", "email")


def from_applicant(definition: Definition, applicant: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that the form takes from the applicant (``"x-prefill": "applicant.NAME"``)."""
    found = {}
    for name, spec in definition.properties.items():
        where, _, what = str(spec.get("x-prefill", "")).partition(".")
        if where == "applicant" and applicant.get(what):
            value = applicant[what]
            found[name] = _WORDS.get(value, value) if what == "gender" else value
    return found


def known_person(dossiers: Iterable[Mapping[str, Any]], number: str) -> dict[str, Any]:
    """What earlier dossiers say of the person with this personal number, as applicant or inside an answer; the newest word
    holds. ``dossiers``: folds, newest first. Nothing is invented: a detail that no dossier has is not there."""
    found: dict[str, Any] = {}
    for dossier in dossiers:
        for person in _persons(dossier, number):
            for name, value in person.items():
                if value not in (None, "", [], {}):
                    found.setdefault(name, value)
    return found


def differences(now: Mapping[str, Any], earlier: Mapping[str, Any]) -> list[str]:
    """Names of the details that a person gave differently before (another address, another phone)."""
    both = [n for n in _OF_APPLICANT if now.get(n) and earlier.get(n)]
    return [n for n in both if text_of(now[n]).casefold() != text_of(earlier[n]).casefold()]


def _persons(dossier: Mapping[str, Any], number: str) -> Iterable[dict[str, Any]]:
    applicant = dossier.get("applicant") or {}
    if applicant.get("personal_id") == number:
        yield {k: applicant.get(k) for k in (*_OF_APPLICANT, "personal_id")}
    for value in (dossier.get("answers") or {}).values():
        if isinstance(value, dict) and value.get("personal_id") == number:
            yield value
