"""A page as a picture in a file: .png, .svg or .pdf by the file's name."""

from __future__ import annotations

from pathlib import Path

from sfm_archive.errors import UsageError
from sfm_archive.reporting.page import Page
from sfm_archive.reporting.pdf_document import PdfDocument
from sfm_archive.reporting.style import FORMATS, figure_bytes, styled


def picture_kind(target: Path) -> str:
    """`png`, `svg` or `pdf`. Raises UsageError for another kind of file."""
    kind = target.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise UsageError(f"{target}: a picture is written as .png, .svg or .pdf; name the file so")
    return kind


def picture_bytes(page: Page, kind: str, title: str) -> bytes:
    """The page as a file of this kind, one of `picture_kind`."""
    if kind == "pdf":
        document = PdfDocument(title)
        document.add(page)
        return document.finish()
    with styled():
        return figure_bytes(page.as_figure(), kind, title)
