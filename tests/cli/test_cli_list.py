"""`sfm list`."""

from __future__ import annotations

import json
from datetime import datetime
from random import Random

import pytest

from sfm_archive import Archive, Event

TABLE = """\
id  recorded (device-local)  serial   type       name             PPV  unit  encoding
 5  2026-05-13 13:04:09      BE11529  waveform   M529LL4X.MX0W  0.485  in/s  ok
 7  2026-05-12 19:30:00      BE14036  histogram  P036LL3K.U00H  0.095  in/s  ok
 4  2026-05-12 18:00:00      BE11529  histogram  M529LL3G.O00H  0.105  in/s  ok
 6  2026-05-12 13:16:35      BE14036  waveform   P036LL33.JN0W  0.480  in/s  ok
 3  2026-05-12 13:16:34      BE11529  waveform   M529LL33.JM0W  0.885  in/s  ok
 2  2026-04-19 09:41:50      BE9413   waveform   K413LJW8.9Q0W  1.415  in/s  not encodable
 1  2026-04-18 06:00:00      BE9413   histogram  K413LJU3.C00H  0.305  in/s  ok
"""
CSV = """\
event_id,recorded_at_local,time_zone,serial,record_type,name,ppv,ppv_unit,ppv_channel,ppv_state,encoding,false_trigger,\
ppv_basis,ppv_at_least,level,stop_local,continued,level_why,runs_on,day_known,job,point,placed,calibration,\
limits,start_local,corrected
2,2026-04-19T09:41:50,unknown,BE9413,waveform,K413LJW8.9Q0W,\
1.415,in/s,Vert,ok,not encodable,,reported,1.415,,,no,,no,yes,,,,unknown,,2026-04-19T09:41:50,
1,2026-04-18T06:00:00,unknown,BE9413,histogram,K413LJU3.C00H,\
0.305,in/s,Long,ok,ok,,reported,0.305,,2026-04-18T08:30:00,no,,no,yes,,,,unknown,,2026-04-18T06:00:00,
"""


def ids(sfm, *arguments):
    return [event["event_id"] for event in sfm.json("list", *arguments)["events"]]


def test_newest_first_as_an_aligned_table(sfm, quarry):
    result = sfm("list", quarry)
    assert result.stdout == TABLE
    assert result.stderr == "7 of 7 shown\n"


def test_csv(sfm, quarry):
    assert sfm("list", quarry, "--csv", "--serial", "be9413").stdout == CSV


def test_json_has_exactly_the_documented_keys(sfm, quarry, closed):
    document = sfm.json("list", quarry, "--limit", "2")
    closed("list", document)
    assert (document["matching"], document["shown"], document["pinned_encoder"]) == (7, 2, "blastware@2")
    peak = {"number": 0.485, "unit": "in/s", "channel": "Vert", "state": "ok", "basis": "reported"}
    assert document["events"][0]["ppv"] == peak


def test_the_limit_says_what_it_hides(sfm, quarry):
    result = sfm("list", quarry, "--limit", "3")
    assert len(result.stdout.splitlines()) == 4
    assert result.stderr == "3 of 7 shown; --all shows the rest\n"
    assert len(ids(sfm, quarry, "--limit", "0")) == len(ids(sfm, quarry, "--all", "--limit", "1")) == 7


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (["--serial", "BE9413"], [2, 1]),
        (["--serial", "BE9413", "--serial", "BE14036"], [7, 6, 2, 1]),
        (["--type", "histogram"], [7, 4, 1]),
        (["--type", "monitor-log"], []),
        (["--type", "unknown"], []),
        (["m529ll33.jm0", "--type", "histogram"], []),
        (["--since", "2026-05-13"], [5]),
        (["--until", "2026-04"], [2, 1]),
        (["--since", "2026-05-12 13:16:35", "--until", "2026-05-12 18:00"], [4, 6, 3]),  # 3 was recording
        (["2", "M529LL33.JM0W"], [3, 2]),
    ],
)
def test_filters_must_all_hold(sfm, quarry, filters, expected):
    assert ids(sfm, quarry, *filters) == expected


def test_nothing_found_is_said_and_no_error(sfm, quarry):
    result = sfm("list", quarry, "--since", "2027")
    assert (result.stdout, result.stderr) == ("", "0 of 0 shown\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--since", "05/01/2026"],
            "Invalid value for '--since': '05/01/2026' is not a date or time; write 2026-05-01 or 2026-05-01 13:16:34",
        ),
        (
            ["--until", "soon"],
            "Invalid value for '--until': 'soon' is not a date or time; write 2026-05-01 or 2026-05-01 13:16:34",
        ),
        (
            ["--serial", "UNKNOWN"],
            "Invalid value for '--serial': 'UNKNOWN' is not the serial of a unit; "
            "expected letters and digits such as BE11529",
        ),
        (["--wait", "-1"], "Invalid value for '--wait': '-1' is not a time to wait; give seconds, 0 to 86400"),
        (["--json", "--csv"], "--json and --csv exclude each other; give one of them"),
    ],
)
def test_a_call_that_cannot_be_right(sfm, quarry, arguments, sentence):
    assert sfm.usage_error("list", quarry, *arguments) == sentence


def test_over_range_counts_as_the_strongest(sfm):
    """docs/facts.md, F10: the strongest events must not vanish."""
    from datetime import datetime

    import sfm_archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import Reading, ValueSource, ValueState

    def reading(channel, number, unit, state=ValueState.OK):
        return Reading(quantity="ppv", channel=channel, number=number, unit=unit, state=state, text="")

    documents = {
        1: (reading("Tran", 9.99, "in/s"), reading("Vert", None, "in/s", ValueState.OVER_RANGE)),
        2: (reading("Tran", 25.0, "mm/s"), reading("Vert", 1.0, "in/s")),
        3: (reading("Long", 0.13, "mm/s", ValueState.BELOW_THRESHOLD),),
        4: (reading("Long", None, "mm/s", ValueState.ABSENT),),
    }
    with sfm_archive.create("peaks.sfm") as archive:
        for second, readings in documents.items():
            event = sfm_archive.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 12, 0, second))
            document = ReadingSet(source=ValueSource.REPORT, origin_sha256=str(second) * 64, readings=readings)
            archive.save(event, readings=[document])
    events = sfm.json("list", "peaks.sfm", "--units", "in/s")["events"][::-1]
    assert [event["ppv_at_least"] for event in events] == [9.99, 1.0, 0.0, None]
    peaks = [event["ppv"] for event in events]
    assert peaks == [
        {"number": None, "unit": "in/s", "channel": "Vert", "state": "over-range", "basis": "over range"},
        {"number": 1.0, "unit": "in/s", "channel": "Vert", "state": "ok", "basis": "at least"},
        {"number": 0.00511811, "unit": "in/s", "channel": "Long", "state": "below-threshold", "basis": "at most"},
        None,
    ]
    rows = [line.split()[6:] for line in sfm("list", "peaks.sfm").stdout.splitlines()[1:5]]
    assert rows == [["no", "event", "file"]] + [
        [*shown.split(), "no", "event", "file"] for shown in ("<0.130 mm/s", "≥25.40 mm/s", "over range mm/s")
    ]


def test_a_peak_over_range_has_the_unit_of_the_events_other_peaks(sfm):
    from datetime import datetime

    import sfm_archive
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading

    said = {
        1: (measured_reading("ppv", "OORANGE", "Tran"), measured_reading("ppv", "12.7 mm/s", "Vert")),
        2: (measured_reading("ppv", "OORANGE", "Tran"), measured_reading("pvs", "260.5 mm/s")),
        3: (measured_reading("ppv", "OORANGE", "Tran"),),
    }
    with sfm_archive.create("peaks.sfm") as archive:
        for second, readings in said.items():
            event = sfm_archive.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 12, 0, second))
            document = ReadingSet(source=ValueSource.REPORT, origin_sha256=str(second) * 64, readings=readings)
            archive.save(event, readings=[document])
    events = sfm.json("list", "peaks.sfm")["events"][::-1]
    assert [event["ppv_at_least"] for event in events] == [32.49612] * 3
    peaks = [event["ppv"] for event in events]
    assert [(peak["state"], peak["unit"]) for peak in peaks] == [
        ("over-range", "mm/s"), ("over-range", "mm/s"), ("over-range", "mm/s"),
    ]  # fmt: skip


def test_json_survives_a_console_without_unicode(sfm, quarry):
    text = sfm("list", quarry, "--json").stdout
    assert text.isascii()
    assert json.loads(text)["archive"] == quarry


@pytest.mark.parametrize("option", ["--project", "--client", "--location", "--serial", "--ppv-from"])
@pytest.mark.parametrize("value", ["", "  "])
def test_a_filter_that_a_script_left_empty_does_not_mean_every_event(sfm, quarry, option, value):
    assert option in sfm("list", quarry, option, value, code=2).stderr


def test_a_velocity_below_zero_is_refused_as_it_was_written(sfm, quarry):
    assert "'-1in/s' is not a velocity" in sfm("list", quarry, "--ppv-from", "-1in/s", code=2).stderr


def test_events_that_may_be_as_loud_are_listed_as_undecided_unless_only_decided_ones_are_asked_for(sfm, quarry):
    with Archive.open(sfm.folder / quarry) as archive:
        archive.save(Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 12)), names=("M529LKIH.400W",))
    said = "1 of these may be as loud or not (undecided): 1 with a channel whose peak is not known"
    listed = sfm("list", quarry, "--ppv-from", "0.8in/s")
    unknown = "1 event without a known peak: no document prints one, and no samples of theirs can be decoded"
    assert listed.stderr == f"{said}; --decided leaves them out\n3 of 3 shown\n{unknown}\n"
    assert [line.rpartition("  ")[2] for line in listed.stdout.splitlines()] == [
        "level", "yes", "undecided: unknown peak", "yes",
    ]  # fmt: skip
    document = sfm.json("list", quarry, "--ppv-from", "0.8in/s")
    assert [event["level"] for event in document["events"]] == ["yes", "undecided", "yes"]
    assert [event["level_why"] for event in document["events"]] == ["", "unknown peak", ""]
    causes = ("over range", "unknown peak", "contradicted", "reports differ", "limit printed", "assumed range")
    because = {cause: int(cause == "unknown peak") for cause in causes}
    assert document["levels"] == {
        "ppv_from_mm_s": pytest.approx(20.32), "yes": 2, "undecided": 1, "because": because, "left_out": False,
        "false_triggers": 0,
    }  # fmt: skip
    assert document["unknown_peaks"] == 1
    decided = sfm("list", quarry, "--ppv-from", "0.8in/s", "--decided", "--csv")
    assert [line.split(",")[14] for line in decided.stdout.splitlines()] == ["level", "yes", "yes"]
    assert decided.stderr.startswith("1 event left out that may be as loud or not: 1 with a channel")
    said = "--decided is about a level; give it with --ppv-from or --above"
    assert sfm.usage_error("list", quarry, "--decided") == said


def test_a_peak_that_is_at_least_or_rests_on_an_assumption_has_a_sign(sfm):
    import sfm_archive
    from sfm_archive import testing
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import ValueSource, measured_reading

    wave = testing.simulate_waveform(Random(3), seconds=1.0, loudness="ordinary", serial="BE11529")
    partly = ReadingSet(
        source=ValueSource.REPORT, origin_sha256="1" * 64, readings=(measured_reading("ppv", "0.290 in/s", "Tran"),)
    )
    with sfm_archive.create("peaks.sfm") as archive:
        archive.save(Event(serial="BE11529", recorded_at=datetime(2026, 5, 1)), readings=[partly])
        archive.save(Event(serial="BE11529", recorded_at=datetime(2026, 5, 2)), testing.read_out(wave))
    listed = sfm("list", "peaks.sfm").stdout
    assert "≥0.290  in/s" in listed and " ~2.470  in/s" in listed
    assert "≥: at least that; a limit was passed, or another channel's peak is not known\n" in listed
    assert "~: computed with a geophone range that no document tells\n" in listed


def test_what_a_program_reads_is_whole_unless_a_limit_is_given(sfm, quarry, monkeypatch):
    monkeypatch.setattr("sfm_archive.cli.list_.DEFAULT_LIMIT", 3)
    assert "3 of 7 shown; --all shows the rest" in sfm("list", quarry).stderr
    assert len(sfm.json("list", quarry)["events"]) == 7 == sfm("list", quarry, "--csv").stdout.count("\n") - 1
    assert len(sfm.json("list", quarry, "--limit", "2")["events"]) == 2
    assert sfm("list", quarry, "--csv", "--limit", "2").stdout.count("\n") == 3
