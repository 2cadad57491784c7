"""docs/writing-a-plugin.md: the example is found, loaded and used as an installed package would be."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path
from random import Random

import numpy as np
import obspy
import pytest

import sfm_archive as sfm
from sfm_archive.formats.blastware.streams import StreamSurvey
from sfm_archive.plugins.api import FILE_PREFIX
from sfm_archive.plugins.contracts import ExportedEvent, Exporter
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform

PAGE = "writing-a-plugin.md"

USE = """\
import json, sys
from random import Random

import sfm_archive as sfm
from sfm_archive.errors import EncodeRefused
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing import missing_frame, read_out, simulate_waveform

registry = load_plugins()
simulated = simulate_waveform(Random(1))
event = sfm.Event(serial=simulated.serial, recorded_at=simulated.recorded_at, start_key=simulated.start_key)
with sfm.create(sys.argv[1]) as archive:
    whole = archive.save(event, read_out(simulated)).event_id
    made = archive.encode(whole, "memory@1")
    blastware = archive.encode(whole)
    torn = archive.save(event, missing_frame(read_out(simulated), 3)).revision
    try:
        archive.encode(whole, "memory@1", torn)
    except EncodeRefused as refusal:
        refused = [finding.code for finding in refusal.findings]
    records = [[str(row.encoder), row.revision, row.outcome, row.distribution, row.distribution_version]
               for row in archive.encodings(whole) if row.family == "memory"]
print(json.dumps({
    "encoders": [[str(one.name), one.source.distribution] for one in registry.encoders],
    "errors": [str(error) for error in registry.load_errors],
    "memory": made.data.hex(), "blastware": blastware.data.hex(), "refused": refused, "records": records,
}))
"""

LIST = """\
from sfm_archive.errors import PluginConflict
from sfm_archive.plugins.loading import load_plugins
try:
    registry = load_plugins()
    print([str(encoder.name) for encoder in registry.encoders])
    for error in registry.load_errors:
        print(error.source, error.reason)
except PluginConflict as conflict:
    print("conflict:", conflict)
"""

OTHER = """\
from sfm_archive.plugins.api import FILE_PREFIX, EncodedFile, Encoder, hookimpl

class Other(Encoder):
    family = "other"
    version = 1
    description = "the prefix and nothing else"

    def encode(self, event, frames):
        return EncodedFile(FILE_PREFIX)

@hookimpl
def sfm_encoders():
    return [Other()]
"""


SFM = """\
import sys
from sfm_archive.cli import main
main(sys.argv[1:])
"""


def install(folder: Path, pyproject: str, module: str, code: str) -> Path:
    """What `pip install` leaves behind: the module, and a dist-info with the entry points of the project file."""
    project = tomllib.loads(pyproject)["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code, encoding="utf-8")
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points.items())
        for group, points in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text("\n".join(groups), encoding="utf-8")
    return folder


@pytest.fixture
def installed(block, tmp_path: Path) -> Path:
    return install(tmp_path / "site", block(PAGE, "toml plugin"), "sfm_event_memory", block(PAGE, "python plugin"))


def other(tmp_path: Path, block, entry_point: str, code: str) -> Path:
    """Another package beside the example, declared in the same way."""
    pyproject = block(PAGE, "toml plugin").replace("sfm-event-memory", "sfm-other")
    pyproject = pyproject.replace('event-memory = "sfm_event_memory"', f'{entry_point} = "sfm_other"')
    return install(tmp_path / "other", pyproject, "sfm_other", code)


def script(tmp_path: Path, code: str) -> Path:
    path = tmp_path / "script.py"
    path.write_text(code, encoding="utf-8")
    return path


def test_the_example_is_as_short_as_promised(block) -> None:
    lines = (block(PAGE, "toml plugin") + block(PAGE, "python plugin")).splitlines()
    assert len(lines) < 60


def test_the_example_is_used_like_any_encoder(installed: Path, tmp_path: Path, run_python) -> None:
    done = run_python(script(tmp_path, USE), tmp_path / "plugin.sfm", paths=(installed,))
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert ["memory@1", "sfm-event-memory"] in told["encoders"]
    assert told["errors"] == []
    assert bytes.fromhex(told["blastware"]) == FILE_PREFIX + bytes.fromhex(told["memory"])
    assert "gap" in told["refused"]
    assert told["records"] == [
        ["memory@1", 1, "encoded", "sfm-event-memory", "1.0.0"],
        ["memory@1", 2, "refused", "sfm-event-memory", "1.0.0"],
    ]


def test_the_test_of_the_example_passes(installed: Path, block, tmp_path: Path, run_python) -> None:
    done = run_python(script(tmp_path, block(PAGE, "python test")), paths=(installed,))
    assert (done.returncode, done.stderr) == (0, "")


def test_two_that_claim_one_encoder_are_refused_by_name(installed, block, tmp_path: Path, run_python) -> None:
    beside = other(tmp_path, block, "other", block(PAGE, "python plugin"))
    done = run_python(script(tmp_path, LIST), paths=(installed, beside))
    assert done.stdout.startswith("conflict: two plug-ins claim memory@1: ")
    assert "sfm-event-memory 1.0.0" in done.stdout
    assert "sfm-other 1.0.0" in done.stdout


def test_two_entry_points_of_one_name_are_refused(installed, block, tmp_path: Path, run_python) -> None:
    beside = other(tmp_path, block, "event-memory", OTHER)
    done = run_python(script(tmp_path, LIST), paths=(installed, beside))
    assert done.stdout.startswith("conflict: two plug-ins have the entry-point name 'event-memory': ")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FILE_PREFIX, EncodedFile", "FILE_PREFIX, NothingOfThisName"),
        ("def sfm_encoders()", "def sfm_encoder()"),
        ("return [Other()]", "raise OSError('no licence')"),
        ("return [Other()]", "return [object()]"),
        ('"other"', '"Other Dump"'),
        ("version = 1", "version = '1'"),
        ("description = ", "about = "),
    ],
)
def test_a_broken_one_is_named_and_the_rest_work(
    before: str, after: str, installed: Path, block, tmp_path: Path, run_python
) -> None:
    assert OTHER.count(before) == 1
    beside = other(tmp_path, block, "other", OTHER.replace(before, after))
    done = run_python(script(tmp_path, LIST), paths=(installed, beside))
    assert done.returncode == 0, done.stderr
    encoders, *errors = done.stdout.splitlines()
    assert "memory@1" in ast.literal_eval(encoders)
    assert len(errors) == 1
    assert "sfm-other 1.0.0" in errors[0]


def test_the_fields_of_the_survey_are_those_stated(block) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / PAGE).read_text(encoding="utf-8")
    stated = text.split("### What `survey_stream` gives")[1].split("| code |")[0]
    fields = {*StreamSurvey.__slots__, "whole", "has_its_extent"}
    assert {line.split("`")[1] for line in stated.splitlines() if line.startswith("| `")} == fields


def test_the_exporter_of_samples_fills_a_folder_that_obspy_reads(block, tmp_path: Path, run_python) -> None:
    random = Random(2)
    quiet = simulate_waveform(random, seconds=1.0, sample_rate=1024, loudness="quiet")
    flat = simulate_histogram(random, count=20)
    with sfm.create(tmp_path / "a.sfm") as archive:
        for made in (quiet, flat):
            event = sfm.Event(serial="BE11529", recorded_at=made.recorded_at, record_type=made.record_type)
            archive.save(event, read_out(made))
    pyproject = block(PAGE, "toml plugin").replace("sfm-event-memory", "sfm-segy")
    pyproject = pyproject.replace('event-memory = "sfm_event_memory"', 'segy = "sfm_segy"')
    site = install(tmp_path / "site", pyproject, "sfm_segy", block(PAGE, "python segy"))
    arguments = (
        script(tmp_path, SFM),
        "export-data",
        "--no-record",
        tmp_path / "a.sfm",
        tmp_path / "out",
        "--format",
        "segy",
        "--json",
    )
    done = run_python(*arguments, paths=(site,))
    assert (done.returncode, done.stderr) == (0, "")
    waveform, histogram = sorted(json.loads(done.stdout)["items"], key=lambda item: item["event_id"])
    assert (histogram["status"], histogram["message"].partition(";")[0]) == ("no data", "a histogram has no samples")
    read = obspy.read(str(tmp_path / "out" / waveform["paths"][0]), format="SEGY", unpack_trace_headers=True)
    assert read.stats.binary_file_header.sample_interval_in_microseconds == 977
    assert read.stats.textual_file_header.startswith(b"BE11529 by waveform@1; assumed: pre-trigger, geo")
    factors = (0.005 * 0.0254,) * 3 + (0.25,)
    for trace, counts, factor in zip(read, quiet.motion.channels, factors, strict=True):
        assert np.allclose(trace.data, np.array(counts) * factor, rtol=1e-6)
        assert trace.stats.starttime == obspy.UTCDateTime(quiet.recorded_at.isoformat())
        assert trace.stats.segy.trace_header.delay_recording_time == -250
    units = [trace.stats.segy.trace_header.trace_value_measurement_unit for trace in read]
    assert units == [6, 6, 6, 1]


def test_the_exporter_of_samples_is_short(block) -> None:
    lines = [line for line in block(PAGE, "python segy").splitlines() if line.strip()]
    assert len(lines) <= 36 and max(map(len, lines)) <= 120


def test_what_is_stated_of_exporters_is_what_the_base_class_has() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / PAGE).read_text(encoding="utf-8")
    stated = text.split("An exporter may override more, and need not.")[1].split("The module may say")[0]
    own = {name for name in vars(Exporter) if not name.startswith("_")} - {"export"}
    rows = [line for line in stated.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1].partition("(")[0].partition(" ")[0] for row in rows} == own
    fields = text.split("| of the exported event | what |")[1].split("`BadInput` says")[0]
    own = {name for name in dir(ExportedEvent) if not name.startswith(("_", "give_"))}
    rows = [line for line in fields.splitlines() if line.startswith("| `")]
    assert {row.split("`")[1].partition("(")[0] for row in rows} == own


def test_the_kit_passes_on_the_example(installed: Path, block, tmp_path: Path, run_python) -> None:
    (tmp_path / "test_event_memory.py").write_text(block(PAGE, "python kit"), encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    run = script(tmp_path, "import sys, pytest\nsys.exit(pytest.main(sys.argv[1:]))\n")
    done = run_python(run, "-q", "-p", "no:cacheprovider", tmp_path / "test_event_memory.py", paths=(installed,))
    assert done.returncode == 0, done.stdout
