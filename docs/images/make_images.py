"""Makes the pictures of docs/waveforms.md: `python docs/images/make_images.py`, from the top of a checkout.

The event is a real blast, 5 m away from a Micromate, as its ASCII export has it (tests/data/blastware-ascii). Fonts of
another matplotlib can move a letter by a pixel, so no test compares the pictures; look at them before they are
committed. Needs the extra `plots`.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib.figure import Figure
from PIL import Image

from sfm_archive import Archive
from sfm_archive.analysing import recording_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.reporting.event_figure import draw_event
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.judged import judged_event
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK, styled

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "tests" / "data" / "blastware-ascii" / "5m.TXT"
WIDTH = 920
TINTS = 12


def palette() -> Image.Image:
    """Every colour of the pages in steps from white: few colours keep a picture small, and the channels their own."""
    steps = [255, 255, 255]
    for colour in (INK, FAINT, ALARM, *COLOURS.values()):
        strong = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
        for step in range(1, TINTS + 1):
            steps += [round(255 + (part - 255) * step / TINTS) for part in strong]
    image = Image.new("P", (1, 1))
    image.putpalette(steps)
    return image


def picture(figure: Figure) -> bytes:
    """A figure as a PNG of WIDTH pixels across and few colours, small enough for a repository."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=2 * WIDTH / figure.get_figwidth())
    image = Image.open(drawn).convert("RGB")
    image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    image.quantize(palette=palette(), dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()


def main() -> None:
    """Write both pictures beside this file."""
    with TemporaryDirectory() as folder, Archive.create(Path(folder) / "quarry.sfm") as archive:
        archive.import_from(REAL)
        event = judged_event(archive, recording_of(archive, 1), LimitWords(()))
        pages = {
            "event-plot.png": draw_event(event, fft=True),
            "report-page.png": EventPages(event, "a4").draw(1, 1, "2026-06-27 09:00:00 UTC")[0],
        }
    with styled():
        for name, page in pages.items():
            data = picture(page.as_figure())
            (HERE / name).write_bytes(data)
            sys.stdout.write(f"{name}: {len(data):,} bytes\n")


if __name__ == "__main__":
    main()
