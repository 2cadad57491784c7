"""Importing: any mix of files and folders, each file recognised by its content and accounted for.

`discover` finds files, `bundles` puts together what lies beside each other, `recognise` says what each file is,
`identify` says which event it tells of, `events` makes of that what is to be saved, `imported` does so with what an
importer (a plug-in) read, `compare` holds a received event file against what encoders make. `prepare` does this for a
bundle, `save` saves it, `late` places what lay beside no event, `items` makes the report's lines, `run` does it all in
batches.
"""

from __future__ import annotations

from sfm_archive.importing.late import WaitingFile, list_waiting
from sfm_archive.importing.report import ImportItem, ImportReport, Outcome
from sfm_archive.importing.run import ImportOptions, import_sources

__all__ = ["ImportItem", "ImportOptions", "ImportReport", "Outcome", "WaitingFile", "import_sources", "list_waiting"]
