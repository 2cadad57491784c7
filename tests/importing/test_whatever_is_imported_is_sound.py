"""Whatever can be imported verifies, backs up, seals and reads: numbers and texts that nobody expects, in every kind of
file that brings some."""

from __future__ import annotations

import json
import struct
from datetime import datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.maintaining import backup
from sfm_archive.maintaining.seal import seal
from sfm_archive.testing import (
    ascii_report,
    blastware_file,
    call_home_name,
    read_out,
    sidecar,
    simulate_histogram,
    simulate_waveform,
    thor_csv,
    wire_frame,
    wire_read_out,
)
from sfm_archive.testing.link import reply_payload
from sfm_archive.testing.trailer import device_time

AT = datetime(2026, 5, 1, 13, 16, 34)
EVENTS = [
    simulate_histogram(Random(1), serial="BE11529", recorded_at=AT, count=3),
    simulate_waveform(Random(2), serial="BE11529", recorded_at=AT, seconds=0.2),
]

ODD_FLOATS = st.sampled_from(
    [-0.0, 0.0, float("nan"), float("inf"), -float("inf"), 5e-324, -5e-324, 1.8e308, 2.0**63, 1e22]
)
NUMBERS = ODD_FLOATS | st.floats() | st.integers(-(10**30), 10**30)
ODD_SIGNS = st.sampled_from(
    [
        "\0",
        "\x1a",
        "\x1b[2J",
        "\u202e",
        "\u2066",
        "\u200f",
        "\ufeff",
        "\ufffd",
        "\U0001f680",
        "e\u0301",
        "\x85",
        "\u2028",
        '"',
        ",",
    ]
)
TEXTS = st.lists(ODD_SIGNS | st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=5).map("".join)
PRINTED = (
    NUMBERS.map(str)
    | st.tuples(NUMBERS, st.sampled_from([" in/s", " mm/s", " Hz", "sec", " dB(L)", " pa.(L)", " %"])).map(
        lambda pair: f"{pair[0]}{pair[1]}"
    )
    | TEXTS
    | st.sampled_from(
        [
            "-0.000",
            "-0.000 sec",
            "<-0.005 in/s",
            ">1e400 Hz",
            "OORANGE",
            "***",
            "N/A",
            "0,000",
            "+.",
            "-",
            "١٢",
            "1_000",
            "0x10",
        ]
    )
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
JSON_TEXTS = TEXTS.map(json.dumps) | st.sampled_from(
    [r'"\ud800"', r'"a\udfffb"', r'"\u0000"', r'"\u202e"', '"' + "x" * 20_000 + '"']
)
JSON_NUMBERS = NUMBERS.map(json.dumps) | st.sampled_from(
    ["-0", "-0.0", "NaN", "Infinity", "1e999", "-1e-999", "1" + "0" * 400]
)


@st.composite
def reports(draw, event, name):
    """A report in either dialect, some of its values replaced, in any code page."""
    thor = draw(st.booleans())
    between = '","' if thor else " : "
    lines = (thor_csv(event) if thor else ascii_report(event, file_name=name)).decode().split("\r\n")
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines) - 1))
        parts = lines[at].split(between, 1)
        value = draw(PRINTED)
        if len(parts) == 2:
            lines[at] = parts[0] + between + value + '"'
        elif "\t" in lines[at]:
            cells = lines[at].split("\t")
            cells[draw(st.integers(0, len(cells) - 1))] = value
            lines[at] = "\t".join(cells)
    return "\r\n".join(lines).encode(draw(ENCODINGS), "replace")


@st.composite
def sidecars(draw):
    """A JSON sidecar with any numbers and texts."""
    verdict, reviewer, notes = draw(st.sampled_from(["true", "false", "null"])), draw(JSON_TEXTS), draw(JSON_TEXTS)
    review = f'{{"false_trigger": {verdict}, "reviewer": {reviewer}, "notes": {notes}}}'
    peaks = f'{{"Tran": {draw(JSON_NUMBERS)}, {draw(JSON_TEXTS)}: 1}}'
    return f'{{"project": {draw(JSON_TEXTS)}, "review": {review}, "peaks": {peaks}}}'.encode()


@st.composite
def event_files(draw, event):
    """An event file with other bytes behind one label of its settings, and the end that its header then says."""
    file = blastware_file(event)
    label = draw(st.sampled_from([b"Project:", b"Client:", b"User Name:", b"Seis Loc:", b"Extended Notes"]))
    at = file.rfind(label)
    if at == -1:
        return file
    typed = draw(st.binary(max_size=30) | TEXTS.map(lambda text: text.encode("cp1252", "replace")))
    grown = file[: at + len(label)] + typed + file[at + len(label) :]
    end_key = int.from_bytes(file[28:32], "big") + len(typed)
    return grown[:28] + (end_key & 0xFFFF_FFFF).to_bytes(4, "big") + grown[32:]


@st.composite
def captures(draw, event):
    """A capture of the event, with a 0C record of any numbers and texts."""
    content = bytearray(device_time(event.recorded_at) + bytes(182) + draw(st.binary(max_size=20)))
    for place, channel in enumerate((b"Tran", b"Vert", b"Long", b"MicL")):
        at = 40 + 20 * place
        content[at : at + 4] = channel
        content[at + 6 : at + 10] = draw(st.binary(min_size=4, max_size=4) | ODD_FLOATS.map(single))
        content[at - 12 : at - 8] = draw(ODD_FLOATS.map(single))
    content[130:138] = b"Project:"
    project = draw(st.binary(max_size=20))
    content[138 : 138 + len(project)] = project
    record = wire_frame(reply_payload(0xF3, b"", bytes(content)))
    return record + b"".join(wire_read_out(event))


def single(number: float) -> bytes:
    try:
        return struct.pack(">f", number)
    except OverflowError:
        return struct.pack(">f", float("inf"))


@st.composite
def folders(draw):
    """Files of one event, by name."""
    event = draw(st.sampled_from(EVENTS))
    name = call_home_name(event)
    files = {}
    if draw(st.booleans()):
        files[name] = draw(event_files(event))
    if draw(st.booleans()):
        files[f"{name}.a5.pkl"] = sidecar(read_out(event))
    for number in range(draw(st.integers(0, 2))):
        files[f"{name}_ASCII{f' ({number})' if number else ''}.TXT"] = draw(reports(event, name))
    if draw(st.booleans()):
        files[f"{name}.sfm.json"] = draw(sidecars())
    if draw(st.booleans()):
        files["raw_s3_20260502_080000.bin"] = draw(captures(event))
    return files


def ran(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None and result.exit_code == 0, (arguments, result.exit_code, result.output)
    return result.stdout


def proved(path: Path, folder: Path) -> None:
    with sfm.open(path, read_only=True) as archive:
        report = archive.verify()
        assert report.ok and not report.findings, report.findings
        backup(archive, folder / "copy.sfm")
        seal(archive, folder / "sealed.sfm")


@given(folders())
@settings(max_examples=settings.default.max_examples // 4)
def test_whatever_is_imported_verifies_backs_up_and_seals(files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        received = folder / "BE11529"
        received.mkdir()
        for name, data in files.items():
            (received / name).write_bytes(data)
        with sfm.create(folder / "a.sfm") as archive:
            first = archive.import_from(received)
            head = archive.history_head()
            again = archive.import_from(received)
            assert archive.history_head() == head, "the same again changes nothing"
            assert len(first.items) == len(again.items) == len(files)
        proved(folder / "a.sfm", folder)
        for command in (("list",), ("waiting",), ("history",)):
            json.loads(ran(command[0], folder / "a.sfm", "--json", *command[1:]))
        with sfm.open(folder / "a.sfm", read_only=True) as archive:
            ids = [row.event_id for row in archive.events()]
        for event_id in ids:
            json.loads(ran("show", folder / "a.sfm", str(event_id), "--json"))


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("Tran ZC Freq", "-5 Hz"),
        ("Tran ZC Freq", f"{'9' * 30} Hz"),
        ("MicL PSPL", f"{'9' * 40} dB(L)"),
        ("MicL PSPL", "-5 dB(L)"),
        ("Tran PPV", "<0.000 in/s"),
        ("Peak Vector Sum", f"{'9' * 30} in/s"),
    ],
)
def test_a_number_that_no_unit_prints_makes_no_damage(tmp_path: Path, line: str, printed: str) -> None:
    lines = ascii_report(EVENTS[1], file_name="W.TXT").decode("cp1252").splitlines(keepends=True)
    lines = [f'"{line} : {printed}"\r\n' if one.startswith(f'"{line} : ') else one for one in lines]
    (tmp_path / "W.TXT").write_bytes("".join(lines).encode("cp1252"))
    with sfm.create(tmp_path / "a.sfm") as archive:
        archive.import_from(tmp_path / "W.TXT")
    assert printed in ran("show", tmp_path / "a.sfm", "1")
    for command in ("list", "summary", "verify"):
        ran(command, tmp_path / "a.sfm")


@pytest.mark.parametrize("number", [-0.0, float("nan"), float("inf"), 5e-324, 1e300])
def test_the_commands_end_with_0(tmp_path: Path, number: float) -> None:
    event = EVENTS[0]
    name = call_home_name(event)
    received = tmp_path / "BE11529"
    received.mkdir()
    text = ascii_report(event, file_name=name).replace(
        b"Peak Vector Sum : ", f"Peak Vector Sum : {number} in/s ".encode()
    )
    (received / f"{name}_ASCII.TXT").write_bytes(text)
    (received / name).write_bytes(blastware_file(event))
    CliRunner().invoke(main, ["import", str(tmp_path / "a.sfm"), str(received), "--create"])
    ran("verify", tmp_path / "a.sfm")
    ran("backup", tmp_path / "a.sfm", tmp_path / "b.sfm")
    ran("seal", tmp_path / "a.sfm", tmp_path / "c.sfm")
    ran("verify", tmp_path / "c.sfm")
