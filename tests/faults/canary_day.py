"""``python -m tests.faults.canary_day``: a clerk's day at the real window, told over stdin. Ends by being killed.

Received by hand and by the window's own commands, scans attached, searched, printed, a report saved, sent, a draft half typed,
copied, locked, opened again, a bug in the middle. Then one JSON line says that it is time to pull the plug.
"""

import json
import os
import sys
import time
import traceback
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QWidget

from desktop.app import Application
from sync import acts
from sync.hardening import harden, private_temp
from tests.demo.hands import Hands


class Clerk:
    """The application and the hands on it."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan, self.export = plan, Path(plan["export"])
        self.app = Application(["--data", plan["data"], "--print-to", plan["prints"], "--theme", "light"])
        self.hands = Hands(lambda: self.app.window, self.export)
        self.said: list[Any] = []
        self.app.tasks.bug.connect(lambda error: self.said.append(error))

    def text(self, name: str) -> str:
        found = self.app.window.findChild(QWidget, name)
        return found.text() if isinstance(found, QLabel) and found.isVisible() else ""

    def sign_in(self) -> None:
        self.hands.wait(lambda: self.app.window.findChild(QWidget, "sign_in_button"), what="sign-in page")
        self.hands.wait(QApplication.focusWidget, what="keyboard")
        self.hands.enter(self.plan["secret"])
        self.hands.wait(lambda: self.app.window.desk, what="desk")

    def done(self, begin: Any, what: str) -> Any:
        """The answer of a command of the window."""
        answer: list[Any] = []
        begin(answer.append)
        self.hands.wait(lambda: answer, 60, what)
        return answer[0]

    def by_hand(self) -> None:
        """Key by key, from a card that is scanned."""
        who, hands = self.plan["by_hand"], self.hands
        hands.enter("sao y")
        hands.wait(lambda: self.app.window.findChild(QWidget, "applicant.scan"), what="applicant")
        hands.go("applicant.scan")
        hands.enter(f"{who['personal_id']}||{who['full_name']}|14081996|Nữ|{who['address']}|01012022")
        for name, value in (("applicant.phone", who["phone"]), ("answers.document_name", f"Bằng của {who['full_name']}")):
            hands.go(name)
            hands.enter(value)
        for name, value in (("answers.pages", "2"), ("answers.copies", "3")):
            hands.go(name)
            hands.enter(value)
        hands.go("paper.BC.tick")
        hands.press(Qt.Key.Key_Space)
        hands.press(Qt.Key.Key_F9)
        hands.wait(lambda: self.text("received_code"), what="code: " + self.text("still_missing"))
        hands.wait(lambda: list(Path(self.plan["prints"]).glob("*.pdf")), what="print")

    def day(self) -> dict[str, Any]:
        commands, hands = self.app.commands, self.hands
        self.app.start()
        self.sign_in()
        self.by_hand()
        for line in self.plan["lines"]:
            done = self.done(lambda say, line=line: commands.receive(line, say, self.said.append), "received")
            if done.id in self.plan["scans"]:
                commands.attach(done.id, line["papers"][0]["code"], [Path(self.plan["scans"][done.id])])
        commands.print_paper_of(done.id, done.code)
        last = self.plan["lines"][0]["id"]
        name = self.plan["lines"][0]["applicant"]["full_name"]
        self.done(lambda say: commands.act(lambda c, w: acts.withdraw(c, last, w, f"{name} rút"), lambda: say(1)), "withdrawn")
        hands.press(Qt.Key.Key_F3)
        hands.type(name)
        today = date.today()
        make = lambda say: commands.make_report("register", today, today, print_nothing, say, self.said.append)  # noqa: E731
        report = self.done(make, "made")
        for kind in ("xlsx", "pdf"):
            file = self.export / f"so.{kind}"
            self.done(lambda say, kind=kind, file=file: commands.save_report(report, kind, file, say), "saved")
        self.half_typed()
        clipboard = self.copy_and_lock(name)
        self.sign_in()
        self.bugs(name)
        hands.wait(lambda: self.done(commands.status, "status")["waiting"] == 0, 60, "sent")
        return {"erase": last, "clipboard": clipboard, "said": [str(one) for one in self.said if not isinstance(one, KeyError)]}

    def half_typed(self) -> None:
        who, hands = self.plan["by_hand"], self.hands
        hands.press(Qt.Key.Key_F2)
        hands.wait(lambda: self.app.window.findChild(QWidget, "procedure_search"), what="reception")
        hands.go("procedure_search")
        hands.enter("sao y")
        hands.wait(lambda: self.app.window.findChild(QWidget, "applicant.full_name"), what="applicant")
        hands.go("applicant.full_name")
        hands.type(who["full_name"])

    def copy_and_lock(self, name: str) -> dict[str, Any]:
        """What the clipboard holds before and after, and what a history program is told."""
        field = QApplication.focusWidget()
        assert isinstance(field, QLineEdit)
        field.selectAll()
        field.copy()
        QApplication.processEvents()
        clipboard = QGuiApplication.clipboard()
        held = {"copied": bool(clipboard.text()), "marked": clipboard.mimeData().hasFormat("x-kde-passwordManagerHint")}
        self.app.lock()
        self.hands.wait(lambda: self.app.window.desk is None, what="locked")
        return held | {"after_lock": bool(clipboard.text())}

    def bugs(self, name: str) -> None:
        """Nobody expected these; both carry a person's data in their words."""

        def close() -> None:
            box = QApplication.activeModalWidget()
            if isinstance(box, QMessageBox):
                box.buttons()[0].click()

        timer = QTimer()
        timer.timeout.connect(close)
        timer.start(20)
        lines = self.plan["lines"]
        self.app.commands._tasks.run(lambda _c: {}[name], print_nothing)
        QTimer.singleShot(0, lambda: fail(lines, name))
        log = Path(self.plan["data"]) / "window.log"
        self.hands.wait(lambda: log.exists() and len(log.read_text().splitlines()) >= 2, what="two bugs in the log")
        timer.stop()


def print_nothing(*_: Any) -> None:
    """Nobody waits for it."""


def fail(lines: list[Any], name: str) -> None:
    """A bug in a slot of the window."""
    raise ValueError(f"{name}: {lines[0]['applicant']}")


def main() -> None:
    plan = json.loads(sys.stdin.readline())
    harden()
    private_temp()
    clerk = Clerk(plan)
    try:
        told = clerk.day()
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # no dialog: nobody is here
    print(json.dumps(told), flush=True)
    while True:  # the plug is pulled now
        QApplication.processEvents()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
