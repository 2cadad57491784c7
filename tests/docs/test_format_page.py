"""docs/format.md: its worked examples are right, and its reader reads an archive without this package."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.formats.blastware.frames import logical_frame
from sfm_archive.formats.frame_blob import FrameBlob, deserialise_frames, serialise_frames, unpack_frames
from sfm_archive.storage import changes, row_hashes
from sfm_archive.storage.cells import DERIVED
from sfm_archive.storage.history import row_hash
from sfm_archive.storage.schema import APPLICATION_ID, FORMAT_VERSION
from sfm_archive.storage.structure import tokens
from sfm_archive.storage.tables import schema_text, tables
from sfm_archive.testing import a5_frame, read_out, simulate_histogram, simulate_waveform, without_checksums

PAGE = "format.md"
EXAMPLE = (0x01112000, bytes.fromhex("0e080210"))
REPORT = b'"Event Type : Full Waveform"\r\n"Project: : caf\xc3\xa9"\r\n'


def hex_bytes(text: str) -> bytes:
    """The bytes of a block whose lines are hexadecimal pairs, three blanks, and what they mean."""
    pairs = (re.match(r"\s*((?:[0-9a-f]{2} )*[0-9a-f]{2})(?:\s{2,}.*)?$", line) for line in text.splitlines())
    return bytes.fromhex(" ".join(pair[1] for pair in pairs if pair))


def page_text() -> str:
    return (Path(__file__).resolve().parents[2] / "docs" / PAGE).read_text(encoding="utf-8")


def test_the_header_is_stated_as_it_is() -> None:
    assert f"| `application_id` | {APPLICATION_ID} = 0x{APPLICATION_ID:08X}," in page_text()
    assert f"Format version {FORMAT_VERSION}." in page_text()


def test_the_frame_blob_of_the_example(block) -> None:
    logical = hex_bytes(block(PAGE, "hex frame-blob"))
    frame = a5_frame(*EXAMPLE)
    assert serialise_frames([frame]) == logical
    assert deserialise_frames(logical) == (frame,)
    piece = logical_frame(frame)
    assert (piece.address, piece.content) == EXAMPLE
    assert f"The map, {len(logical)} bytes" in page_text()
    assert f"Its SHA-256 is `{hashlib.sha256(logical).hexdigest()}`" in page_text()


def test_the_stored_form_of_the_example(block) -> None:
    logical = hex_bytes(block(PAGE, "hex frame-blob"))
    stored = FrameBlob(
        format_version=1,
        codec="zstd",
        sha256=hashlib.sha256(logical).hexdigest(),
        logical_size=len(logical),
        frame_count=1,
        data=hex_bytes(block(PAGE, "hex zstd")),
    )
    assert unpack_frames(stored) == (a5_frame(*EXAMPLE),)


def test_the_history_row_of_the_example(block) -> None:
    line = block(PAGE, "json history-row").rstrip("\n")
    digest = hashlib.sha256(line.encode("utf-8")).hexdigest()
    assert f"without a line end: `{digest}`" in page_text()
    assert row_hash(*json.loads(line)) == digest


def test_the_escapes_of_the_history_are_those_stated() -> None:
    """The page's rule in its own words, against the package, for every character that could be special."""
    short = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    text = "".join(map(chr, range(0x20))) + '"\\/\x7f\u2028é€𐍈'
    stated = "".join(short.get(sign, f"\\u{ord(sign):04x}" if sign < " " else sign) for sign in text)
    zeros = "0" * 64
    line = f'[1,"","{stated}","","",0,"{{}}","","{zeros}"]'
    assert row_hash(1, "", text, "", "", 0, "{}", "", zeros) == hashlib.sha256(line.encode("utf-8")).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two events, one with a torn download behind the whole one, one with a file, and a name that needs care."""
    random = Random(7)
    path = tmp_path / "a b#é%41.sfm"
    with sfm.create(path, actor='Zoë "Z"\n') as archive:
        for number, simulated in enumerate((simulate_waveform(random), simulate_histogram(random, count=40))):
            event = sfm.Event(
                serial=simulated.serial,
                recorded_at=simulated.recorded_at,
                record_type=simulated.record_type,
                start_key=simulated.start_key,
            )
            frames = read_out(simulated)
            report = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="report é.TXT", data=REPORT)
            archive.save(event, frames, files=[report] if number else [])
            archive.save(event, without_checksums(frames)[:-1])
    return path


@pytest.fixture
def reader(block, tmp_path: Path) -> Path:
    path = tmp_path / "reader.py"
    path.write_text(block(PAGE, "python reader"), encoding="utf-8")
    return path


def test_the_reader_needs_nothing_of_this_package(reader: Path) -> None:
    assert "sfm_archive" not in reader.read_text(encoding="utf-8")


def test_the_reader_reads_an_archive(reader: Path, archive: Path, run_python) -> None:
    done = run_python(reader, archive)
    assert (done.returncode, done.stderr) == (0, "")
    with sfm.open(archive, read_only=True) as opened:
        expected = [
            f"event {row.event_id}: {row.serial} {row.recorded_at_local}, {row.frame_count} frames,"
            f" {sum(len(logical_frame(frame).content) for frame in opened.frames(row.event_id))} bytes"
            for row in (opened.event(1), opened.event(2))
        ]
        expected += [f"file report é.TXT: {len(REPORT)} bytes", f"history head {opened.history_head()[1]}"]
    assert sorted(done.stdout.splitlines()) == sorted(expected)


def test_the_reader_sees_a_changed_byte(reader: Path, archive: Path, run_python) -> None:
    data = archive.read_bytes()
    assert data.count(REPORT) == 1, "too short to be compressed, it stands in the file as it is"
    archive.write_bytes(data.replace(REPORT, REPORT.replace(b"Full", b"full")))
    done = run_python(reader, archive)
    assert (done.returncode, done.stderr) == (1, f"{hashlib.sha256(REPORT).hexdigest()}: damaged\n")


def test_the_reader_refuses_what_is_no_archive(reader: Path, tmp_path: Path, run_python) -> None:
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"")
    done = run_python(reader, other)
    assert (done.returncode, done.stderr) == (1, "this is not an sfm archive\n")


def test_every_action_of_the_history_is_described():
    root = Path(__file__).resolve().parents[2]
    written = {kind.action for kind in changes.Change.__subclasses__()}
    page = (root / "docs" / "format.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `([a-z ]+)` \| (?:0|the event)", page, re.MULTILINE))
    assert {"create", "save", "pin encoder", "review"} <= written
    assert written == described


def test_the_row_of_the_example(block) -> None:
    line = block(PAGE, "json row").rstrip("\n")
    digest = hashlib.sha256(line.encode("utf-8")).hexdigest()
    assert f"written by change 2, hashes to\n`{digest}`" in page_text()
    table, *row = json.loads(line)
    assert row_hashes.row_hash(table, row).hex() == digest


def test_the_numbers_of_tables_are_those_stated() -> None:
    stated = {table: int(number) for number, table in re.findall(r"\| (\d+) \| `([a-z_]+)` ", page_text())}
    assert stated == dict(row_hashes.NUMBERS)


def test_the_reader_sees_an_altered_row_and_one_that_nobody_recorded(
    reader: Path, archive: Path, run_python, tmp_path: Path
) -> None:
    for number, (statement, told) in enumerate(
        (
            ("UPDATE event SET time_zone = 'Mars' WHERE event_id = 2", "a row of event is not what was written"),
            ("INSERT INTO finding VALUES (1, 'odd', 'planted', 'note', 2)", "a row of finding is not what was written"),
            ("DELETE FROM event_key WHERE event_id = 1", "1 rows are not there any more"),
        )
    ):
        path = tmp_path / f"{number}.sfm"
        path.write_bytes(archive.read_bytes())
        connection = sqlite3.connect(path)
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()
        connection.close()
        done = run_python(reader, path)
        assert done.returncode == 1 and told in done.stderr


GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "archive_format_1.sfm"
INSIDE = {"archive", "history", "value", "file_piece"}
"""Tables that the reader reads, though no change lists their rows by themselves."""


def test_every_table_and_column_of_the_schema_is_named() -> None:
    stated = {
        name: re.findall(r"`([a-z_0-9]+)`", columns)
        for name, columns in re.findall(
            r"^\| `([a-z_]+)`(?: \(derived\))? \| (`[a-z_0-9`, ]+) \|$", page_text(), re.MULTILINE
        )
    }
    assert stated == {name: list(table.names) for name, table in tables(schema_text()).items()}
    derived = set(re.findall(r"^\| `([a-z_]+)` \(derived\)", page_text(), re.MULTILINE))
    assert derived == DERIVED


def test_the_reader_reads_every_table_of_the_golden_archive(reader: Path, run_python) -> None:
    """No product code: what the page says is enough, and the golden archive has rows of every table."""
    text = reader.read_text(encoding="utf-8")
    listed = set(re.findall(r'"([a-z_]+)"', text[text.index("tables = [") : text.index("inside = {")]))
    connection = sqlite3.connect(f"{GOLDEN.as_uri()}?mode=ro", uri=True)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        empty = {name for name in names if connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone() is None}
        files = connection.execute("SELECT count(*) FROM received_file JOIN file_content USING (sha256)").fetchone()[0]
        (head,) = connection.execute("SELECT sha256 FROM history ORDER BY sequence DESC LIMIT 1").fetchone()
    finally:
        connection.close()
    assert not empty
    assert names == listed | INSIDE | DERIVED
    done = run_python(reader, GOLDEN)
    assert (done.returncode, done.stderr) == (0, "")
    told = done.stdout.splitlines()
    assert sum(line.startswith("file ") for line in told) == files > 5
    assert told[-1] == f"history head {head if isinstance(head, str) else head.hex()}"


FROZEN = "0f53ed7883e45f8534293f46d030d5af0a30935296cbaf509bf03da3023224fd"


def test_the_content_of_format_1_is_frozen() -> None:
    """Tables of content with their indexes and triggers, word by word without comments."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(schema_text())
        entries = connection.execute(
            "SELECT tbl_name, type, name, sql FROM sqlite_schema WHERE type <> 'view' AND sql IS NOT NULL"
        ).fetchall()
    finally:
        connection.close()
    content = sorted((*entry[:3], tokens(entry[3])) for entry in entries if entry[0] not in DERIVED)
    digest = hashlib.sha256(repr(content).encode("utf-8")).hexdigest()
    assert (FORMAT_VERSION, digest) == (1, FROZEN), (
        "format 1 is frozen and its content tables differ: leave them as they are and write a new format step instead "
        "(MIGRATIONS and FORMAT_VERSION in storage/schema.py, 'Format versions' in docs/format.md, a golden archive of "
        "the new format beside the old one)"
    )
