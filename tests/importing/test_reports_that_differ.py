"""Two whole reports of one event that print different numbers: the order of import decides nothing, both are named."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.archive.listing import level_counts, summary_rows
from sfm_archive.limits.airblast import airblast_limit, judge_airblast
from sfm_archive.limits.judging import judge
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.model.events import RecordType
from sfm_archive.model.selection import Selection
from sfm_archive.testing import ascii_report, blastware_file, call_home_name, simulate_waveform, thor_csv
from tests.importing.test_any_order import in_every_order

AT = datetime(2026, 5, 1, 13, 16, 34)
EVENT = simulate_waveform(Random(1), seconds=0.5, sample_rate=1024, serial="BE11529", recorded_at=AT)


def numbers_only(text: bytes) -> bytes:
    """The report up to its header's last line: without a table of samples."""
    head, mark, rest = text.partition(b'"PC SW Version')
    return head + mark + rest.partition(b"\r\n")[0] + b"\r\n"


def report(tran: str, hertz: str = "26 Hz", **more: str) -> bytes:
    """A report of the event in which some numbers are others, as an operator could have typed them."""
    printed = {"Tran PPV": tran, "Vert PPV": "0.100 in/s", "Long PPV": "0.100 in/s", "Tran ZC Freq": hertz}
    printed["Peak Vector Sum"] = tran if tran == "OORANGE" else f"{float(tran.split()[0]) + 0.01:.3f} in/s"
    printed |= {name.replace("_", " "): value for name, value in more.items()}
    lines = []
    for line in numbers_only(ascii_report(EVENT, file_name="x")).split(b"\r\n"):
        name = line.strip(b'"').partition(b" : ")[0].decode()
        lines.append(f'"{name} : {printed[name]}"'.encode() if name in printed else line)
    return b"\r\n".join(lines)


def imported(tmp_path, files: dict[str, bytes], number: int = 0) -> sfm.Archive:
    archive = sfm.create(tmp_path / f"{number}.sfm")
    for name, data in files.items():
        path = tmp_path / str(number) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        archive.import_from(path)
    return archive


def counted(archive, quantity="ppv", channel="Tran"):
    (one,) = [one for one in archive.values(1) if (one.quantity, one.channel) == (quantity, channel)]
    return one.text.strip()


TWO = {"a.TXT": report("0.500 in/s"), "b.TXT": report("0.900 in/s", "12 Hz")}


def test_the_greater_peak_is_shown_with_its_own_frequency_whichever_came_first(tmp_path):
    for number, order in enumerate(permutations(TWO)):
        with imported(tmp_path, {name: TWO[name] for name in order}, number) as archive:
            assert counted(archive) == "0.900 in/s" and counted(archive, "zc_frequency") == "12 Hz"
            (found,) = archive.describe(1).sample_findings
            assert found.code == "reports-differ"
            assert "Tran peak 0.500 in/s in a.TXT, 0.900 in/s in b.TXT" in found.message
            assert "until sfm join says which is right" in found.message
            assert list(archive.describe(1).values) == archive.values(1)  # the rule of the program, and the view's
            assert archive.verify().ok and archive.rebuild(dry_run=True).changed == 0


def test_the_difference_is_printed_by_the_import_that_brings_it_and_by_no_other(tmp_path):
    paths = []
    for name, data in TWO.items():
        (tmp_path / name).write_bytes(data)
        paths.append(tmp_path / name)
    with sfm.create(tmp_path / "a.sfm") as archive:
        assert not archive.import_from(paths[0]).noticed
        assert [one.code for one in archive.import_from(paths[1]).noticed] == ["reports-differ"]
        assert not archive.import_from(*paths).noticed


def test_a_louder_report_that_is_cut_off_is_never_passed_over(tmp_path):
    """Without its last line it is cut off: it comes behind the whole one, and its peak counts as much."""
    cut = TWO["b.TXT"].partition(b'"PC SW Version')[0]
    assert cut != TWO["b.TXT"]
    files = {"a.TXT": TWO["a.TXT"], "b.TXT": cut}
    for number, order in enumerate(permutations(files)):
        with imported(tmp_path, {name: files[name] for name in order}, number) as archive:
            assert counted(archive) == "0.500 in/s"
            (found,) = [one for one in archive.describe(1).sample_findings if one.code == "reports-differ"]
            assert "Tran peak" in found.message and "The report that is not cut off is shown" in found.message
            (curve,) = curves_from(["0.7in/s"])
            assert judge(summary_rows(archive, [1])[1], (), RecordType.WAVEFORM, curve).outcome == "undecided"
            (listed,) = archive.listing(Selection(ppv_from_mm_s=20.0))
            assert (listed.level, listed.level_why) == ("undecided", "reports differ")
            assert archive.verify().ok and archive.rebuild(dry_run=True).changed == 0


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [("0.4in/s", "exceeded"), ("0.7in/s", "undecided"), ("0.95in/s", "within")],
)
def test_a_verdict_is_what_both_decide_else_undecided(tmp_path, limit, outcome):
    with imported(tmp_path, TWO) as archive:
        (curve,) = curves_from([limit])
        judged = judge(summary_rows(archive, [1])[1], (), RecordType.WAVEFORM, curve)
        assert judged.outcome == outcome
        if outcome == "undecided":
            assert "reports of the event print different peaks of Tran, from 0.500" in judged.why("in/s")
        from_mm_s = float(limit.removesuffix("in/s")) * 25.4
        levels = {"exceeded": ["yes"], "undecided": ["undecided"], "within": []}[outcome]
        asked = Selection(ppv_from_mm_s=from_mm_s)
        listed = list(archive.listing(asked))
        assert [event.level for event in listed] == levels
        if outcome == "undecided":
            assert [event.level_why for event in listed] == ["reports differ"]
            counts = level_counts(archive, asked)
            assert counts is not None and (counts.because["reports differ"], counts.because["limit printed"]) == (1, 0)
            assert "1 of which reports print different peaks" in counts.sentence


def test_a_frequency_that_reports_print_differently_lies_between_both(tmp_path):
    files = {"a.TXT": report("0.500 in/s", "26 Hz"), "b.TXT": report("0.500 in/s", "12 Hz")}
    with imported(tmp_path, files) as archive:
        row = summary_rows(archive, [1])[1]
        assert (row.disputed, row.tran_hz_low, row.tran_hz_high) == ("", 11.5, 26.5)


def test_levels_that_differ_decide_what_both_decide(tmp_path):
    files = {f"{name}.TXT": report("0.500 in/s", MicL_PSPL=f"{name}.0 dB(L)") for name in ("120", "130")}
    with imported(tmp_path, files) as archive:
        row = summary_rows(archive, [1])[1]
        found = {word: judge_airblast(row, RecordType.WAVEFORM, airblast_limit(word)).outcome for word in LEVELS}
        assert found == LEVELS


LEVELS = {"119dB": "exceeded", "125dB": "undecided", "131dB": "within"}


def test_every_order_of_text_table_and_binary_gives_one_archive(tmp_path):
    files = {call_home_name(EVENT): blastware_file(EVENT), "r/a.TXT": TWO["a.TXT"], "r/b.csv": thor_csv(EVENT)}
    found = in_every_order(tmp_path, files)
    assert len(found["events"]) == 1


def test_reports_alone_in_every_order_give_one_archive(tmp_path):
    third = {"c.TXT": report("OORANGE")}
    found = in_every_order(tmp_path, TWO | third)
    assert {row[-2] for row in found["counting"] if row[1:3] == ("ppv", "Tran")} == {"OORANGE"}


def test_the_samples_say_which_of_two_reports_is_right(tmp_path):
    own, other = numbers_only(ascii_report(EVENT, file_name="x")), TWO["b.TXT"]
    files = {call_home_name(EVENT): blastware_file(EVENT), "r/own.TXT": own, "r/other.TXT": other}
    found = in_every_order(tmp_path, files)
    (doubt,) = found["doubts"]
    assert "the samples give the numbers of own.TXT; so other.TXT does not count" in doubt[2]


def test_a_person_says_which_of_two_reports_is_right(tmp_path):
    with imported(tmp_path, TWO) as archive:
        sfm.join_file(archive, "a.TXT", 1, by="A. Miller", reason="b.TXT was edited")
        assert counted(archive) == "0.500 in/s"
        (found,) = archive.describe(1).sample_findings
        assert (
            "a.TXT is of this event, as A. Miller decided: b.TXT was edited; so b.TXT does not count" in found.message
        )
        assert archive.verify().ok and archive.rebuild(dry_run=True).changed == 0


def test_two_forms_of_one_report_differ_in_nothing(tmp_path):
    typed = b'"Event Type","Full Waveform"\r\n' + thor_csv(EVENT)
    found = in_every_order(tmp_path, {"a.TXT": ascii_report(EVENT, file_name="x"), "b.csv": typed})
    assert [row[2] for row in found["doubts"]] == [""]
