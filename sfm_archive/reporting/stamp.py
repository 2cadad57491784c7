"""What stands on top of each page where an archive was looked at as of a change."""

from __future__ import annotations

from datetime import datetime

from sfm_archive.archive.looking_back import AsOf
from sfm_archive.reporting.lettering import text_width
from sfm_archive.reporting.page import MARGIN, Page
from sfm_archive.reporting.style import INK

_SIZE = 6.2
_Y = 10.0
"""Above what any page has, in mm."""


def stamped(page: Page, as_of: AsOf | None) -> Page:
    """A page that says which state of the archive it tells, where that is not the newest."""
    if as_of is not None:
        words = page.language
        said = words.says(
            "As of change {number} of {moment}, head {head}; {program}, rules {rules}",
            number=str(as_of.sequence), moment=f"{words.moment(datetime.fromisoformat(as_of.at_utc[:19]))} UTC",
            head=as_of.head, program=as_of.tool, rules=str(as_of.rules),
        )  # fmt: skip
        room = page.right - MARGIN
        size = _SIZE * min(1.0, room / text_width(said, _SIZE))  # one line, for the next has the page's head
        page.text(MARGIN, _Y, said, size=size, colour=INK)
    return page
