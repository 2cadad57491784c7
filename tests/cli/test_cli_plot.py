"""`sfm plot`: pictures with the numbers in them, and the sketch."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest

from sfm_archive import Archive, Event
from sfm_archive.testing import read_out, simulate_histogram, simulate_waveform


def test_svg_of_a_waveform_says_the_numbers(sfm, quarry):
    sfm("plot", quarry, "3", "-o", "event.svg", "--fft")
    text = (sfm.folder / "event.svg").read_text(encoding="utf-8")
    for expected in ("BE11529", "M529LL33.JM0W", "0.885 in/s", "28.4 Hz", "trigger", "seconds from the trigger",
                     "amplitude, in/s", "USBM RI 8507, plaster", "OSMRE 30 CFR 816.67", "exceeded"):  # fmt: skip
        assert expected in text, expected
    assert "already" in sfm("plot", quarry, "3", "-o", "event.svg", "--fft").stderr, "the same event, the same bytes"


def test_histogram_bars_over_time_with_chosen_limits(sfm, quarry):
    sfm("plot", quarry, "4", "-o", "event.svg", "--limits", "din")
    text = (sfm.folder / "event.svg").read_text(encoding="utf-8")
    assert "device-local time" in text and "DIN 4150-3 line 3" in text and "n of N above the curve" in text
    assert "--fft" in sfm.error("plot", quarry, "4", "-o", "fft.png", "--fft", code=2)


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_other_formats(sfm, quarry, name, start):
    sfm("plot", quarry, "3", "-o", name)
    assert (sfm.folder / name).read_bytes().startswith(start)


def test_sketch_in_the_terminal(sfm, quarry):
    lines = sfm("plot", quarry, "3").stdout.splitlines()
    assert lines[0].startswith("BE11529  2026-05-12 13:16:34")
    assert sum(any(0x2800 < ord(sign) < 0x2900 for sign in line) for line in lines) >= 8
    assert "      Vert 0.885 in/s, 28.4 Hz*, at 0.029 s*" in lines
    assert any("PVS 1.243 in/s" in line for line in lines)
    assert "   assumed pre-trigger" in lines
    assert "180 intervals" in sfm("plot", quarry, "4").stdout


def test_the_sketch_says_that_a_frequency_was_not_found(sfm):
    event = simulate_waveform(Random(2), seconds=1.0, sample_rate=1024, loudness="flat")
    with Archive.create(sfm.folder / "a.sfm") as archive:
        archive.save(
            Event(serial="BE11529", recorded_at=event.recorded_at, record_type=event.record_type), read_out(event)
        )
    text = sfm("plot", "a.sfm", "1").stdout
    assert "      Tran ~0.010 in/s*, frequency N/A*, at -0.250 s*" in text


def test_sketch_says_the_verdicts_and_the_dominant_frequency(sfm, quarry):
    text = sfm("plot", quarry, "3", "--limits", "usbm", "--fft").stdout
    assert "USBM RI 8507, drywall: Tran within, Vert within, Long exceeded" in text
    text = sfm("plot", quarry, "3", "--limits", "2in/s", "--airblast", "120dB", "--judge", "record").stdout
    assert "2 in/s at every frequency: Tran within, Vert within, Long within" in text
    assert "a waveform is judged by every half wave at its own frequency" in text
    assert "Airblast 123.7 dB(L): exceeds 120 dB(L)\n" in text
    text = sfm("plot", quarry, "3", "--limits", "usbm", "--fft").stdout
    assert "Airblast 123.7 dB(L): within 133 dB(L)" in text and "Hz\n" in text and "dominant" in text
    assert "leave --fft out" in sfm.error("plot", quarry, "4", "--fft", code=2)


@pytest.mark.parametrize(
    ("count", "seconds", "said"),
    [
        (1, 60, "1 interval from 2026-03-02 06:00:00 to 2026-03-02 06:01:00 (device-local)"),
        (168, 3600, "168 intervals from 2026-03-02 06:00:00 to 2026-03-09 06:00:00 (device-local)"),
    ],
)
def test_the_sketch_of_a_histogram_says_from_which_day_to_which(sfm, count, seconds, said):
    start = datetime(2026, 3, 2, 6)
    event = simulate_histogram(Random(1), count=count, interval_seconds=seconds, recorded_at=start)
    with Archive.create(sfm.folder / "a.sfm") as archive:
        archive.save(Event(serial="BE11529", recorded_at=start, record_type=event.record_type), read_out(event))
    assert said in sfm("plot", "a.sfm", "1").stdout
    sfm("plot", "a.sfm", "1", "-o", "a.png")
    sfm("report", "a.sfm", "1", "-o", "a.pdf")


def test_a_plot_of_damaged_frames_ends_as_damage(sfm, quarry):
    with Archive.open(sfm.folder / quarry) as archive, archive.store.transaction() as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE frames SET data = substr(data, 1, length(data) - 3)")
        for _, text in triggers:
            connection.execute(text)
    for arguments in (
        ("plot", quarry, "3"),
        ("plot", quarry, "4", "-o", "a.svg"),
        ("write", quarry, "3", "--as", "csv"),
    ):
        assert "frames" in sfm.error(*arguments, code=5)
    assert not (sfm.folder / "a.svg").exists()


def test_what_cannot_be_plotted(sfm, quarry):
    assert "not the whole event" in sfm.error("plot", quarry, "2", code=2)
    assert "name the file so" in sfm.usage_error("plot", quarry, "3", "-o", "a.gif")
    wrong = sfm.error("plot", quarry, "3", "-o", "a.png", "--limits", "uskm", code=2)
    assert "no limit curve and no file 'uskm'" in wrong
    (sfm.folder / "a.png").write_text("mine", encoding="utf-8")
    assert "--overwrite" in sfm.error("plot", quarry, "3", "-o", "a.png", code=6)
    assert (sfm.folder / "a.png").read_text(encoding="utf-8") == "mine"
    sfm("plot", quarry, "3", "-o", "a.png", "--overwrite")
