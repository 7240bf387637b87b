"""F3: *Thêm tệp* beside each paper; what is kept, sent, doubtful or refused is said, and the keyboard stays where it was."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.dossiers.papers import FIRST, sent_words
from desktop.dossiers.telling import sentence, together
from forms.catalogue import Catalogue
from forms.example import examples
from sync import acts
from sync.scans import attach_bytes
from sync.store import scans
from tests.conftest import open_counter
from tests.desktop.conftest import Sitting
from tests.desktop.test_acts_on_screen import click, opened, received
from tests.desktop.test_layout import cut
from tests.sync.scan_samples import LOCKED, jpeg, pdf, png

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
CATALOGUE = Catalogue.load()
MARITAL = "1.004873"


@pytest.fixture
def choose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Makes files and lets the clerk choose them: ``choose(("a.pdf", bytes), …)``; the titles of the dialogs it opens."""
    titles: list[str] = []

    def files(*wanted: tuple[str, bytes]) -> list[str]:
        paths = [tmp_path / name for name, _ in wanted]
        for path, (_name, content) in zip(paths, wanted, strict=True):
            path.write_bytes(content)

        def ask(_parent: Any, title: str, _folder: str, kinds: str) -> tuple[list[str], str]:
            assert all(f"*.{end}" in kinds for end in ("jpg", "jpeg", "png", "pdf"))
            titles.append(title)
            return [str(p) for p in paths], ""

        monkeypatch.setattr(QFileDialog, "getOpenFileNames", ask)
        return titles

    return files


def story_of(one: Sitting) -> Any:
    assert one.app.window.desk is not None
    return one.app.window.desk.dossiers.story


def told(one: Sitting, code: str = "TK") -> str:
    """What the row of a paper says, "" for nothing."""
    found = story_of(one).findChild(object, f"scan.told.{code}")
    return str(found.text()).replace("\N{NO-BREAK SPACE}", " ") if found is not None else ""


def whole(one: Sitting, name: str) -> bool:
    """Whether all of a widget is in view."""
    widget = one.hands.find(name)
    return widget.visibleRegion().boundingRect() == widget.rect()


def first_paper(data: Path, which: str) -> dict[str, Any]:
    counter = open_counter(data, writes=False)
    found: dict[str, Any] = counter.dossier(which)["papers"][0]
    counter.close()
    return found


def test_files_are_added_to_a_paper_by_keyboard_and_counted(
    sitting: Callable[[], Sitting], data: Path, choose: Callable[..., list[str]]
) -> None:
    which = received(data, MARITAL)
    paper = first_paper(data, which)
    one = opened(sitting, which)
    titles = choose(("Nguyễn Văn A.pdf", pdf(2)), ("b.jpg", jpeg()))
    one.hands.press(KEY.Key_D, CTRL)
    one.hands.wait(lambda: one.hands.find(FIRST + paper["code"]).hasFocus(), what="the first paper has the keyboard")
    one.hands.look("begin")
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: "2 tệp, 3 trang · chưa gửi" in told(one, paper["code"]), what="the count")
    assert titles == [f"Thêm tệp: {paper['name']}"]
    assert one.text("notice") == "Đã thêm và giữ 2 tệp, 3 trang."
    one.hands.wait(lambda: one.hands.find(FIRST + paper["code"]).hasFocus(), what="the keyboard is where it was")
    one.hands.look("papers")
    assert whole(one, f"scan.told.{paper['code']}"), "what was added is in view"
    assert cut(one.app.window) == []
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: "2 tệp đã có ở giấy tờ này từ trước." in one.text("notice"), what="nothing is kept twice")
    counter = open_counter(data)
    assert [r["event"] for r in counter.dossier(which)["history"]] == ["received", "attached", "attached"]
    for scan in scans.pending(counter.store):
        with counter.store.write():
            scans.acknowledge(counter.store, scan.sha256, scan.size)
    counter.close()
    one.hands.wait(lambda: "· đã gửi" in told(one, paper["code"]), what="the gateway has signed for them")


def test_what_cannot_be_read_is_kept_and_asked_about_and_what_is_no_scan_is_refused(
    sitting: Callable[[], Sitting], data: Path, choose: Callable[..., list[str]]
) -> None:
    which = received(data, MARITAL)
    paper = first_paper(data, which)
    one = opened(sitting, which)
    choose(("locked.pdf", LOCKED), ("cut.png", png()[:-9]), ("letter.docx", b"PK\3\4"), ("empty.jpg", b""), ("ok.png", png()))
    click(one, FIRST + paper["code"])
    one.hands.wait(lambda: "3 tệp" in told(one, paper["code"]), what="three are kept")
    one.hands.wait(lambda: one.text("notice"), what="notice")
    assert one.text("notice") == (
        "Đã thêm và giữ 3 tệp, 2 trang. Hãy mở xem lại locked.pdf và 1 tệp khác: máy không đọc được đến hết (thiếu, hỏng hoặc có"
        " mật khẩu). Tệp letter.docx không phải ảnh JPEG, PNG hay tệp PDF. Lưu lại thành một trong ba loại ấy rồi thêm lại."
        " Còn 1 tệp khác cũng chưa thêm được."
    )
    one.hands.press(KEY.Key_D, CTRL)
    one.hands.look("doubtful")
    assert whole(one, FIRST + paper["code"])
    assert cut(one.app.window) == []
    assert [s["readable"] for s in story_of(one)._dossier["scans"]] == [False, False, True]


def test_a_problem_that_is_not_of_one_file_ends_it(
    sitting: Callable[[], Sitting], data: Path, choose: Callable[..., list[str]]
) -> None:
    which = received(data, MARITAL)
    paper = first_paper(data, which)
    one = opened(sitting, which)
    choose(("a.png", png()), ("b.jpg", jpeg()))
    add = one.hands.find(FIRST + paper["code"])
    one.app.commands.act(lambda c, who: acts.annul(c, which, who, "gõ nhầm", "Trưởng Trung tâm"))
    add.click()  # type: ignore[attr-defined]
    one.hands.wait(lambda: "lúc này không làm việc ấy được" in one.text("notice"), what="the code is void")
    assert "khác cũng chưa" not in one.text("notice")
    one.hands.wait(lambda: story_of(one)._dossier["stage"] == "annulled", what="the news")
    assert not [b for b in story_of(one).findChildren(type(add)) if b.objectName().startswith(FIRST)]


def test_no_file_chosen_is_nothing_done(sitting: Callable[[], Sitting], data: Path, choose: Callable[..., list[str]]) -> None:
    which = received(data, MARITAL)
    one = opened(sitting, which)
    titles = choose()
    click(one, FIRST + first_paper(data, which)["code"])
    one.hands.look("nothing")
    assert (len(titles), one.text("notice"), story_of(one)._dossier["scans"]) == (1, "", [])


def test_papers_that_were_not_brought_stand_behind_one_button(sitting: Callable[[], Sitting], data: Path) -> None:
    counter = open_counter(data)
    line = next(examples(CATALOGUE, MARITAL, None, 1, 7)) | {"id": os.urandom(8).hex(), "papers": []}
    bare = counter.receive(line, "CB001", allow_incomplete=True, date_confirmed=True).id
    counter.close()
    which = received(data, MARITAL)
    one = opened(sitting, which)
    codes = [n.code for n in CATALOGUE.procedure(MARITAL).case(None).papers]  # type: ignore[union-attr]
    brought = {p["code"] for p in story_of(one)._dossier["papers"]}
    one.hands.wait(lambda: {c for c in codes if one.hands.find(FIRST + c).isVisible()} == brought, what="what was brought")
    if set(codes) - brought:
        click(one, "scan.more")
        one.hands.wait(lambda: all(one.hands.find(FIRST + c).isVisible() for c in codes), what="the others")
        one.hands.press(KEY.Key_D, CTRL)
        one.hands.look("others")
        assert cut(one.app.window) == []
    one.app.commands.show_wanted.emit("dossiers", bare)
    one.hands.wait(lambda: story_of(one)._dossier["id"] == bare, what="the bare one")
    one.hands.wait(
        lambda: all(one.hands.find(FIRST + c).isVisible() for c in codes), what="with nothing brought nothing is hidden"
    )


def test_after_reception_one_key_opens_the_papers(sitting: Callable[[], Sitting], choose: Callable[..., list[str]]) -> None:
    one = sitting()
    assert one.app.window.desk is not None
    page = one.app.window.desk.reception
    page.show_line(next(examples(CATALOGUE, MARITAL, None, 1, 6)) | {"id": os.urandom(8).hex()})
    one.hands.wait(lambda: one.text("still_missing") == "Đủ để tiếp nhận", what="nothing missing")
    one.hands.press(KEY.Key_F9)
    one.hands.wait(lambda: one.text("received_code"), what="code")
    one.hands.look("done")
    assert cut(one.app.window) == []
    which = page.after._received.id  # type: ignore[union-attr]
    one.hands.press(KEY.Key_D, CTRL)
    one.hands.wait(lambda: (story_of(one)._dossier or {}).get("id") == which, what="its story")
    adds = lambda: [b for b in story_of(one).findChildren(object) if b.objectName().startswith(FIRST)]  # noqa: E731
    one.hands.wait(lambda: any(b.hasFocus() for b in adds()), what="the keyboard is at its papers")
    one.hands.look("after")
    assert whole(one, next(b.objectName() for b in adds() if b.hasFocus()))
    choose(("a.png", png()))
    one.hands.press(KEY.Key_Return)
    one.hands.wait(lambda: len(story_of(one)._dossier["scans"]) == 1, what="the scan")


def test_scans_of_others_are_told_and_not_said_to_be_sent(sitting: Callable[[], Sitting], data: Path) -> None:
    which = received(data, MARITAL)
    paper = first_paper(data, which)
    counter = open_counter(data)
    attach_bytes(counter, which, paper["code"], pdf(2), "CB001")
    with counter.store.write() as db:
        db.execute("DELETE FROM scans")
    counter.close()
    one = opened(sitting, which)
    one.hands.wait(lambda: "1 tệp, 2 trang · từ quầy khác" in told(one, paper["code"]), what="the row")
    words = [w.text() for w in story_of(one).findChildren(object) if hasattr(w, "text")]
    assert f"Thêm bản chụp {paper['name']}, 2 trang." in words


def test_the_words() -> None:
    sent, kept, other = {"sent": True}, {"sent": False}, {"sent": None}
    assert [sent_words(s) for s in ([], [sent], [kept], [sent, kept], [other], [other, sent], [other, kept])] == [
        "", "đã gửi", "chưa gửi", "1 chưa gửi", "từ quầy khác", "đã gửi", "1 chưa gửi"
    ]  # fmt: skip
    event = {"event": "attached", "body": {"paper": "GKS", "pages": 0, "readable": False}}
    assert sentence(event, {}, "")[0] == "Thêm bản chụp GKS. Có tệp cần mở xem lại."


def test_scans_added_in_a_row_are_told_once() -> None:
    def one(paper: str, pages: int = 1, readable: bool = True, **more: Any) -> dict[str, Any]:
        body = {"paper": paper, "pages": pages, "readable": readable}
        return {"event": "attached", "operator": "CB001", "counter": "c1", "body": body} | more

    row = {"event": "received", "operator": "CB001", "counter": "c1", "body": {}}
    history = [
        row,
        one("A"),
        one("A", 3),
        one("A", 0, False),
        one("B"),
        row,
        one("B"),
        one("B", marked=True),
        one("B", operator="X"),
    ]
    words = [sentence(e, {}, "")[0] for e in together(history) if e["event"] == "attached"]
    assert words == [
        "Thêm 3 tệp bản chụp A, 4 trang. Có tệp cần mở xem lại.",
        *["Thêm bản chụp B, 1 trang."] * 4,
    ]
    assert together([one("A", body={"erased": True})] * 2) == [one("A", body={"erased": True})] * 2
