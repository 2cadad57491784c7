"""A PDF of pages, drawn by reportlab: letters as letters, charts as lines."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from sfm_archive.base.version import TOOL
from sfm_archive.errors import BadInput
from sfm_archive.reporting.lettering import MM_PER_POINT, OUTLINE_SIZE, outline, runs, text_width
from sfm_archive.reporting.page import ALIGNED, Line, Marks, Page, Picture, Text

_MARKS = {
    "o": "1 0 m 1 .552 .552 1 0 1 c -.552 1 -1 .552 -1 0 c -1 -.552 -.552 -1 0 -1 c .552 -1 1 -.552 1 0 c h",
    "^": "0 1 m -1 -1 l 1 -1 l h",
    "s": "-1 -1 2 2 re",
}
"""Around the origin, as wide as from -1 to 1."""


class PdfDocument:
    """Pages one after the other; `finish` gives the bytes."""

    def __init__(self, title: str) -> None:
        self._buffer = io.BytesIO()
        # The same pages give the same bytes: a report says on each page when it was made.
        self._canvas: Any = Canvas(self._buffer, invariant=1)
        self._canvas.setDateFormatter(lambda *_: "")
        self._canvas.setTitle(title)
        self._canvas.setCreator(TOOL)
        self._canvas.setAuthor("")
        self._canvas.setSubject("")

    def add(self, page: Page) -> None:
        canvas, high = self._canvas, page.height / MM_PER_POINT
        canvas.setPageSize((page.width / MM_PER_POINT, high))
        for item in page.drawn:
            canvas.saveState()
            if isinstance(item, Line):
                canvas.addLiteral(_line(item, high))
            else:
                canvas.setFillAlpha(item.opacity)
                canvas.addLiteral(_marks(item, high))
            canvas.restoreState()
        for picture in page.pictures:
            _picture(canvas, picture, high)
        for text in page.texts:
            _letters(canvas, text, high)
        canvas.showPage()
        # The library would keep the text of all pages until it writes them.
        finished = canvas._doc.Pages.pages[-1]
        packed = PDFDictionary({"Filter": PDFName("FlateDecode")})
        finished.Contents = PDFStream(packed, zlib.compress(finished.stream.encode("latin-1")), [])
        finished.stream = None

    def finish(self) -> bytes:
        self._canvas.save()
        return self._buffer.getvalue()


def _colour(colour: str, operator: str) -> str:
    return " ".join(f"{part:.3f}" for part in to_rgb(colour)) + f" {operator} "


def _line(line: Line, high: float) -> str:
    path = Path(line.points * (1, -1) / MM_PER_POINT + (0, high))
    if line.filled:
        return f"{_colour(line.colour, 'rg')}{_path(path.vertices, path.cleaned().codes)}f"
    # What would not show is left out: of a long recording most samples.
    path = path.cleaned(simplify=True, remove_nans=True)
    dashes = " ".join(f"{dash * line.width:.2f}" for dash in line.dashes)
    look = f"{line.width:.3f} w 1 j {0 if dashes else 2} J [{dashes}] 0 d {_colour(line.colour, 'RG')}"
    drawn = _path(path.vertices, path.codes)
    return f"{look}{drawn}S" if " l " in drawn else ""


def _path(points: Any, codes: Any) -> str:
    operators = {Path.MOVETO: "m", Path.LINETO: "l"}
    pairs = zip(points.tolist(), codes.tolist(), strict=False)
    return "".join(f"{x:.2f} {y:.2f} {operators[code]} " for (x, y), code in pairs if code in operators)


def _marks(marks: Marks, high: float) -> str:
    radius = marks.size / 2
    places = np.round((marks.points * (1, -1) / MM_PER_POINT + (0, high)) / radius, 3)
    # Moved from each to the next: a state of its own for each would be most of what is written.
    moves = np.diff(places, axis=0, prepend=0).tolist()
    paint = ("B" if marks.colour else "S") if marks.edge else "f"
    code = f"{radius:.3f} 0 0 {radius:.3f} 0 0 cm {marks.edge_width / radius:.3f} w 0 j "
    code += (_colour(marks.colour, "rg") if marks.colour else "") + (_colour(marks.edge, "RG") if marks.edge else "")
    return code + "\n".join(f"1 0 0 1 {x:.3f} {y:.3f} cm {_MARKS[marks.shape]} {paint}" for x, y in moves)


def _picture(canvas: Any, picture: Picture, high: float) -> None:
    """Raises BadInput for bytes that are no picture."""
    box = picture.box
    most = (box.right - box.left) / MM_PER_POINT, (box.bottom - box.top) / MM_PER_POINT
    try:
        image = ImageReader(io.BytesIO(picture.data))
        scale = min(limit / size for limit, size in zip(most, image.getSize(), strict=True))
        wide, tall = (size * scale for size in image.getSize())
        left, bottom = box.right / MM_PER_POINT - wide, high - box.top / MM_PER_POINT - tall
        canvas.drawImage(image, left, bottom, wide, tall, mask="auto")
    except (OSError, ValueError, SyntaxError) as error:
        raise BadInput(f"the logo is no picture that can be drawn ({error}); give a PNG or JPEG file") from error


def _letters(canvas: Any, text: Text, high: float) -> None:
    before = text_width(text.text, text.size, bold=text.bold) * ALIGNED[text.align]
    across, up = (0.0, before) if text.turned else (before, 0.0)
    x, y = (text.x - across) / MM_PER_POINT, high - (text.y + up) / MM_PER_POINT
    turn = (0, 1, -1, 0) if text.turned else (1, 0, 0, 1)
    canvas.setFillColorRGB(*to_rgb(text.colour))
    parts = runs(text.text, bold=text.bold)
    if not parts:
        size = text.size / OUTLINE_SIZE
        lines = "".join(_path(part, np.array([1] + [2] * (len(part) - 1))) for part in outline(text.text, text.bold))
        turned = " ".join(f"{number * size:.4f}" for number in turn)
        canvas.addLiteral(f"q {turned} {x:.3f} {y:.3f} cm {lines} f Q")
        return
    drawn = canvas.beginText()
    drawn.setTextTransform(*turn, x, y)
    for name, part in parts:
        drawn.setFont(name, text.size)
        drawn.textOut(part)
    canvas.drawText(drawn)
