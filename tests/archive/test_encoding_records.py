"""Encoding on demand, and the records that prove a file can be made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import apsw
import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive import Archive
from sfm_archive.archive.finding import name_of
from sfm_archive.archive.reading import current_encodings
from sfm_archive.errors import Damaged, EncodeRefused, EncoderNotFound, EventNotFound, NotReproduced
from sfm_archive.model.encoders import EncodedFile, EncoderName
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.contracts import Encoder
from sfm_archive.plugins.loading import Plugins, load_plugins
from sfm_archive.plugins.registry import PluginRegistry, PluginSource, RegisteredEncoder
from sfm_archive.storage.store import open_file

SHOT = testing.simulate_waveform(Random(40), start_key=0x0111_0000, seconds=2.0, serial="BE11529")
FRAMES = testing.read_out(SHOT)
EVENT = sfm.Event(serial=SHOT.serial, recorded_at=SHOT.recorded_at)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """An archive with one event, its file known by its hash alone."""
    file = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="a.bin", data=testing.blastware_file(SHOT))
    with sfm.create(tmp_path / "a.sfm") as made:
        made.save(EVENT, FRAMES, files=[file])
        yield made


def tamper(path: Path, *statements: str) -> None:
    """Alter content behind the archive's back: triggers dropped and put back, as an owner of the file can."""
    connection = apsw.Connection(str(path))
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    with connection:
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
    connection.close()


class Changing(Encoder):
    """An encoder that gives back what the test says."""

    family, version, description = "changing", 1, "for tests"
    answer: EncodedFile | Exception = EncodedFile(b"first")

    def encode(self, event: sfm.Event, frames: Sequence[A5Frame]) -> EncodedFile:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def with_encoder(path: Path, encoder: Changing) -> Archive:
    """The archive opened with one more encoder installed."""
    source = PluginSource("made", "made", "a test", "7")
    plugins = Plugins()
    found = load_plugins().encoders
    plugins.__dict__["registry"] = PluginRegistry(
        encoders=(*found, RegisteredEncoder(EncoderName("changing", 1), encoder, source))
    )
    return Archive(open_file(path, read_only=False), plugins)


def test_what_the_pinned_encoder_made_is_recorded_when_frames_are_saved(archive: sfm.Archive) -> None:
    (record,) = archive.encodings(1)
    data = testing.blastware_file(SHOT)
    assert (str(record.encoder), record.revision, record.outcome) == ("blastware@2", 1, "encoded")
    assert (record.sha256, record.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (record.findings, record.distribution) == ((), "sfm-archive")


def test_a_refusal_is_recorded_with_its_reasons(archive: sfm.Archive) -> None:
    other = testing.simulate_waveform(Random(41), seconds=2.0, serial="BE2")
    torn = testing.missing_frame(testing.read_out(other), 3)
    saved = archive.save(sfm.Event(serial="BE2", recorded_at=other.recorded_at), torn)
    (record,) = archive.encodings(saved.event_id)
    assert (record.outcome, record.sha256, record.size) == ("refused", "", 0)
    (gap,) = record.findings
    assert (gap.code, gap.end) == ("gap", other.start_key + 0x800)
    with pytest.raises(EncodeRefused, match=rf"event {saved.event_id} .*blastware@2 refuses.*are missing") as caught:
        archive.encode(saved.event_id)
    assert caught.value.findings == (gap,)
    assert archive.encode(saved.event_id, "blastware@1").data == testing.sequential_file(torn)


def test_encoding_gives_file_name_hash_and_where_it_comes_from(archive: sfm.Archive) -> None:
    file = archive.encode(1)
    assert file.data == testing.blastware_file(SHOT)
    assert file.sha256 == hashlib.sha256(file.data).hexdigest()
    assert (str(file.encoder), file.revision, file.findings) == ("blastware@2", 1, ())
    assert file.filename == name_of(archive.event(1))


def test_another_encoder_is_recorded_once_the_first_time_it_is_used(archive: sfm.Archive) -> None:
    length = len(archive.history())
    for _ in range(3):
        archive.encode(1, "blastware@1")
    assert [str(record.encoder) for record in archive.encodings(1)] == ["blastware@1", "blastware@2"]
    assert len(archive.history()) == length + 1
    assert json.loads(archive.history()[-1].detail)["encoder"] == "blastware@1"


def test_reading_only_records_nothing(archive: sfm.Archive) -> None:
    with sfm.open(archive.path, read_only=True) as reader:
        assert reader.encode(1, "blastware@1").data == testing.blastware_file(SHOT)
    assert len(archive.encodings(1)) == 1


def test_the_pin_decides_and_every_move_of_it_is_in_the_history(archive: sfm.Archive) -> None:
    frames = testing.over_read(SHOT)
    archive.save(EVENT, frames)
    archive.pin_encoder("blastware@1")
    length = len(archive.history())
    archive.pin_encoder("blastware@1")
    assert len(archive.history()) == length
    assert json.loads(archive.history()[-1].detail) == {"from": "blastware@2", "to": "blastware@1"}
    assert archive.encode(1).data == testing.sequential_file(frames)
    with pytest.raises(EncoderNotFound):
        archive.pin_encoder("blastware@9")
    assert str(archive.pinned_encoder) == "blastware@1"


def test_older_revisions_stay_encodable(archive: sfm.Archive) -> None:
    longer = testing.over_read(SHOT)
    archive.save(EVENT, longer)
    assert archive.encode(1, "blastware@1", revision=1).data == testing.sequential_file(FRAMES)
    assert archive.encode(1, "blastware@1", revision=2).data == testing.sequential_file(longer)
    with pytest.raises(EventNotFound, match=r"2 revision\(s\); there is no revision 3"):
        archive.encode(1, revision=3)
    with pytest.raises(EventNotFound, match="no event 9"):
        archive.encode(9)


def test_the_newest_records_of_many_events(archive: sfm.Archive) -> None:
    archive.save(EVENT, testing.repeated_frame(FRAMES, 1))
    name = EncoderName("blastware", 2)
    found = current_encodings(archive.store, [1, 2, 3], name)
    assert {event_id: record.revision for event_id, record in found.items()} == {1: 2}
    assert current_encodings(archive.store, [1], EncoderName("blastware", 1)) == {}


def test_an_altered_record_is_an_error_and_no_surprise(archive: sfm.Archive) -> None:
    path = archive.path
    archive.close()
    tamper(path, "UPDATE encoding SET sha256 = zeroblob(32)")
    with sfm.open(path) as again:
        with pytest.raises(NotReproduced, match=r"event 1, frames revision 1.*recorded was encoded 0{12}"):
            again.encode(1)
        with pytest.raises(NotReproduced):
            again.file_bytes(again.files(1)[0])
        assert again.encode(1, "blastware@1").data == testing.blastware_file(SHOT)


def test_a_refusal_that_was_recorded_as_a_file_is_an_error_too(archive: sfm.Archive) -> None:
    path = archive.path
    archive.close()
    tamper(path, "UPDATE encoding SET outcome = 'refused', sha256 = x'', size = 0")
    with sfm.open(path) as again, pytest.raises(NotReproduced, match="recorded was refused"):
        again.encode(1)


def test_altered_frames_and_files_are_found_when_they_are_read(archive: sfm.Archive) -> None:
    report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="r.txt", data=b"some text" * 40)
    archive.save(EVENT, FRAMES, files=[report])
    path = archive.path
    archive.close()
    tamper(
        path,
        "UPDATE frames SET data = CAST(substr(data, 1, 60) || x'AA55' || substr(data, 63) AS BLOB)",
        "UPDATE file_piece SET data = CAST(substr(data, 1, 12) || x'AA55' || substr(data, 15) AS BLOB)",
    )
    with sfm.open(path) as again:
        with pytest.raises(Damaged, match="event 1, frames revision 1"):
            again.frames(1)
        row = next(row for row in again.files(1) if row.kept)
        with pytest.raises(Damaged, match=r"r\.txt"):
            again.file_bytes(row)


def test_an_encoder_that_changes_its_bytes_is_caught(archive: sfm.Archive) -> None:
    encoder = Changing()
    archive = with_encoder(archive.path, encoder)
    assert archive.encode(1, "changing@1").data == b"first"
    encoder.answer = EncodedFile(b"second")
    with pytest.raises(NotReproduced, match="changing@1 of a test 7"):
        archive.encode(1, "changing@1")
    encoder.answer = EncodeRefused("no longer", ())
    with pytest.raises(NotReproduced, match="gives refused, recorded was encoded"):
        archive.encode(1, "changing@1")
    archive.close()


@pytest.mark.parametrize("first", ["save", "encode"])
def test_an_encoder_that_breaks_has_said_nothing_about_the_frames(archive: sfm.Archive, first: str) -> None:
    encoder = Changing()
    encoder.answer = MemoryError()
    archive = with_encoder(archive.path, encoder)
    event_id = 1
    if first == "save":
        archive.pin_encoder("changing@1")
        other = testing.simulate_histogram(Random(42), count=5)
        event_id = archive.save(
            sfm.Event(serial="BE7", recorded_at=other.recorded_at), testing.read_out(other)
        ).event_id
        assert archive.frames(event_id) == tuple(testing.read_out(other))
    with pytest.raises(EncodeRefused, match="MemoryError"):
        archive.encode(event_id, "changing@1")
    assert "changing@1" not in {str(record.encoder) for record in archive.encodings(event_id)}
    # With memory again, or with the fault in the plug-in repaired, it gives its file.
    encoder.answer = EncodedFile(b"first")
    assert archive.encode(event_id, "changing@1").data == b"first"
    encoder.answer = MemoryError()
    with pytest.raises(EncodeRefused, match="MemoryError"):
        archive.encode(event_id, "changing@1")
    archive.close()


def test_two_that_encode_at_once_make_one_record_and_one_note(archive: sfm.Archive) -> None:
    from threading import Barrier, Thread

    barrier, length = Barrier(4), len(archive.history())

    def encode() -> None:
        barrier.wait()
        archive.encode(1, "blastware@1")

    threads = [Thread(target=encode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(archive.encodings(1)) == 2
    assert len(archive.history()) == length + 1
