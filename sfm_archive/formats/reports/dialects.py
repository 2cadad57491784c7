"""The dialects of the vendor's exports: which one a text is in, and its header, whichever it is.

Everything that takes a received report asks here: Blastware's ASCII text and THOR's CSV are kept as one kind of file.
"""

from __future__ import annotations

from enum import StrEnum

from sfm_archive.errors import BadInput
from sfm_archive.formats.reports.blastware_text import looks_like_report, read_report_header
from sfm_archive.formats.reports.lines import Header
from sfm_archive.formats.reports.thor_csv import looks_like_thor, read_thor_header


class Dialect(StrEnum):
    BLASTWARE = "Blastware"
    THOR = "THOR"


READERS = {Dialect.BLASTWARE: "blastware-text@1", Dialect.THOR: "thor-csv@1"}
"""What reads each dialect. A reader that is corrected gets another version: then kept reports can be read again."""


def dialect_of(data: bytes) -> Dialect | None:
    """The dialect of a text, by its content; None where it is in none of them."""
    if looks_like_report(data):
        return Dialect.BLASTWARE
    return Dialect.THOR if looks_like_thor(data) else None


def checked_dialect(data: bytes) -> Dialect:
    """The dialect of a text. Raises BadInput where it is in none of them."""
    dialect = dialect_of(data)
    if dialect is None:
        raise BadInput(
            'report: neither a line "Event Type : …" nor lines "Key","Value" of THOR among the first; '
            "it is neither an ASCII report of Blastware nor a CSV of THOR, export it again or keep it as a plain file"
        )
    return dialect


def read_header(data: bytes) -> Header:
    """The header of a report in either dialect. Raises BadInput where the bytes are none."""
    return read_thor_header(data) if checked_dialect(data) is Dialect.THOR else read_report_header(data)
