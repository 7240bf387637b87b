"""A finding in a clerk's words: what is missing by its title, what is wrong with the reason beside the title."""

from desktop import messages
from desktop.fields import Field
from desktop.reception.form_section import FormSection
from desktop.reception.papers_section import PapersSection
from forms.validation import Finding


class FindingWords:
    """``titled`` names the thing, ``said`` adds why it is wrong, ``refused`` is the end of a sentence about it."""

    def __init__(self, applicant: dict[str, Field], form: FormSection, papers: PapersSection, options: dict[str, Field]) -> None:
        self._applicant, self._form, self._papers, self._options = applicant, form, papers, options

    def fields(self) -> dict[tuple[str, ...], Field]:
        """Every field on the page by its path."""
        plain = {f.path: f for f in (*self._applicant.values(), *self._options.values())}
        return plain | self._form.all_fields()

    def field_of(self, found: Finding) -> Field | None:
        """The field that a finding speaks of, or the person it belongs to."""
        known = self.fields()
        return known.get(found.path) or known.get(found.path[:2])

    def titled(self, found: Finding) -> str:
        """``Giấy chứng sinh``, ``Ngày sinh (mẹ)``."""
        if found.path[0] == "papers":
            return next((r.need.name for r in self._papers.rows if r.need.code == found.path[1]), found.path[1])
        if found.path[0] in ("procedure", "case"):
            return "thủ tục"
        field = self.field_of(found)
        title = field.title if field else found.path[-1]
        owner = self._form.fields.get(found.path[1]) if found.path[0] == "answers" and len(found.path) > 2 else None
        return f"{title} ({owner.title.lower()})" if owner else title

    def said(self, found: Finding) -> str:
        """``Giấy chứng sinh``, or for what is there but wrong ``Số định danh: cần đủ 12 chữ số``."""
        return self.titled(found) if found.code == "missing" else f"{self.titled(found)}: {self._reason(found)}"

    def refused(self, found: Finding) -> str:
        """``còn thiếu Giấy chứng sinh``, ``Số định danh: cần đủ 12 chữ số``."""
        return f"còn thiếu {self.titled(found)}" if found.code == "missing" else self.said(found)

    def _reason(self, found: Finding) -> str:
        field = self.field_of(found)
        return messages.finding(found.code, field.spec["x-kind"] if field else "")
