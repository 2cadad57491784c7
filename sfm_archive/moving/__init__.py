"""Moving: one archive out of many, and many out of one.

`declared` says what each table's rows mean elsewhere, `source` reads an archive change by change, `numbers` tells what
its numbers are here, `taking` puts its rows in, `conflicts` compares what both decided; `merge` is the whole operation.
`along` says what goes into an extract, `extract` makes it.
"""

from __future__ import annotations

from sfm_archive.moving.extract import ExtractReport, extract
from sfm_archive.moving.merge import merge, merge_of_nothing
from sfm_archive.moving.report import Conflict, MergedSource, MergeReport, NotTaken

__all__ = [
    "Conflict",
    "ExtractReport",
    "MergeReport",
    "MergedSource",
    "NotTaken",
    "extract",
    "merge",
    "merge_of_nothing",
]
