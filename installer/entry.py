"""The frozen program: one executable, five faces.

motcua                  the window
motcua sync …           the headless face, as `python -m sync`
motcua forms …          the rules, as `python -m forms`
motcua decoding         looks at a file from outside, as `python -m sync.decoding`
motcua --self-check     does this copy work on this machine? One JSON line
"""

from __future__ import annotations

import sys
from multiprocessing import freeze_support


def main(argv: list[str]) -> int:
    """Hand over to a face, importing only that one; its exit code."""
    match argv:
        case ["sync", *rest]:
            from sync.cli import main as headless

            return headless(rest)
        case ["forms", *rest]:
            from forms.cli import main as rules

            return rules(rest)
        case ["decoding"]:
            from sync.decoding import main as decoding

            return decoding()
        case ["--self-check", *_]:
            from desktop.self_check import main as self_check

            return self_check()
    from desktop.app import main as window

    return window(argv)


if __name__ == "__main__":
    from sync.hardening import harden

    freeze_support()
    harden()
    sys.exit(main(sys.argv[1:]))
