"""A page as SVG, for browsers: lines, marks and letters as elements, without scripts, styles or links."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from matplotlib.path import Path

from sfm_archive.reporting.lettering import MM_PER_POINT
from sfm_archive.reporting.page import Line, Marks, Page, Text

_ANCHORS = {"left": "start", "center": "middle", "right": "end"}
_SHAPES = {"^": "M0 -1L-1 1L1 1Z", "s": "M-1 -1H1V1H-1Z"}


def svg_of(page: Page, name: str, part: tuple[float, float] | None = None) -> str:
    """The page, as wide as the place that it gets. `name`: what it shows, for who cannot see it. `part`: from which
    height to which, in mm, where that is not all of it."""
    top, bottom = part or (0.0, page.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top:g} {page.width:g} {bottom - top:g}" role="img"'
        f" aria-label={quoteattr(name)}>"
    ]
    parts += [_marks(item) if isinstance(item, Marks) else _line(item) for item in page.drawn]
    parts += map(_text, page.texts)
    return "".join([*parts, "</svg>"])


def _line(line: Line) -> str:
    scaled = Path(line.points / MM_PER_POINT)
    # What would not show is left out, never a peak: a twentieth of a point beside the line at most.
    path = scaled.cleaned(remove_nans=True) if line.filled else scaled.cleaned(simplify=True, remove_nans=True)
    drawn = _path(np.asarray(path.vertices) * MM_PER_POINT, path.codes)
    if line.filled:
        return f'<path d="{drawn}Z" fill="{line.colour}"/>' if drawn else ""
    width = line.width * MM_PER_POINT
    dashes = " ".join(f"{dash * width:.2f}" for dash in line.dashes)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="{drawn}" fill="none" stroke="{line.colour}" stroke-width="{width:.3f}"{dashed}/>'


def _path(points: Any, codes: Any) -> str:
    letters = {Path.MOVETO: "M", Path.LINETO: "L"}
    pairs = zip(points.tolist(), codes.tolist(), strict=False)
    return "".join(f"{letters[code]}{x:.2f} {y:.2f}" for (x, y), code in pairs if code in letters)


def _marks(marks: Marks) -> str:
    radius = marks.size / 2 * MM_PER_POINT
    look = f'fill="{marks.colour or "none"}" fill-opacity="{marks.opacity:g}"'
    if marks.edge:
        look += f' stroke="{marks.edge}" stroke-width="{marks.edge_width * MM_PER_POINT:.3f}"'
    places = np.atleast_2d(marks.points).tolist()
    if marks.shape == "o":
        shapes = "".join(f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}"/>' for x, y in places)
        return f"<g {look}>{shapes}</g>"
    edge = 'vector-effect="non-scaling-stroke"' if marks.edge else ""
    shapes = "".join(
        f'<path transform="translate({x:.2f} {y:.2f}) scale({radius:.2f})" d="{_SHAPES[marks.shape]}" {edge}/>'
        for x, y in places
    )
    return f"<g {look}>{shapes}</g>"


def _text(text: Text) -> str:
    turned = f' transform="rotate(-90 {text.x:.2f} {text.y:.2f})"' if text.turned else ""
    bold = ' font-weight="bold"' if text.bold else ""
    return (
        f'<text x="{text.x:.2f}" y="{text.y:.2f}" font-family="DejaVu Sans, Verdana, sans-serif"'
        f' font-size="{text.size * MM_PER_POINT:.2f}" fill="{text.colour}" text-anchor="{_ANCHORS[text.align]}"'
        f"{bold}{turned}>{escape(text.text)}</text>"
    )
