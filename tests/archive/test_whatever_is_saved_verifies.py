"""Whatever can be saved or imported verifies, backs up and comes out of a salvage: minus zero and its like."""

from __future__ import annotations

import math
import shutil
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.maintaining import backup
from sfm_archive.maintaining.salvaging import salvage
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import CHANNELS, Reading, ValueSource, ValueState
from sfm_archive.storage.tables import schema_text

CASE = Path(__file__).resolve().parents[1] / "data" / "minus_zero_BE11529"
EVENT = sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34))

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
READINGS = st.builds(
    Reading,
    quantity=TEXT.filter(bool),
    channel=st.sampled_from(("", *CHANNELS)),
    number=st.none() | st.floats() | st.integers(-(2**53), 2**53) | st.just(-0.0),
    unit=TEXT,
    state=st.sampled_from(ValueState),
    text=TEXT,
)
FILES = st.builds(
    sfm.ReceivedFile,
    kind=st.sampled_from(sfm.FileKind),
    name=st.sampled_from(("a.txt", "B.TXT", "c é.csv")),
    data=st.binary(max_size=40),
    folder=TEXT,
)


def proved(path: Path, folder: Path) -> None:
    with sfm.open(path, read_only=True) as archive:
        report = archive.verify()
        assert report.ok, report.findings
        backup(archive, folder / "copy.sfm")
    salvaged = salvage(path, folder / "salvaged.sfm")
    assert salvaged.lossless, salvaged.losses


def test_a_report_with_a_minus_zero_is_sound(tmp_path: Path) -> None:
    received = tmp_path / "BE11529"
    shutil.copytree(CASE, received)
    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        archive.import_from(received)
        (event,) = archive.events()
        zeros = [value for value in archive.values(event.event_id) if value.number == 0 and value.text.startswith("-")]
        assert [math.copysign(1, value.number or 0) for value in zeros] == [1.0]
        readers = {one.source: one.reader for one in archive.describe(event.event_id).readings}
        assert readers == {"report": "blastware-text@1", "settings": "settings@1", "decoder": "waveform@1"}
        before = archive.history_head()
        archive.import_from(received)
        assert archive.history_head() == before, "the same again changes nothing"
    proved(path, tmp_path)


@settings(max_examples=settings.default.max_examples // 4)
@given(readings=st.lists(READINGS, max_size=6), files=st.lists(FILES, max_size=3), names=st.lists(st.just("N.AB0")))
def test_anything_that_is_saved_is_sound(
    readings: list[Reading], files: list[sfm.ReceivedFile], names: list[str]
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        document = ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=tuple(readings), reader="x@1")
        finding = sfm.Finding(code="odd", message="".join(reading.text for reading in readings) or "none")
        with sfm.create(folder / "a.sfm") as archive:
            for _ in range(2):
                saved = archive.save(EVENT, names=names, files=files, readings=[document], findings=[finding])
            assert not saved.changed
        proved(folder / "a.sfm", folder)


def test_the_same_document_read_by_another_reader_is_another_reading(tmp_path: Path) -> None:
    def document(reader: str, number: float) -> ReadingSet:
        value = Reading(quantity="pvs", number=number, unit="mm/s")
        return ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=(value,), reader=reader)

    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.save(EVENT, readings=[document("blastware-text@1", 1.0)])
        assert not archive.save(EVENT, readings=[document("blastware-text@1", 2.0)]).changed
        assert archive.save(EVENT, readings=[document("blastware-text@2", 2.0)]).changed
        assert [value.number for value in archive.values(1)] == [2.0]
    proved(tmp_path / "a.sfm", tmp_path)


def test_a_source_and_a_kind_that_this_version_does_not_know_stand_as_they_are(tmp_path: Path) -> None:
    import apsw

    path = tmp_path / "a.sfm"
    with sfm.create(path) as archive:
        value = Reading(quantity="charge", number=12.5, unit="kg", text="12,5")
        document = ReadingSet(source=ValueSource.REPORT, origin_sha256="1" * 64, readings=(value,))
        certificate = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="c.pdf", data=b"%PDF")
        archive.save(EVENT, readings=[document], files=[certificate])
    connection = apsw.Connection(str(path))
    connection.execute("DROP TRIGGER reading_is_never_changed; DROP TRIGGER received_file_is_never_changed")
    connection.execute("UPDATE reading SET source = 'blast list'; UPDATE received_file SET kind = 'certificate'")
    text = schema_text()
    for table in ("reading", "received_file"):
        start = text.index(f"CREATE TRIGGER {table}_is_never_changed")
        connection.execute(text[start : text.index("END;", start) + 4])
    connection.close()
    with sfm.open(path, read_only=True) as archive:
        (found,) = archive.values(1)
        assert (found.source, found.number) == ("blast list", 12.5)
        assert [file.kind for file in archive.files(1)] == ["certificate"]
        described = archive.describe(1)
        assert [one.source for one in described.readings] == ["blast list"]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_a_file_is_kept_in_pieces(tmp_path: Path, size: int) -> None:
    source = tmp_path / "large.pdf"
    source.write_bytes((b"0123456789abcdef" * (size // 16 + 1))[:size])
    with sfm.create(tmp_path / "a.sfm") as archive:
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="large.pdf", path=source)
        assert archive.save(EVENT, files=[file]).changed
        same = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="large.pdf", data=source.read_bytes())
        assert not archive.save(EVENT, files=[same]).changed
        (row,) = archive.files(1)
        pieces = list(archive.file_pieces(row))
        assert b"".join(pieces) == source.read_bytes() == archive.file_bytes(row)
        assert [len(piece) for piece in pieces[:-1]] == [1 << 20] * (len(pieces) - 1)
    proved(tmp_path / "a.sfm", tmp_path)


def test_a_file_that_changes_while_it_is_read_is_not_saved(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"before")
    file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="a.pdf", path=source)
    assert len(file.sha256) == 64 and file.size == 6
    source.write_bytes(b"behind")
    with sfm.create(tmp_path / "a.sfm") as archive:
        with pytest.raises(sfm.BadInput, match="changed while it was read"):
            archive.save(EVENT, files=[file])
        assert archive.count() == 0
