"""A report that names unit, time and type is an event: the real exports end to end, and the forms that a table has.

What the archive computes of a table is held against rules written a second time here, in plain Python on the text.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.analysing import check_report
from sfm_archive.archive.deriving import peaks_by_day
from sfm_archive.archive.listing import summary_rows
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.readings import Reading
from sfm_archive.tables.run import export_data

REAL = sorted((Path(__file__).parents[1] / "data" / "blastware-ascii").glob("*.TXT"))
LINES = {
    "ppv": "PPV", "zc_frequency": "ZC Freq", "time_of_peak": "Time of Peak", "peak_acceleration": "Peak Acceleration",
    "peak_displacement": "Peak Displacement",
}  # fmt: skip
QUANTUM = 0.007881822


def printed(text: str) -> dict[tuple[str, str], str]:
    """The 17 numbers as they stand in the text."""
    said = dict(re.findall(r'^"(.+?) : (.*)"\r?$', text, re.MULTILINE))
    found = {(q, c): said[f"{c} {name}"] for q, name in LINES.items() for c in ("Tran", "Vert", "Long")}
    return found | {("pvs", ""): said["Peak Vector Sum"], ("pvs_time", ""): said["Peak Vector Sum Time"]}


def table(text: str) -> list[list[float]]:
    rows = [line.split("\t") for line in text.splitlines() if re.match(r"-?\d", line)]
    return [[float(row[column]) for row in rows] for column in range(len(rows[0]))]


def by_hand(text: str) -> dict[tuple[str, str], float]:
    """The same numbers from the samples, by the rules of the vendor's reports."""
    rate, before = 4096, 2048
    columns = [[round(value / QUANTUM) * QUANTUM for value in column] for column in table(text)]
    found = {}
    for channel, v in zip(("Tran", "Vert", "Long"), columns, strict=True):
        at = max(range(len(v)), key=lambda i: (abs(v[i]), -i))
        first = last = at
        while v[first - 1] * v[at] > 0:
            first -= 1
        while v[last + 1] * v[at] > 0:
            last += 1
        sums, own = [0.0], 0.0
        for one in v:
            if own * one < 0:
                sums.append(abs(own))
                own = 0.0
            own += one
        found |= {
            ("ppv", channel): abs(v[at]),
            ("time_of_peak", channel): (at - before) / rate,
            ("zc_frequency", channel): rate / (2 * (last - first + 1)),
            ("peak_acceleration", channel): max(abs(b - a) for a, b in pairwise(v)) * rate / 9810,
            ("peak_displacement", channel): max(sums) / rate / 2,
        }
    squares = [math.sqrt(sum(one * one for one in row)) for row in zip(*columns, strict=True)]
    at = squares.index(max(squares))
    return found | {("pvs", ""): squares[at], ("pvs_time", ""): (at - before) / rate}


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def compared_of(data: bytes) -> list[Reading]:
    return [one.reported for one in check_report(data).quantities]


def put(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode("cp1252"))
    return path


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_real_exports_are_events_with_all_their_numbers(archive, tmp_path, line_end):
    texts = [path.read_text("cp1252") for path in REAL]
    files = [put(tmp_path, p.name, text.replace("\n", line_end)) for p, text in zip(REAL, texts, strict=True)]
    report = archive.import_from(*files)
    assert report.events_created == 2 and report.totals["new"] == 2 and not archive.waiting()
    assert archive.import_from(*files).totals["duplicate"] == 2
    for text in texts:
        serial = re.search(r"Serial Number : (\w+)", text)[1]
        (row,) = archive.events(serial=serial)
        values = {(v.quantity, v.channel): v for v in archive.values(row.event_id)}
        shown = printed(text)
        assert len(shown) == 17 and {values[key].text for key in shown} == set(shown.values())
        assert all(values[key].source == "report" and values[key].text == said for key, said in shown.items())
        made = next(one for one in archive.describe(row.event_id).readings if one.source == "decoder")
        computed = {(v.quantity, v.channel): v.number for v in made.values}
        own = by_hand(text)
        assert {key: computed[key] for key in own} == pytest.approx(own, rel=1e-6, abs=1e-9)
        for key, said in shown.items():
            number = said.split()[0]
            half = 0.5 * 10.0 ** -len(number.partition(".")[2])
            assert abs(own[key] - float(number)) <= half * 1.001, key
        summary = summary_rows(archive, [row.event_id])[row.event_id]
        assert summary.ppv_nm_s == round(max(float(shown["ppv", c].split()[0]) for c in ("Tran", "Vert", "Long")) * 1e6)
        assert (summary.ppv_basis, summary.assumed) == ("reported", "")
        (day,) = peaks_by_day(archive, [row.event_id])[row.event_id]
        assert isinstance(day, DayPeaks) and day.vert and day.pspl_db is None
    assert archive.verify().ok and archive.rebuild().changed == 0


@pytest.mark.tables
def test_the_samples_of_a_real_export_are_the_same_wherever_they_are_asked_for(archive, tmp_path):
    import obspy

    path = REAL[-1]
    archive.import_from(path)
    columns = table(path.read_text())
    read, stored = obspy.read(str(path)), archive.stream(1)
    for stream in (read, stored):
        assert [trace.stats.channel for trace in stream] == ["GPT", "GPZ", "GPR"]
        for trace, column in zip(stream, columns, strict=True):
            assert trace.data.dtype == "int32" and trace.stats.sampling_rate == 4096 and trace.stats.units == "mm/s"
            assert abs(trace.data * trace.stats.calib - column).max() <= 0.005 + 1e-9
            assert str(trace.stats.starttime) == "2026-06-26T15:41:04.500000Z"
    done = export_data(archive, tmp_path / "csv", "csv")
    (written,) = (tmp_path / "csv" / done.items[0].paths[0]).read_text().splitlines()[:1]
    assert written.startswith("time [s],Tran [mm/s],Vert [mm/s],Long [mm/s]")
    assert export_data(archive, tmp_path / "mseed", "miniseed").totals["written"] == 1
    (mseed,) = obspy.read(str(tmp_path / "mseed" / "*" / "*.mseed")).select(channel="GPZ")
    assert list(mseed.data) == list(stored.select(channel="GPZ")[0].data)
    back = export_data(archive, tmp_path / "txt", "txt").items[0].paths[0]
    assert (tmp_path / "txt" / back).read_bytes() == path.read_bytes()


def shortened(seconds: float, channels: tuple[str, ...], units: str = "mm/s and ", *, rows: bool = True) -> str:
    """A real header with fewer channels and a short table of a made-up tone, or with none."""
    text = REAL[-1].read_text("cp1252")
    header = text[: text.index("\n", text.index("PC SW Version")) + 1]
    header = header.replace("Record Time : 7.677", f"Record Time : {seconds - 0.5:.3f}").replace("mm/s and ", units)
    missing = {"Tran", "Vert", "Long"} - set(channels)
    header = "".join(line for line in header.splitlines(True) if line[1:5] not in missing)
    lines = ["\t".join(name.center(10) for name in channels)]
    for n in range(round(seconds * 4096)):
        motion = round(800 * math.sin(2 * math.pi * 20 * n / 4096)) * QUANTUM
        sound = abs(motion) + 95 if "dB" in units else motion / 4
        cells = (f"{sound if one == 'MicL' else motion:.3f}" for one in channels)
        lines.append("\t".join(cell.ljust(10) for cell in cells))
    return header + ("\n" + "\n".join(lines) + "\n" if rows else "")


def numbers(archive, source):
    made = [one for one in archive.describe(1).readings if one.source == source]
    return {(v.quantity, v.channel): v for one in made for v in one.values}


@pytest.mark.tables
def test_a_report_without_a_table_has_its_numbers_and_says_why_it_has_no_samples(archive, tmp_path):
    report = archive.import_from(put(tmp_path, "numbers.TXT", shortened(1.0, ("Tran", "Vert", "Long"), rows=False)))
    assert report.events_created == 1 and not numbers(archive, "decoder")
    assert [event.encoding for event in archive.listing()] == ["no event file"]
    assert numbers(archive, "report")["ppv", "Vert"].text == "22.52 mm/s"
    with pytest.raises(sfm.SfmError, match="report has no table of samples, only numbers"):
        archive.stream(1)
    assert archive.verify().ok and peaks_by_day(archive, [1]) == {}


def test_two_channels_are_an_event_of_two(archive, tmp_path):
    archive.import_from(put(tmp_path, "two.TXT", shortened(1.0, ("Tran", "Long"))))
    made = numbers(archive, "decoder")
    assert made["zc_frequency", "Tran"].number == pytest.approx(20, rel=0.02)
    assert not any(channel == "Vert" or quantity == "pvs" for quantity, channel in made)
    (day,) = peaks_by_day(archive, [1])[1]
    assert day.vert is None and day.tran


def test_a_microphone_in_pa_has_a_trace_a_level_and_a_frequency(archive, tmp_path):
    archive.import_from(put(tmp_path, "pa.TXT", shortened(1.0, ("Tran", "Vert", "Long", "MicL"), "mm/s and pa.(L)")))
    made = numbers(archive, "decoder")
    peak = round(800 * QUANTUM / 4, 3)
    assert made["pspl", "MicL"].number == pytest.approx(20 * math.log10(peak / 20e-6), abs=1e-6)
    assert made["zc_frequency", "MicL"].number == pytest.approx(20, rel=0.02)


@pytest.mark.tables
def test_a_microphone_in_decibels_has_its_greatest_level_and_neither_trace_nor_frequency(archive, tmp_path):
    path = put(tmp_path, "db.TXT", shortened(1.0, ("Tran", "Vert", "Long", "MicL"), "mm/s and dB(L)"))
    archive.import_from(path)
    made = numbers(archive, "decoder")
    assert made["pspl", "MicL"].number == pytest.approx(round(800 * QUANTUM + 95, 3))
    assert made["zc_frequency", "MicL"].state == "absent"
    # The table has other motion than the real header above it.
    assert {found.code for found in archive.describe(1).sample_findings} == {"levels-only", "peak-contradicted"}
    assert [trace.stats.blastware.channel for trace in archive.stream(1)] == ["Tran", "Vert", "Long"]
    # A level has no sign, so its samples speak neither for nor against a printed frequency.
    text = path.read_text("cp1252").replace('"Units', '"MicL ZC Freq : 8.2 Hz"\n"Units', 1).encode("cp1252")
    assert ("zc_frequency", "MicL") not in {(one.quantity, one.channel) for one in compared_of(text)}
    assert ("zc_frequency", "Tran") in {(one.quantity, one.channel) for one in compared_of(text)}


def test_a_micromate_is_over_range_where_a_document_says_so_or_at_a_plateau_and_not_at_2047_counts(archive, tmp_path):
    text = shortened(1.0, ("Tran", "Vert", "Long"))
    loud = text.replace(f"{800 * QUANTUM:.3f}".ljust(10), f"{2047 * QUANTUM:.2f}".ljust(10))
    archive.import_from(put(tmp_path, "loud.TXT", loud))
    assert numbers(archive, "decoder")["ppv", "Tran"].number == pytest.approx(2047 * QUANTUM, abs=0.01)
    plateau = text.replace("15:41:05", "15:41:16").replace(f"{800 * QUANTUM:.3f}".ljust(10), "254.00".ljust(10))
    assert plateau.count("254.00") > 6
    archive.import_from(put(tmp_path, "plateau.TXT", plateau))
    made = {(v.quantity, v.channel): v for v in archive.values(2)}
    assert made["ppv", "Tran"].state == "over-range"
    assert summary_rows(archive, [2])[2].ppv_nm_s == 254_000_000


def thors(text: str) -> str:
    """A real export in the form of THOR's CSV, as public readers of it have its keys."""
    said = dict(re.findall(r'^"(.+?) : (.*)"\r?$', text, re.MULTILINE))
    pairs = [
        ("EventType", said["Event Type"]), ("SerialNumber", said["Serial Number"]), ("EventTime", said["Event Time"]),
        ("EventDate", "2026-06-26"), ("SampleRate", said["Sample Rate"]), ("Units", "mm/s and pa"),
        ("PretriggerLength", said["Pre-trigger Length"]), ("RecordTime", said["Record Time"]),
        ("Channel", "Tran"), ("Channel", "Vert"), ("Channel", "Long"),
        *((f"{c}{key}", said[f"{c} {name}"]) for c in ("Tran", "Vert", "Long")
          for key, name in (("PPV", "PPV"), ("ZCFreq", "ZC Freq"), ("TimeofPeak", "Time of Peak"))),
        ("PeakVectorSum", said["Peak Vector Sum"]),
    ]  # fmt: skip
    rows = ["Tran\tVert\tLong", *(line for line in text.splitlines() if re.match(r"-?\d", line))]
    cells = [[cell.strip() for cell in row.split("\t")] for row in rows]
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in [*pairs, *cells])


@pytest.mark.tables
def test_a_csv_of_thor_is_an_event_with_the_same_numbers_and_samples(archive, tmp_path):
    import obspy

    text = REAL[0].read_text("cp1252")
    path = put(tmp_path, "export.csv", thors(text))
    assert archive.import_from(path).events_created == 1
    row = archive.event(1)
    assert (row.serial, row.recorded_at_local, row.record_type) == ("UM16121", "2026-06-26T15:40:50", "waveform")
    made = {(v.quantity, v.channel): v.number for v in archive.values(1) if v.source == "decoder"}
    own = by_hand(text)
    assert {key: own[key] for key in made} == pytest.approx(made, rel=1e-6) and ("peak_displacement", "Long") in made
    read = obspy.read(str(path))
    assert [list(a.data) for a in read] == [list(b.data) for b in archive.stream(1)]
    assert archive.import_from(put(tmp_path, REAL[0].name, text)).totals["joined"] == 1
    assert archive.count() == 1 and archive.verify().ok


def test_a_csv_without_type_and_table_waits_and_says_so(archive, tmp_path):
    text = re.sub('"EventType".*\r\n', "", thors(shortened(1.0, ("Tran", "Vert", "Long"))).split('"Tran","Vert"')[0])
    report = archive.import_from(put(tmp_path, "export.csv", text))
    assert report.totals["waiting"] == 1 and "does not say its type" in report.items[0].message


def test_a_histograms_csv_is_an_event_with_its_values_alone(archive, tmp_path):
    head = thors(shortened(1.0, ("Tran", "Vert", "Long"))).split('"Tran","Vert"')[0]
    text = head.replace("Full Waveform", "Full Histogram") + '"Tran","Vert","Long"\r\n"PPV","PPV","PPV"\r\n'
    report = archive.import_from(put(tmp_path, "export_IDFH.csv", text))
    assert report.events_created == 1 and archive.event(1).record_type == "histogram"
    assert numbers(archive, "report")["ppv", "Vert"].text == "22.52 mm/s" and not numbers(archive, "decoder")
