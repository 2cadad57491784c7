"""Received files: every stored content hashes to its name, and every file is kept or can be made again."""

from __future__ import annotations

import hashlib
from collections import Counter

from sfm_archive.archive import Archive, saving
from sfm_archive.errors import BadInput, EncoderNotFound, SfmError
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.findings import Severity
from sfm_archive.storage import extracting, files, integrity
from sfm_archive.storage.files import FileRow
from sfm_archive.verifying.report import Account, VerifyFinding


class FileChecker:
    """Checks contents and files one by one. `reproduced`: event, encoder and hash of what was made again."""

    def __init__(self, archive: Archive, account: Account, reproduced: set[tuple[int, EncoderName, bytes]]) -> None:
        self._archive = archive
        self._account = account
        self._reproduced = reproduced
        self._not_installed: Counter[str] = Counter()

    def content(self, content_id: int) -> None:
        """Check one content's bytes."""
        self._account.count("file contents")
        with self._account.going_on(f"file content {content_id}"), self._archive.store.reading() as connection:
            stored = integrity.content(connection, content_id)
            if stored is None:
                return
            sha256, content = stored
            users = integrity.names_of_content(connection, sha256)
            digest = hashlib.sha256()
            try:
                for piece in files.read_content(connection, content):
                    digest.update(piece)
                found = digest.hexdigest()
                problem = "" if found == sha256 else f"hashes to {found[:12]}…, recorded was {sha256[:12]}…"
            except BadInput as error:
                problem = str(error)
            if problem:
                self._damaged_content(sha256, problem, users)

    def file(self, file_id: int) -> None:
        """Check that a received file is kept, or that its encoder makes it again."""
        self._account.count("received files")
        with self._account.going_on(f"received file {file_id}"):
            with self._archive.store.reading() as connection:
                file = files.read(connection, file_id)
                owners = files.events_of(connection, file_id)
                withheld = file is not None and extracting.is_withheld(connection, file.sha256)
            if file is None or file.kept or withheld or self._is_reproduced(file, owners):
                return
            self._account.add(
                VerifyFinding(
                    code="file",
                    event_id=owners[0] if owners else None,
                    subject=f"{file.kind} {file.name}",
                    message=f"its bytes are not kept, and {file.reproduced_by or 'no encoder'} does not make them "
                    "from the event's frames as they are now",
                    advice=f"take the file from a backup; its SHA-256 is {file.sha256}",
                )
            )

    def notes(self) -> None:
        """What could not be checked, once for each encoder."""
        for encoder, number in sorted(self._not_installed.items()):
            self._account.add(
                VerifyFinding(
                    code="not-checked",
                    subject=f"encoder {encoder}",
                    message=f"{number} received file(s) that it makes again were not checked: it is not installed",
                    advice="install the package that provides it and verify again",
                    severity=Severity.NOTE,
                )
            )

    def _is_reproduced(self, file: FileRow, owners: list[int]) -> bool:
        try:
            digest = bytes.fromhex(file.sha256)
            encoder = self._archive.plugins.encoder(file.reproduced_by)
        except EncoderNotFound:
            self._not_installed[file.reproduced_by] += 1
            return True
        except (SfmError, ValueError):
            return False
        if any((owner, encoder.name, digest) in self._reproduced for owner in owners):
            return True
        # Its record is gone or wrong, which is a finding of its own; the bytes may be there nevertheless.
        for owner in owners:
            for row in self._archive.revisions(owner):
                try:
                    stream = self._archive.frames(owner, row.revision)
                    made = saving.run_encoder(self._archive.event(owner).event(), stream, encoder)
                except (SfmError, ValueError):
                    continue
                if made.file is not None and hashlib.sha256(made.file.data).digest() == digest:
                    return True
        return False

    def _damaged_content(self, sha256: str, problem: str, users: list[tuple[str, int]]) -> None:
        name, event_id = users[0] if users else (f"content {sha256[:12]}…", 0)
        others = f" It was received as {', '.join(sorted({user for user, _ in users}))}." if len(users) > 1 else ""
        good = " The event's frames are checked apart from it." if event_id else ""
        self._account.add(
            VerifyFinding(
                code="content",
                event_id=event_id or None,
                subject=f"file {name}",
                message=f"{problem}.{others}{good}",
                advice=f"take the file from a backup; its SHA-256 is {sha256}",
            )
        )
