"""Types into the real reception page and measures from the last key until the screen says that the draft is kept."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QLabel

from tests.demo.clerk import Sitting


def main() -> None:
    args = argparse.Namespace(sitting="bench", data=Path(sys.argv[1]), out=Path(sys.argv[1]) / "out", secret=sys.argv[2])
    sitting = Sitting(args)
    hands, app = sitting.hands, sitting.app
    app.start()
    sitting.sign_in()
    hands.enter("khai sinh")
    hands.wait(lambda: app.window.findChild(QLabel, "draft_state"))
    waits = []
    for turn in range(25):
        hands.go("applicant.full_name")
        hands.type("Giàng Văn Ẩn"[turn % 12])
        last = time.perf_counter()
        hands.wait(lambda: "Đã giữ nháp" not in sitting.text("draft_state"))
        hands.wait(lambda: "Đã giữ nháp" in sitting.text("draft_state"))
        waits.append((time.perf_counter() - last) * 1000)
    app.stop()
    print(json.dumps(waits), flush=True)
    os._exit(0)


main()
