"""Importing: any mix of files and folders, each file recognised by its content and accounted for.

An event has three ages. *Found* (`found`): `search` finds files, `bundles` puts together what lies beside each other,
`recognise` says what each file is, `documents` reads reports and sidecars. *Prepared* (`prepare`): `identify` says
which event it is; its frames are packed, encoded and compared with the event file that was received. *Saved* (`save`).
`waiting` places documents that lay beside no event, `report` accounts for every file, `run` does it all in batches.
"""

from __future__ import annotations

from sfm_archive.importing.joining import FileJoined, join_file
from sfm_archive.importing.report import ImportItem, ImportOptions, ImportReport, ItemOutcome, Noticed, NoticedOfOthers
from sfm_archive.importing.reread import RereadItem, RereadReport, reread_documents
from sfm_archive.importing.run import import_sources, join_what_came
from sfm_archive.importing.waiting import WaitingFile, list_waiting

__all__ = [
    "FileJoined",
    "ImportItem",
    "ImportOptions",
    "ImportReport",
    "ItemOutcome",
    "Noticed",
    "NoticedOfOthers",
    "RereadItem",
    "RereadReport",
    "WaitingFile",
    "import_sources",
    "join_file",
    "join_what_came",
    "list_waiting",
    "reread_documents",
]
