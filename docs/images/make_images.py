"""Makes the pictures of the README and docs: `python docs/images/make_images.py`, from the top of a checkout.

The event is a real blast, 5 m away from a Micromate, as its ASCII export has it (tests/data/blastware-ascii); the job
is that of docs/jobs.md, "One blast, two points", with the export of another one 15 m away. Fonts of
another matplotlib can move a letter by a pixel, so no test compares the pictures; look at them before they are
committed. Needs the extra `plots`.
"""

from __future__ import annotations

import io
import sys
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib.figure import Figure
from PIL import Image

import sfm_archive as sfm
from sfm_archive import Archive, JobReport
from sfm_archive.analysing import recording_of
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.reporting.event_figure import draw_event
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.judged import judged_event
from sfm_archive.reporting.language import language
from sfm_archive.reporting.period.pdf_pages import job_sheets
from sfm_archive.reporting.style import ALARM, COLOURS, FAINT, INK, styled

HERE = Path(__file__).parent
REAL = HERE.parents[1] / "tests" / "data" / "blastware-ascii"
UNITS = {"5 m": "UM16127", "15 m": "UM16121"}
DAY = datetime(2026, 6, 26)
MADE = "2026-06-27 09:00:00 UTC"
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


def job_report(archive: Archive) -> JobReport:
    """Of the job with one blast and two points."""
    archive.import_from(REAL)
    sfm.add_job(archive, "Trial", zone="Europe/Berlin", by="A. Miller")
    for point, serial in UNITS.items():
        sfm.add_point(archive, "Trial", point, by="A. Miller")
        sfm.limit_point(archive, point, limits=["din-4150-3-line-1"], by="A. Miller")
        sfm.place(archive, serial, at=point, since=DAY, until=DAY + timedelta(days=1), by="A. Miller")
    distances = [(point, point) for point in UNITS]
    sfm.add_blast(archive, "Trial", DAY.replace(hour=15, minute=41), distances=distances, by="A. Miller")
    sfm.confirm_blast(archive, 1, sfm.proposed_events(archive, 1))
    return sfm.period_report(archive, "Trial", DAY, DAY + timedelta(days=1))


def main() -> None:
    """Write the pictures beside this file."""
    with TemporaryDirectory() as folder, Archive.create(Path(folder) / "quarry.sfm") as archive:
        archive.import_from(REAL / "5m.TXT")
        event = judged_event(archive, recording_of(archive, 1), LimitWords(()))
        pages = {
            "event-plot.png": draw_event(event, fft=True),
            "report-page.png": EventPages(event, "a4").draw(1, 1, MADE)[0],
        }
        sheets = job_sheets(job_report(archive), language("en"), "a4", MADE)
        pages["job-report-page.png"] = sheets.finish(1, len(sheets.pages))[1]
    with styled():
        for name, page in pages.items():
            data = picture(page.as_figure())
            (HERE / name).write_bytes(data)
            sys.stdout.write(f"{name}: {len(data):,} bytes\n")


if __name__ == "__main__":
    main()
