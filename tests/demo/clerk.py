"""One sitting of a clerk at the real application: ``morning`` (until somebody pulls the plug) or ``afternoon``.

Speaks JSON lines with the director of the day: ``{"ask": …}`` waits for a line on stdin.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import Qt  # noqa: E402
from PySide6.QtWidgets import QLabel, QWidget  # noqa: E402

from desktop.app import Application  # noqa: E402
from tests.demo.hands import Hands  # noqa: E402
from tests.demo.tour import walk  # noqa: E402

F2, F3, F4, F5, F9 = Qt.Key.Key_F2, Qt.Key.Key_F3, Qt.Key.Key_F4, Qt.Key.Key_F5, Qt.Key.Key_F9
FATHER = "010096000318||Giàng Văn Phúc|14081996|Nam|Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai|01012022"
MOTHER = "010198000427||Lý Thị Mẩy|02031998|Nữ|Thôn Nà Lộc, xã Yên Thượng, tỉnh Lào Cai|01012022"
COPIER = "010080001122||Hoàng Đình Ổn|05051980|Nam|Tổ dân phố 3, xã Yên Thượng, tỉnh Lào Cai|01012022"
SINGLE = "010199003344||Đặng Thị Ửng|09091999|Nữ|Thôn Bản Qua, xã Yên Thượng, tỉnh Lào Cai|01012022"


class Sitting:
    """The application, the hands, and the words with the director."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.app = Application(["--data", str(args.data), "--print-to", str(args.out / "papers"), "--theme", "light"])
        self.hands = Hands(lambda: self.app.window, args.out)

    def tell(self, **line: Any) -> None:
        print(json.dumps(line, ensure_ascii=False), flush=True)

    def ask(self, what: str) -> None:
        """The director does it and answers."""
        self.tell(ask=what)
        sys.stdin.readline()

    def text(self, name: str) -> str:
        """What a label says now; empty when it is not there."""
        found = self.app.window.findChild(QWidget, name)
        return found.text() if isinstance(found, QLabel) and found.isVisible() else ""

    def sign_in(self) -> None:
        hands = self.hands
        hands.wait(lambda: self.app.window.findChild(QWidget, "sign_in_button"), what="sign-in page")
        hands.look(f"{self.args.sitting}_sign_in")
        hands.enter(self.args.secret)
        hands.wait(lambda: self.app.window.desk, what="desk")

    def enrol(self) -> None:
        hands = self.hands
        hands.wait(lambda: self.app.window.findChild(QWidget, "enrol_button"), what="enrolment page")
        for name, value in (
            ("address", self.args.gateway),
            ("code", self.args.code),
            ("operator", "Trần Thị Kiểm"),
            ("secret", self.args.secret),
            ("secret_again", self.args.secret),
        ):
            hands.go(f"enrol.{name}")
            hands.type(value)
        hands.look("morning_enrol")
        hands.go("enrol_button")
        hands.press(Qt.Key.Key_Space)

    # Receiving

    def procedure(self, said: str, card: str) -> None:
        """Type what people say, take the first hit, scan the card."""
        hands = self.hands
        hands.enter(said)
        hands.wait(lambda: self.app.window.findChild(QWidget, "applicant.scan"), what="applicant")
        hands.go("applicant.scan")
        hands.enter(card)

    def answer(self, **answers: str) -> None:
        for name, value in answers.items():
            self.hands.go(f"answers.{name.replace('__', '.')}")
            self.hands.enter(value)

    def papers(self, *codes: str) -> None:
        for code in codes:
            self.hands.go(f"paper.{code}.tick")
            self.hands.press(Qt.Key.Key_Space)

    def receive(self, picture: str = "") -> str:
        """F9, and the code that stands on the screen after COMMIT."""
        hands = self.hands
        if picture:
            hands.look(picture)
        hands.press(F9)
        hands.wait(lambda: self.text("received_code"), what="code: " + self.text("notice") + self.text("still_missing"))
        code = self.text("received_code")
        self.tell(received=code)
        return code

    def next(self) -> None:
        self.hands.press(F2)
        self.hands.wait(lambda: not self.text("received_code"), what="next dossier")

    def birth(self) -> None:
        hands = self.hands
        hands.type("khai sinh")
        hands.look("morning_procedure")
        for _ in "khai sinh":
            hands.press(Qt.Key.Key_Backspace)
        self.procedure("khai sinh", FATHER)
        hands.look("morning_applicant")
        self.answer(child_name="Giàng Thị Ngọc Ẩn", relation="cha", child_birth_date="02112026", child_gender="nu")
        self.answer(child_ethnicity="mong", child_birth_place="Trạm Y tế xã Yên Thượng, tỉnh Lào Cai")
        self.answer(child_home_town="Xã Yên Thượng, tỉnh Lào Cai")
        hands.press(F9)
        hands.look("morning_too_early")
        hands.go("answers.mother.scan")
        hands.enter(MOTHER)
        self.answer(copies="2")
        self.papers("TK", "GCS")

    def certified_copy(self) -> None:
        self.procedure("sao y", COPIER)
        self.answer(document_name="Giấy phép lái xe", pages="2", copies="3")
        self.papers("BC")

    def marital(self) -> None:
        self.procedure("giay doc than", SINGLE)
        hands = self.hands
        hands.find("answers.subject.borrow").click()  # type: ignore[attr-defined]
        self.answer(relation="ban than", residence="Thôn Bản Qua, xã Yên Thượng, tỉnh Lào Cai")
        self.answer(marital_status="chua", purpose="Để đăng ký kết hôn")
        self.papers("TK")

    def extract_begun(self) -> None:
        """The fourth dossier, as far as the clerk gets."""
        self.procedure("trich luc", COPIER)
        self.answer(subject_name="Hoàng Đình Ổn", relation="ban", civil_act="khai sinh")
        self.hands.go("answers.registered_at")
        self.hands.type("Ủy ban nhân dân xã Yên Thượng")


def morning(s: Sitting) -> None:
    s.app.start()
    s.enrol()
    s.sign_in()
    s.hands.wait(lambda: "Đang có mạng" in s.text("status_line"), what="line")
    s.hands.look("morning_desk")
    s.ask("cut the line")
    for dossier, picture in ((s.birth, "morning_birth"), (s.certified_copy, "morning_copy"), (s.marital, "morning_marital")):
        dossier()
        s.receive(picture)
        s.hands.wait(lambda: list((s.args.out / "papers").glob("*.pdf")), what="printed paper")
        s.hands.look(f"{picture}_done")
        s.next()
    s.hands.press(F3)
    s.hands.look("morning_dossiers")
    s.hands.press(F5)
    s.hands.wait(lambda: "Chưa tới được máy chủ" in s.text("status_line"), what="no line")  # it is refused, not silent
    s.hands.look("morning_offline")
    s.hands.press(F2)
    s.extract_begun()
    s.hands.wait(lambda: "Đã giữ nháp" in s.text("draft_state"), what="draft kept")
    s.hands.look("morning_fourth")
    s.tell(typing=s.text("draft_state"))
    while True:  # the plug is pulled while the clerk goes on typing
        s.hands.type(" ")
        s.hands.wait(lambda: True)


def afternoon(s: Sitting) -> None:
    s.app.start()
    s.sign_in()
    s.hands.wait(lambda: s.app.window.findChild(QWidget, "draft_offer"), what="draft offer")
    s.hands.wait(lambda: s.hands.find("draft_offer").isVisible(), what="draft offer seen")
    s.hands.look("afternoon_draft_offered")
    s.hands.find("draft_resume").click()  # type: ignore[attr-defined]
    s.hands.wait(lambda: s.app.window.findChild(QWidget, "answers.registered_at"), what="draft recovered")
    s.hands.look("afternoon_draft_recovered")
    recovered = s.hands.find("answers.registered_at").text()  # type: ignore[attr-defined]
    s.tell(recovered=recovered.strip())
    s.answer(copies="1")
    s.papers("TK")
    s.receive()
    s.hands.look("afternoon_received")
    s.ask("restore the line")
    s.hands.press(F5)
    s.hands.find("send_now").click()  # type: ignore[attr-defined]
    s.ask("wait for verdicts")
    s.hands.press(F4)
    s.hands.wait(lambda: s.app.window.findChild(QWidget, "task_open"), what="refusal as a task")
    for key, picture in ((F4, "afternoon_tasks"), (F5, "afternoon_sync"), (F3, "afternoon_dossiers")):
        s.hands.press(key)
        s.hands.look(picture)
    walk(s, "afternoon")
    s.hands.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    s.hands.wait(lambda: s.app.window.desk is None, what="locked")
    s.hands.look("afternoon_locked")
    s.app.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sitting", choices=("morning", "afternoon"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    for name in ("secret", "gateway", "code"):
        parser.add_argument(f"--{name}", default="")
    sitting = Sitting(parser.parse_args())
    scenes: dict[str, Callable[[Sitting], None]] = {"morning": morning, "afternoon": afternoon}
    try:
        scenes[sitting.args.sitting](sitting)
    except Exception:  # noqa: BLE001 - of any kind
        # Not through the application's crash dialog: nobody is here to press its button.
        traceback.print_exc()
        sitting.hands.look("failed")
        os._exit(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
