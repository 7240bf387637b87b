"""``python -m tests.desktop.typist DATA``: a window of its own, with somebody who types and never finishes. What was typed is
printed right after the last key; then the window waits for whatever comes."""

import json
import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.desktop.conftest import Sitting
from tests.desktop.test_reception import CARD, focus


def main(data: Path) -> int:
    """Type until somebody ends the process."""
    application = QApplication([])
    one = Sitting(data, Path(tempfile.mkdtemp(dir=data.parent)), None)
    one.sign_in()
    one.hands.enter("khai sinh")
    one.hands.enter(CARD)
    one.hands.wait(lambda: focus() == "applicant.phone")
    one.hands.go("answers.mother.scan")
    one.hands.type("Lý Thị Mẩy")
    assert one.app.window.desk is not None
    print(json.dumps(one.app.window.desk.reception.line(), ensure_ascii=False), flush=True)
    return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
