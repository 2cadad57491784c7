"""A PDF of pages: texts and rules drawn by reportlab, charts by matplotlib through it, as lines and letters."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream
from reportlab.pdfgen.canvas import Canvas

from sfm_archive.base.version import TOOL
from sfm_archive.reporting.lettering import MM_PER_POINT, outline, runs, text_width
from sfm_archive.reporting.page import Page

_CAPS = {"butt": 0, "round": 1, "projecting": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}
_OPERATORS = {(1, True): "m", (1, False): "l", (3, False): "c"}


class PdfDocument:
    """Pages one after the other, to be drawn inside `styled`; `finish` gives the bytes."""

    def __init__(self, title: str) -> None:
        self._buffer = io.BytesIO()
        # The same pages give the same bytes: a report says on each page when it was made.
        self._canvas = Canvas(self._buffer, invariant=1)
        self._canvas.setDateFormatter(lambda *_: "")
        self._canvas.setTitle(title)
        self._canvas.setCreator(TOOL)
        self._canvas.setAuthor("")
        self._canvas.setSubject("")

    def add(self, page: Page) -> None:
        """Draw a page."""
        canvas = self._canvas
        canvas.setPageSize((page.width / MM_PER_POINT, page.height / MM_PER_POINT))
        if page.has_charts:
            page.figure.draw(_Renderer(canvas, page.figure.bbox))
        for rule in page.rules:
            y = (page.height - rule.y) / MM_PER_POINT
            canvas.setStrokeColorRGB(*to_rgb(rule.colour))
            canvas.setLineWidth(rule.width)
            canvas.line(rule.left / MM_PER_POINT, y, rule.right / MM_PER_POINT, y)
        for one in page.texts:
            x = one.x - text_width(one.text, one.size, bold=one.bold) * (one.align == "right")
            canvas.setFillColorRGB(*to_rgb(one.colour))
            _letters(canvas, x / MM_PER_POINT, (page.height - one.y) / MM_PER_POINT, one.text, one.size, bold=one.bold)
        canvas.showPage()
        # The library would keep the text of all pages until it writes them.
        finished = canvas._doc.Pages.pages[-1]
        packed = PDFDictionary({"Filter": PDFName("FlateDecode")})
        finished.Contents = PDFStream(packed, zlib.compress(finished.stream.encode("latin-1")), [])
        finished.stream = None

    def finish(self) -> bytes:
        """The whole document."""
        self._canvas.save()
        return self._buffer.getvalue()


def _letters(canvas: Any, x: float, y: float, text: str, size: float, *, bold: bool) -> None:
    parts = runs(text, bold=bold)
    if not parts:
        path = _path_code(outline(text, bold=bold))
        canvas.addLiteral(f"q {size:.4f} 0 0 {size:.4f} {x:.3f} {y:.3f} cm {path} f Q")
        return
    drawn = canvas.beginText(x, y)
    for name, part in parts:
        drawn.setFont(name, size)
        drawn.textOut(part)
    canvas.drawText(drawn)


class _Renderer(RendererBase):
    """Draws a figure of matplotlib, of 72 dots an inch, on a page of reportlab."""

    def __init__(self, canvas: Any, box: Any) -> None:
        super().__init__()
        self._canvas, self._size = canvas, (box.width, box.height)

    def flipy(self) -> bool:
        """Heights grow upwards, as in a PDF."""
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        """In points."""
        return self._size

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
        """A path as matplotlib simplifies it."""
        clip = (0.0, 0.0, *self._size) if rgbFace is None else None
        code = _path_code(path, transform, clip=clip, simplify=path.should_simplify and rgbFace is None)
        self._paint(gc, [code], rgbFace)

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Any,
        path: Path,
        trans: Any,
        rgbFace: Any = None,  # noqa: N803
    ) -> None:
        """The marker at every point of the path."""
        marker = _path_code(marker_path, marker_trans)
        points = trans.transform(path.vertices)
        points = points[np.isfinite(points).all(axis=1)]
        last = np.vstack([[0.0, 0.0], points[:-1]]) if len(points) else points
        # Moved from each to the next: q and Q would be a third of what is written.
        self._paint(
            gc, [f"1 0 0 1 {x:.2f} {y:.2f} cm {marker}" for x, y in np.round(points, 2) - np.round(last, 2)], rgbFace
        )

    def _paint(self, gc: GraphicsContextBase, codes: list[str], fill: Any) -> None:
        canvas, line = self._canvas, tuple(gc.get_rgb())
        opaque = gc.get_alpha() if gc.get_forced_alpha() else None
        over_line, over_area = (opaque if opaque is not None else (*colour, 1.0)[3] for colour in (line, fill or line))
        stroke, area = gc.get_linewidth() > 0 and over_line > 0, fill is not None and over_area > 0
        if not any(codes) or not (stroke or area):
            return
        canvas.saveState()
        if min(over_line, over_area) < 1:
            canvas.setStrokeAlpha(over_line)
            canvas.setFillAlpha(over_area)
        box = gc.get_clip_rectangle()
        state = f"{box.x0:.2f} {box.y0:.2f} {box.width:.2f} {box.height:.2f} re W n " if box is not None else ""
        if stroke:
            offset, dashes = gc.get_dashes()
            pattern = " ".join(f"{dash:.2f}" for dash in np.atleast_1d(dashes or ()).tolist())
            state += f"{gc.get_linewidth():.3f} w {_CAPS[gc.get_capstyle()]} J {_JOINS[gc.get_joinstyle()]} j "
            state += f"[{pattern}] {offset or 0:.2f} d "
            state += "{:.3f} {:.3f} {:.3f} RG ".format(*line[:3])
        if area:
            state += "{:.3f} {:.3f} {:.3f} rg ".format(*fill[:3])
        operator = " B\n" if stroke and area else " S\n" if stroke else " f\n"
        canvas.addLiteral(state + operator.join(codes) + operator)
        canvas.restoreState()

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False,
        mtext: Any = None,
    ) -> None:  # fmt: skip
        """A line of text."""
        canvas = self._canvas
        canvas.saveState()
        canvas.setFillColorRGB(*gc.get_rgb()[:3])
        canvas.translate(x, y)
        if angle:
            canvas.rotate(angle)
        _letters(canvas, 0, 0, s, prop.get_size_in_points(), bold=_bold(prop))
        canvas.restoreState()

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        """In points; heights as DejaVu has them."""
        size = prop.get_size_in_points()
        width = text_width(s, size, bold=_bold(prop)) / MM_PER_POINT
        descent = 0.236 if any(sign in "gjpqy,;()[]|" for sign in s) else 0.0
        return width, (0.76 + descent) * size, descent * size


def _bold(prop: Any) -> bool:
    return bool(prop.get_weight() == "bold")


def _path_code(path: Path, transform: Any = None, **cleaned: Any) -> str:
    """The path in the PDF's operators."""
    code: list[str] = []
    digits = ".4g" if transform is None else ".2f"
    last = np.zeros(2)
    for points, kind in path.iter_segments(transform, **cleaned):
        if kind == Path.CLOSEPOLY:
            code.append("h")
            continue
        if kind == Path.CURVE3:
            # A PDF has cubic curves only: the same curve as one of them.
            control, end = points[:2], points[2:]
            numbers = np.concatenate([(last + 2 * control) / 3, (end + 2 * control) / 3, end])
        else:
            numbers = points
        last = points[-2:]
        code += [f"{number:{digits}}" for number in numbers.tolist()]
        code.append(_OPERATORS[len(numbers) // 2, kind == Path.MOVETO])
    return " ".join(code)
