"""Make the companion family "Quay So": the ten digits of Be Vietnam Pro, all of one width.

Be Vietnam Pro has no tabular figures, and its ascent is lower than Ẳ, Ẫ and Ể, whose tones labels clip. Put
first in the list of families, this one gives the digits one width and, since Qt takes the metrics of a line
from the first family, every line the height its tones need. All other letters come from Be Vietnam Pro.

    python installer/make_digits_font.py      writes resources/fonts/QuaySo-*.ttf, always the same bytes
"""

from __future__ import annotations

from pathlib import Path

import fontpkg
from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY, SOURCE = "Quay So", "Be Vietnam Pro"
# weight → style and digit width in font units: a little under the mean of 0 and 2 to 9, so that a number in a
# sentence does not look spaced out; the 4, the widest, keeps a gap on both sides
WEIGHTS = {400: ("Regular", 646), 500: ("Medium", 649), 600: ("SemiBold", 652), 700: ("Bold", 656)}
ASCENT, DESCENT = 1230, 408  # of 1000 units an em: Ẳ reaches 1199, in Bold 1223; 15 px make a 24-px line
COPYRIGHT, LICENCE, LICENCE_URL = 0, 13, 14  # of the name table, kept word by word
FONTS = Path(__file__).resolve().parent.parent / "resources" / "fonts"


def digits_only(font: TTFont) -> None:
    """Drop every glyph but the digits, and kerning and features with them; hinting stays."""
    options = subset.Options(layout_features=[], name_IDs=["*"], notdef_outline=True, hinting=True)
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "DSIG", "STAT", "kern", "hdmx", "VDMX", "meta"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="0123456789")
    subsetter.subset(font)


def one_width(font: TTFont, width: int) -> None:
    """Give every digit this advance and centre it."""
    glyphs, metrics = font["glyf"], font["hmtx"]
    for digit in "0123456789":
        name = font.getBestCmap()[ord(digit)]
        advance, bearing = metrics[name]
        shift = (width - advance) // 2
        glyphs[name].coordinates.translate((shift, 0))
        glyphs[name].recalcBounds(glyphs)
        metrics[name] = (width, bearing + shift)


def line_metrics(font: TTFont) -> None:
    """The same ascent and descent in all three places a system may read them from, and no line gap."""
    hhea, os2 = font["hhea"], font["OS/2"]
    hhea.ascent, hhea.descent, hhea.lineGap = ASCENT, -DESCENT, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = ASCENT, -DESCENT, 0
    os2.usWinAscent, os2.usWinDescent = ASCENT, DESCENT


def rename(font: TTFont) -> None:
    for record in font["name"].names:
        if record.nameID not in (COPYRIGHT, LICENCE, LICENCE_URL):
            text = record.toUnicode().replace(SOURCE, FAMILY)
            record.string = text.replace(SOURCE.replace(" ", ""), FAMILY.replace(" ", ""))


def make(weight: int, width: int, out: Path) -> None:
    """Write one weight, its digits ``width`` font units wide."""
    font = TTFont(fontpkg.path(SOURCE, weight=weight), recalcTimestamp=False)
    digits_only(font)
    one_width(font, width)
    line_metrics(font)
    rename(font)
    font.save(out)


if __name__ == "__main__":
    for weight, (style, width) in WEIGHTS.items():
        make(weight, width, FONTS / f"QuaySo-{style}.ttf")
