"""Importing: any mix of files and folders, each file recognised by its content and accounted for.

`discover` finds files, `bundles` puts together what lies beside each other, `recognise` says what each file is,
`identify` says which event it tells of, `events` and `late` turn that into saves, `run` does it all in batches.
"""

from __future__ import annotations

from sfm_archive.importing.report import ImportItem, ImportReport, Outcome
from sfm_archive.importing.run import ImportOptions, import_sources

__all__ = ["ImportItem", "ImportOptions", "ImportReport", "Outcome", "import_sources"]
