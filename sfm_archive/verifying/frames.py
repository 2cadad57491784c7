"""Frames and what encoders make of them: hashes of the stored bytes, and every recorded encoding made again."""

from __future__ import annotations

from collections import Counter

from sfm_archive.archive import Archive, saving
from sfm_archive.errors import BadInput, EncoderNotFound, SfmError
from sfm_archive.formats.frame_blob import unpack_frames
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.findings import Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.storage import encodings, events, files, frames
from sfm_archive.storage.encodings import EncodingRow
from sfm_archive.verifying.report import Account, VerifyFinding
from sfm_archive.verifying.sound import Sound

_BACKUP = "take the event from a backup, or download it again while the unit still has it"


class FrameCheck:
    """Checks revisions one by one and remembers what was made again, for the files that are kept by their hash."""

    def __init__(self, archive: Archive, account: Account, pinned: EncoderName | None) -> None:
        self._archive = archive
        self._account = account
        self._pinned = pinned
        self.reproduced: set[tuple[int, EncoderName, bytes]] = set()
        self._not_installed: Counter[EncoderName] = Counter()
        self._without_record = 0

    def are_right(self, sound: Sound) -> None:
        """Take over what was found of revisions that are right."""
        self._account.checked["frame revisions"] += len(sound.keys)
        self._account.checked["encodings"] += sound.encodings
        self.reproduced.update(sound.reproduced)
        self._without_record += sound.without_record

    def revision(self, event_id: int, revision: int) -> None:
        """Check one revision's bytes, and every encoding recorded of it."""
        self._account.count("frame revisions")
        subject = f"frames revision {revision}"
        with self._account.going_on(subject, event_id):
            with self._archive.store.reading() as connection:
                blob = frames.read(connection, event_id, revision)
                records = [row for row in encodings.of_event(connection, event_id) if row.revision == revision]
            if blob is None:
                return
            try:
                stream = unpack_frames(blob)
            except BadInput as error:
                self._account.add(
                    VerifyFinding(
                        code="frames",
                        event_id=event_id,
                        subject=subject,
                        message=f"{error}. {self._still_good(event_id)}",
                        advice=_BACKUP,
                    )
                )
                return
            self._encodings(event_id, revision, stream, records)

    def notes(self) -> None:
        """What could not be checked, once for each encoder."""
        for encoder, number in sorted(self._not_installed.items()):
            self._account.add(
                VerifyFinding(
                    code="not-checked",
                    subject=f"encoder {encoder}",
                    message=f"{number} recorded encoding(s) were not checked: the encoder is not installed",
                    advice="install the package that provides it and verify again",
                    severity=Severity.NOTE,
                )
            )
        if self._without_record:
            self._account.add(
                VerifyFinding(
                    code="no-record",
                    subject=f"encoder {self._pinned}",
                    message=f"{self._without_record} revision(s) of frames have no record of what the pinned encoder "
                    "makes of them",
                    advice="an export adds the records; nothing is damaged",
                    severity=Severity.NOTE,
                )
            )

    def _encodings(self, event_id: int, revision: int, stream: tuple[A5Frame, ...], records: list[EncodingRow]) -> None:
        if self._pinned is not None and all(record.encoder != self._pinned for record in records):
            self._without_record += 1
        with self._archive.store.reading() as connection:
            row = events.read(connection, event_id)
        if row is None:
            return  # the check of references says so
        for record in records:
            self._account.count("encodings")
            try:
                encoder = self._archive.plugins.encoder(record.encoder)
            except EncoderNotFound:
                self._not_installed[record.encoder] += 1
                continue
            try:
                made = saving.run_encoder(row.event(), stream, encoder)
            except (SfmError, ValueError) as error:
                self._damaged_event(event_id, error)
                return
            found = saving.encoding_row(event_id, revision, made)
            if (found.outcome, found.sha256, found.size) == (record.outcome, record.sha256, record.size):
                if record.encoded:
                    self.reproduced.add((event_id, encoder.name, bytes.fromhex(record.sha256)))
            else:
                self._not_reproduced(record, found)

    def _not_reproduced(self, record: EncodingRow, found: EncodingRow) -> None:
        self._account.add(
            VerifyFinding(
                code="encoding",
                event_id=record.event_id,
                subject=f"{record.encoder} of frames revision {record.revision}",
                message=f"gives {_told(found)}, recorded was {_told(record)} by {record.distribution} "
                f"{record.distribution_version}; the frames themselves are as received",
                advice=f"install {record.distribution} {record.distribution_version} and verify again; if that gives "
                "the same, the record was altered: compare with a backup",
            )
        )

    def _damaged_event(self, event_id: int, error: Exception) -> None:
        self._account.add(
            VerifyFinding(
                code="event",
                event_id=event_id,
                subject="identity",
                message=f"serial, time or key cannot be read: {error}; the frames are as received",
                advice="take the event from a backup",
            )
        )

    def _still_good(self, event_id: int) -> str:
        with self._archive.store.reading() as connection:
            kept = [file for file in files.of_event(connection, event_id) if file.kept]
            revisions = len(frames.revisions(connection, event_id)) - 1
        good = [f"{revisions} other revision(s)"] if revisions else []
        good += [f"{file.kind} {file.name}" for file in kept]
        return f"Kept apart from them: {', '.join(good)}" if good else "Nothing else of the event is kept"


def _told(row: EncodingRow) -> str:
    return f"{row.size} bytes with hash {row.sha256[:12]}…" if row.encoded else "a refusal"
