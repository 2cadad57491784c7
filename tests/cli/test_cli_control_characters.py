"""Texts of strangers with control characters in them: none reaches a person's terminal, all reach a program."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from sfm_archive.archive import Archive
from sfm_archive.cli import COMMANDS, main
from sfm_archive.cli.output import Column, emit_csv, for_terminal
from sfm_archive.formats.csv_text import PLAIN
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_histogram, simulate_waveform

EVIL = "\x07\x1bc\x1b[2J\x9b2J\x08"
"""Bell, reset, clear the screen in both forms, one step back."""
IN_NAMES = "" if sys.platform == "win32" else EVIL
"""As far as the system takes them in names of files."""


def received(folder: Path) -> None:
    """Two events with reports, one of them with a sidecar; a report that waits, and what is rejected."""
    folder.mkdir()
    for number, one in enumerate(events()):
        name = call_home_name(one)
        (folder / name).write_bytes(blastware_file(one))
        text = ascii_report(one, file_name=name).decode()
        for label in ("Project:", "Client:", "User Name:", "Seis Loc:"):
            text = text.replace(f'"{label} :', f'"{label} : {EVIL}')
        head, _, table = text.partition("\r\n\r\n")
        head = head.replace(" in/s", f" in/s{EVIL}", 3)
        table = table.replace("\t0.005", f"\t7.777{EVIL}", 3) if number else table.replace("\t", f"{EVIL}\t", 40)
        (folder / f"{name.replace('.', '_')}_ASCII.TXT").write_bytes(f"{head}\r\n\r\n{table}".encode())
        if not number:
            (folder / f"{name}.sfm.json").write_text(
                json.dumps({"review": {"false_trigger": True, "reviewer": f"mk{EVIL}", "notes": EVIL}, "project": EVIL})
            )
    (folder / "M529LK99_AB0_ASCII.TXT").write_bytes(
        f'"Serial Number : BE1{EVIL}"\r\n"File Name : x{EVIL}.IDFW"\r\n'.encode()
    )
    (folder / f"odd{IN_NAMES}.bin").write_bytes(b"nothing")
    (folder / f"inner{IN_NAMES}").mkdir()
    (folder / f"inner{IN_NAMES}" / "broken.sfm.json").write_text("{")


def events():
    at = datetime(2026, 5, 1, 13, 16, 34)
    return (
        simulate_waveform(Random(3), seconds=0.3, sample_rate=1024, serial="BE11529", recorded_at=at),
        simulate_histogram(Random(3), count=12, serial="BE11529", recorded_at=at.replace(hour=15)),
    )


@pytest.fixture(scope="module")
def evil_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with such texts everywhere, and the files it was made of."""
    folder = tmp_path_factory.mktemp("evil")
    received(folder / "received")
    with Archive.create(folder / "quarry.sfm", actor=f"mk{EVIL}") as archive:
        archive.import_from(folder / "received")
        readings = (Reading(quantity="ppv", channel="Tran", number=1.5, unit=f"in/s{EVIL}", text=EVIL),)
        document = ReadingSet(source=ValueSource.REPORT, origin_sha256="0" * 64, readings=readings)
        for row in list(archive.events()):
            archive.attach(row.event_id, [], [document])
        archive.export(folder / f"given{IN_NAMES}")
        archive.review(1, false_trigger=True, notes=EVIL, reviewer=EVIL)
    with Archive.create(folder / f"other{IN_NAMES}.sfm", actor=f"mk{EVIL}") as archive:
        archive.import_from(folder / "received")
        archive.review(1, false_trigger=False, notes=EVIL, reviewer=f"another {EVIL}")
    return folder


def arguments(events_files: list[Path]) -> dict[str, list[list[str]]]:
    """Every command on that archive, each in the ways in which it prints for people."""
    waveform, histogram = map(str, events_files)
    archive = "quarry.sfm"
    texts = [f"{path.replace('.', '_')}_ASCII.TXT" for path in (waveform, histogram)]
    return {
        "create": [[f"new{IN_NAMES}.sfm"]],
        "import": [[archive, "received"], [archive, "received", "--dry-run", "--actor", EVIL]],
        "watch": [[archive, "received", "--once", "--settle", "0.1s", "--notify", sys.executable, "-c", "1"]],
        "list": [[archive], [archive, EVIL], [archive, "--project", EVIL], [f"none{IN_NAMES}.sfm"]],
        "waiting": [[archive]],
        "show": [[archive, "1"], [archive, "2"], [archive, EVIL]],
        "review": [[archive], [archive, "2", "--false-trigger", "--reason", f"x{EVIL}", "--by", f"mk{EVIL}"]],
        "export": [[archive, "out"], [archive, f"out{IN_NAMES}-2"]],
        "handovers": [[archive], [archive, "1"]],
        "verify": [[archive]],
        "encoders": [[archive]],
        "decoders": [[archive]],
        "settings": [[archive]],
        "join": [[archive, EVIL, "1", "--reason", EVIL]],
        "plugins": [[]],
        "diff": [[archive, "1", waveform], [archive, "1", EVIL]],
        "reencode": [[archive, "--encoder", "blastware@1", "--dry-run"]],
        "zones": [[archive], [archive, "BE11529", EVIL]],
        "job": [
            ["add", archive, EVIL, "--client", EVIL],
            ["report", archive, EVIL, "--since", "2026", "--until", "2026", "--number", EVIL, "--measured-by", EVIL],
        ],
        "point": [["add", archive, EVIL, EVIL], ["correct", archive, EVIL, "--name", EVIL, "--reason", EVIL]],
        "place": [[archive, "BE11529", "--at", EVIL, "--from", "2026-05-01"], [archive, "--withdraw", "1"]],
        "blast": [
            [
                "add",
                archive,
                EVIL,
                "--at",
                "2026-05-01 13:16",
                "--zone",
                "UTC",
                "--name",
                EVIL,
                "--distance",
                f"{EVIL}=1m",
            ],
            ["list", archive],
            ["show", archive, "1"],
            ["confirm", archive, "1", EVIL],
        ],
        "jobs": [[archive]],
        "correct": [[archive, "BE11529", "--project", EVIL, "--by", EVIL, "--reason", EVIL], [archive]],
        "unit": [
            [archive, "BE11529", "--calibrated", "2026-02-11", "--lab", EVIL, "--certificate", texts[0]],
            [archive],
            [archive, "BE11529"],
            [archive, "BE11529", "--sensor-checks"],
            [archive, EVIL],
        ],
        "firm": [[archive, "--name", EVIL, "--address", EVIL, "--signature", EVIL, "--by", EVIL], [archive]],
        "config": [["--name", EVIL, "--signature", EVIL], ["--limits", EVIL], [archive]],
        "merge": [[archive, f"other{IN_NAMES}.sfm"], [archive, f"other{IN_NAMES}.sfm"]],
        "extract": [[archive, f"e{IN_NAMES}.sfm"], [archive, f"f{IN_NAMES}.sfm", "--project", EVIL]],
        "mark": [[archive, EVIL]],
        "history": [[archive], [archive, "1"]],
        "analyse": [[archive]],
        "check-file": [[waveform, "--report", texts[0]], [histogram, "--report", texts[1]]],
        "check-report": [[text] for text in texts],
        "plot": [[archive, "1"], [archive, "2"], [archive, "1", "--limits", EVIL]],
        "page": [[archive, "1", "-o", f"pages{IN_NAMES}"]],
        "serve": [],  # it goes on without end
        "report": [[archive, "-o", f"r{IN_NAMES}.pdf"]],
        "coverage": [[archive]],
        "find": [[EVIL, archive], ["e", archive, f"gone{IN_NAMES}.sfm"], ["*", archive]],
        "attenuation": [[archive, "--job", EVIL], [archive, "--job", EVIL, "--leave-out", "1", "--reason", EVIL]],
        "summary": [[archive], [archive, "--by", "project"], [archive, "--limits", "usbm"]],
        "export-data": [[archive, f"data{IN_NAMES}", "--format", "csv"]],
        "write": [[archive, "1", "--as", "txt", "--to", f"w{IN_NAMES}"]],
        "backup": [[archive, f"b{IN_NAMES}.sfm"]],
        "seal": [[archive, f"s{IN_NAMES}.sfm"]],
        "compact": [[archive]],
        "rebuild": [[archive]],
        "salvage": [[archive, f"saved{IN_NAMES}.sfm"]],
        "info": [[archive]],
        "demo": [[f"demo{IN_NAMES}"]],
        "completion": [["bash"]],
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_prints_a_control_character_for_people(command, evil_folder, tmp_path, monkeypatch):
    shutil.copytree(evil_folder, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    files = [Path("received") / call_home_name(one) for one in events()]
    for one in arguments(files)[command]:
        result = CliRunner().invoke(main, [command, *one], color=True)
        assert result.exception is None or isinstance(result.exception, SystemExit), (one, result.exc_info)
        assert result.stdout or result.stderr
        odd = {sign for sign in result.stdout + result.stderr if sign != "\n" and not sign.isprintable()}
        assert not odd, (one, [line for line in (result.stdout + result.stderr).splitlines() if not line.isprintable()])


def test_every_command_is_tried():
    assert set(arguments([Path("a"), Path("b")])) == set(COMMANDS)


def test_csv_keeps_every_character_in_a_pipe(evil_folder, monkeypatch):
    monkeypatch.chdir(evil_folder)
    printed = CliRunner().invoke(main, ["summary", "quarry.sfm", "--by", "project", "--csv"]).stdout
    assert any(EVIL in value for row in csv.reader(io.StringIO(printed)) for value in row)


def test_csv_on_a_terminal_shows_what_cannot_be_printed(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    emit_csv([Column("project", "project")], [[f"north{EVIL}"], ["two\nlines"]], PLAIN)
    assert capsys.readouterr().out == 'project\nnorth??c?[2J?2J?\n"two\nlines"\n'


def test_what_sfm_write_shows_on_a_terminal(evil_folder, monkeypatch):
    monkeypatch.chdir(evil_folder)
    piped = CliRunner().invoke(main, ["write", "quarry.sfm", "1", "--as", "txt"]).stdout_bytes
    assert EVIL.encode() in piped
    text = for_terminal(piped.decode())
    assert "??c?[2J?2J?" in text and {sign for sign in text if not sign.isprintable()} <= {"\n", "\t"}


def test_json_escapes_them(evil_folder, monkeypatch):
    monkeypatch.chdir(evil_folder)
    printed = CliRunner().invoke(main, ["show", "quarry.sfm", "1", "--json"]).stdout
    assert set(printed) - {"\n"} == {sign for sign in printed if sign.isprintable()}
    assert any(EVIL in value["text"] for value in json.loads(printed)["values"])
