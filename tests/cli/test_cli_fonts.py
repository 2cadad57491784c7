"""Texts in scripts that the usual font lacks: drawn by a font of the computer, else named; no boxes without a word."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from pypdf import PdfReader

DATA = Path(__file__).parents[1] / "data" / "cjk_report"
PROJECT = "採石場 北 3号"
SIGNS = "採石場北号🙂"
NO_SYSTEM_FONTS = {"MPL_IGNORE_SYSTEM_FONTS": "1"}


def font(signs: str, family: str, *, truetype: bool, empty: bool = False) -> TTFont:
    """A font in which each sign is a square, or nothing."""
    names = {ord(sign): f"u{ord(sign):X}" for sign in signs}
    builder = FontBuilder(1000, isTTF=truetype)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    drawn = {}
    for name in (".notdef", *names.values()):
        pen = TTGlyphPen(None) if truetype else T2CharStringPen(1000, None)
        if not empty or name == ".notdef":
            pen.moveTo((100, 0))
            for point in ((100, 800), (900, 800), (900, 0)):
                pen.lineTo(point)
            pen.closePath()
        drawn[name] = pen.glyph() if truetype else pen.getCharString()
    if truetype:
        builder.setupGlyf(drawn)
    else:
        builder.setupCFF(family, {}, drawn, {})
    builder.setupHorizontalMetrics(dict.fromkeys(drawn, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    return builder.font


@pytest.fixture
def report(sfm, process):
    """Draws the event in a process of its own, which has only the fonts that it is given."""
    sfm("import", "a.sfm", DATA, "--create")
    sfm("review", "a.sfm", "1", "--no-false-trigger", "--by", "A. Miller 🙂", "--reason", "blast log")
    (sfm.folder / "share" / "fonts").mkdir(parents=True)
    environment = {"XDG_DATA_HOME": str(sfm.folder / "share"), "MPLCONFIGDIR": str(sfm.folder / "mpl")}

    def run(*arguments, **more):
        return process(*arguments, **environment, **more)

    return run


def test_signs_without_font_are_named_with_their_event(report, sfm):
    drawn = report("report", "a.sfm", "-o", "r.pdf", **NO_SYSTEM_FONTS)
    assert drawn.returncode == 1 and "r.pdf written: 1 event" in drawn.stderr
    assert "event 1: no font of this computer has " in drawn.stderr
    assert all(f"{sign} U+{ord(sign):04X}" in drawn.stderr for sign in SIGNS)
    page = PdfReader(sfm.folder / "r.pdf").pages[0].extract_text()
    assert "��� � 3�" in page and all(f"U+{ord(sign):04X}" in page for sign in SIGNS)
    for name in ("p.png", "p.svg", "p.pdf"):
        plotted = report("plot", "a.sfm", "1", "-o", name, **NO_SYSTEM_FONTS)
        assert plotted.returncode == 1 and "採 U+63A1" in plotted.stderr


@pytest.mark.posix("a font is put where Linux has a user's own")
@pytest.mark.parametrize("kind", ["ttf", "ttc", "otf"])
def test_a_font_of_the_computer_draws_them(report, sfm, kind):
    folder = sfm.folder / "share" / "fonts"
    # One that has every sign and draws nothing is no help.
    font(SIGNS, "Notosanscjk Blank", truetype=True, empty=True).save(folder / "notosanscjk-blank.ttf")
    own = font(SIGNS, "Quarry Sans", truetype=kind != "otf")
    if kind == "ttc":
        collection = TTCollection()
        collection.fonts = [own, font("x", "Other", truetype=True)]
        collection.save(folder / "quarrysans.ttc")
    else:
        own.save(folder / f"quarrysans.{kind}")
    for arguments in (("report", "a.sfm", "-o", "r.pdf"), ("plot", "a.sfm", "1", "-o", "p.png")):
        drawn = report(*arguments)
        assert drawn.returncode == 0 and "no font" not in drawn.stderr, drawn.stderr
    text = PdfReader(BytesIO((sfm.folder / "r.pdf").read_bytes())).pages[0].extract_text()
    if kind != "otf":  # such a font's letters are drawn as outlines
        assert PROJECT in text
    assert "�" not in text
