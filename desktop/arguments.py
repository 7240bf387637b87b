"""What the window is started with, and what one that locks tells the next."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from desktop import theme


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """``--data DIR --practice --theme NAME --print-to DIR --idle SECONDS``; and what a window that locks tells the next one: ids,
    nothing else."""
    parser = argparse.ArgumentParser(prog="motcua", description="Quầy Một cửa")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--practice", action="store_true")
    parser.add_argument("--theme", choices=("system", *theme.THEMES), default="system")
    parser.add_argument("--print-to", type=Path, help="print into PDF files below this folder")
    parser.add_argument("--idle", type=float, metavar="SECONDS", help="lock after so long without a key, whatever is settled")
    parser.add_argument("--locked", metavar="OPERATOR", help="take the place of a window that locks")
    parser.add_argument("--resume", nargs=2, metavar=("DRAFT", "FIELD"), help="what stood unfinished there")
    parser.add_argument("--place", metavar="HEX", help="where that window stood")
    return parser.parse_args(argv)


def again(wish: argparse.Namespace, root: Path, operator: str, unfinished: tuple[str, str] | None, place: str) -> list[str]:
    """For the window that takes this one's place: where the data lie, and ids. ``place``: hex of where the window stands."""
    words = ["--data", str(root), "--theme", wish.theme, "--locked", operator, "--place", place]
    words += ["--practice"] if wish.practice else []
    words += ["--print-to", str(wish.print_to)] if wish.print_to else []
    words += ["--idle", str(wish.idle)] if wish.idle else []
    return words + (["--resume", *unfinished] if unfinished else [])
