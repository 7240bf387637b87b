"""Which letters all four styles of the papers' font have -> resources/fonts/coverage.json. Run when the font changes."""

import json

from fontTools.ttLib import TTFont

from resources import path_of


def ranges() -> list[list[int]]:
    """Code points as ``[first, last]`` pairs."""
    files = [path_of("fonts", f"LiberationSerif-{s}.ttf") for s in "Regular Bold Italic BoldItalic".split()]
    styles = [TTFont(file).getBestCmap() for file in files]
    common = sorted(c for c in set(styles[0]).intersection(*styles[1:]) if c >= 32)
    found: list[list[int]] = []
    for code in common:
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


if __name__ == "__main__":
    path_of("fonts", "coverage.json").write_text(json.dumps({"format": 2, "ranges": ranges()}) + "\n", encoding="utf-8")
