"""Texts as programs of Windows write them: code pages, THOR's keys in one word, columns and types that do not fit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from random import Random

import pytest

import sfm_archive
from sfm_archive.storage import summaries
from sfm_archive.testing import blastware_file, call_home_name, simulate_waveform, thor_csv

DATA = Path(__file__).parents[1] / "data"
NAME = "M529LKO1.400W"
TEXT = "M529LKO1_400W_ASCII.TXT"


@pytest.fixture
def case(sfm):
    """Copies the files of a case beside the archive."""

    def copied(name):
        shutil.copytree(DATA / name, sfm.folder, dirs_exist_ok=True)

    return copied


def reported(sfm, event=1):
    return {(one["quantity"], one["channel"]): one for one in sfm.json("show", "q.sfm", event)["values"]}


# --- code pages ---


def test_a_text_in_windows_1252_reads_as_it_was_typed(sfm, case):
    case("windows_1252_text")
    sfm("import", "q.sfm", NAME, TEXT, "--create")
    assert reported(sfm)["project", ""]["text"] == "O’Brien – Quarry €"
    assert sfm.json("list", "q.sfm", "--project", "O’Brien")["matching"] == 1
    assert "O’Brien – Quarry €" in sfm("show", "q.sfm", 1).stdout


def test_a_report_that_was_saved_as_utf_16_is_a_report(sfm, case):
    case("utf_16_text")
    sfm("import", "q.sfm", NAME, TEXT, "--create")
    assert [one["kind"] for one in sfm.json("show", "q.sfm", 1)["files"]] == ["event file", "report"]
    assert sfm.json("check-file", NAME, "--report", TEXT)["verdict"] == "agree"
    assert sfm.json("check-report", TEXT)["verdict"] == "agree"
    kept = next(one for one in sfm.json("show", "q.sfm", 1)["files"] if one["kind"] == "report")
    assert kept["size"] == (sfm.folder / TEXT).stat().st_size, "it is kept byte for byte"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-be", "utf-16-le"])
def test_a_report_says_the_same_in_any_code_page(sfm, case, encoding):
    case("windows_1252_text")
    sfm("import", "q.sfm", NAME, TEXT, "--create")
    before = reported(sfm)
    (sfm.folder / "q.sfm").unlink()
    text = (sfm.folder / TEXT).read_bytes().decode("cp1252")
    (sfm.folder / TEXT).write_bytes((text if encoding == "utf-8-sig" else "\ufeff" + text).encode(encoding))
    sfm("import", "q.sfm", NAME, TEXT, "--create")
    assert reported(sfm) == before
    assert sfm.json("check-file", NAME, "--report", TEXT)["verdict"] == "agree"


def test_a_curve_file_is_read_in_any_code_page(sfm, case):
    case("windows_1252_text")
    sfm("import", "q.sfm", NAME, TEXT, "--create")
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        text = 'name = "Gemeinde Süd – Nacht"\nunit = "mm/s"\ninterpolation = "linear"\npoints = [[1, 5], [100, 5]]\n'
        (sfm.folder / "own.toml").write_bytes(text.encode(encoding))
        assert sfm.json("summary", "q.sfm", "--limits", "own.toml")["limits"] == ["Gemeinde Süd – Nacht"]


# --- THOR's keys in one word ---


def test_a_csv_with_keys_in_one_word_says_its_rate_and_its_peaks(sfm, case):
    case("thor_one_word")
    csv = "M529LL4X.MX0W.csv"
    assert sfm.json("check-report", csv)["sample_rate"] == 2048
    check = sfm.json("check-file", "M529LL4X.MX0W", "--report", csv)
    assert check["verdict"] == "agree" and check["assumed"] == [] and len(check["quantities"]) >= 8
    sfm("import", "q.sfm", "M529LL4X.MX0W", csv, "--create")
    values = reported(sfm)
    assert (values["ppv", "Tran"]["text"], values["zc_frequency", "Tran"]["text"]) == ("30.988 mm/s", "33.0 Hz")
    assert values["sample_rate", ""]["number"] == 2048
    assert sfm.json("show", "q.sfm", 1)["findings"] == []
    (group,) = sfm.json("summary", "q.sfm", "--limits", "osmre")["groups"]
    assert (group["exceeded"], group["undecided"], group["ppv"]["number"]) == (0, 0, 30.988)


def test_a_csv_without_lines_channel_is_one_of_thor(sfm, case):
    case("thor_one_word")
    shutil.copy(sfm.folder / "no-channel-lines.csv", sfm.folder / "M529LL4X.MX0W.csv")
    sfm("import", "q.sfm", "M529LL4X.MX0W", "M529LL4X.MX0W.csv", "--create")
    assert reported(sfm)["ppv", "Tran"]["text"] == "30.988 mm/s"


@pytest.mark.parametrize("spelt", [str, str.upper, str.lower, lambda key: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)])
def test_case_and_blanks_of_keys_do_not_count(sfm, spelt):
    event = simulate_waveform(Random(3), seconds=0.3, sample_rate=2048, loudness="ordinary", serial="BE11529")
    name = call_home_name(event)
    file, csv = sfm.folder / name, sfm.folder / f"{name}.csv"
    file.write_bytes(blastware_file(event))
    lines = thor_csv(event, one_word=True).decode().split("\r\n")
    lines = [re.sub(r'^"([A-Za-z]+)","(?=.*"$)', lambda found: f'"{spelt(found[1])}","', line) for line in lines]
    csv.write_bytes("\r\n".join(lines).encode())
    assert sfm.json("check-file", file, "--report", csv)["verdict"] == "agree"
    sfm("import", "q.sfm", file, csv, "--create")
    assert sfm.json("show", "q.sfm", 1)["findings"] == []


def test_keys_that_are_not_read_are_named_once_with_their_count(sfm, case):
    case("thor_one_word")
    csv = sfm.folder / "M529LL4X.MX0W.csv"
    csv.write_bytes(b'"SoilType","clay"\n"Frost","yes"\n"Frost","no"\n' + csv.read_bytes())
    told = sfm("import", "q.sfm", "M529LL4X.MX0W", csv, "--create").stderr
    assert told.count("3 lines are not read") == 1 and '"SoilType", "Frost" (2 times)' in told
    assert [one["code"] for one in sfm.json("show", "q.sfm", 1)["findings"]] == ["line-not-read"]


# --- columns and types ---


def test_columns_that_are_not_known_are_not_compared(sfm, case):
    case("not_compared")
    result = sfm("check-file", NAME, "--report", "numbered-columns.TXT", code=1)
    assert "its columns Tran1, Vert1, Long1, MicL1 are not known, nothing was compared" in result.stdout
    assert "do NOT agree" not in result.stdout and "The 8 numbers of its header agree" in result.stdout
    check = sfm.json("check-file", NAME, "--report", "numbered-columns.TXT", code=1)
    assert (check["verdict"], check["samples"]["not_known"]) == (
        "nothing compared",
        ["Tran1", "Vert1", "Long1", "MicL1"],
    )
    result = sfm("check-report", "numbered-columns.TXT", code=1)
    assert "are not known, nothing was compared" in result.stdout and "do NOT agree" not in result.stdout


def test_names_like_no_channel_above_numbers_are_columns_that_are_not_known(sfm, case):
    case("not_compared")
    text = (sfm.folder / "numbered-columns.TXT").read_bytes()
    for old, new in ((b"Tran1", b"East "), (b"Vert1", b"Up   "), (b"Long1", b"North"), (b"MicL1", b"Air  ")):
        text = text.replace(old, new)
    (sfm.folder / "numbered-columns.TXT").write_bytes(text)
    result = sfm("check-file", NAME, "--report", "numbered-columns.TXT", code=1)
    assert "its columns East, Up, North, Air are not known, nothing was compared" in result.stdout


def test_a_type_with_the_words_of_two_is_neither_and_joins_by_serial_and_time(sfm, case):
    case("not_compared")
    assert sfm.json("import", "q.sfm", "combo", "--create")["totals"]["joined"] == 1
    assert ("ppv", "Tran") in reported(sfm)


def numbers_only(text: bytes) -> bytes:
    """The report without its table, which would say the type before its line does."""
    return text[: text.index(b"\n", text.index(b"PC SW Version")) + 1]


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        (b"Full Waveform", b"Full Histogram", "its type is histogram, not waveform"),
        (b"BE11529", b"BE11530", "its serial is BE11530, not BE11529"),
        (b"Event Time : ", b"Event Time : 2", "its time is "),
    ],
)
def test_a_report_that_is_an_event_of_its_own_says_what_does_not_fit_the_one_of_its_name(sfm, case, old, new, word):
    case("windows_1252_text")
    data = numbers_only((sfm.folder / TEXT).read_bytes())
    data = re.sub(rb"(Event Time : )[0-9]", rb"\g<1>2", data) if old.startswith(b"Event T") else data.replace(old, new)
    (sfm.folder / TEXT).write_bytes(data)
    told = sfm("import", "q.sfm", NAME, TEXT, "--create").stderr
    assert f"points to event 1, but {word}" in told and "so it is an event of its own" in told
    others = {"its type", "its serial", "its time"} - {word[:8], word[:10]}
    assert not any(other in told for other in others)


def test_a_report_whose_type_alone_differs_says_so_whatever_its_name(sfm, case):
    case("windows_1252_text")
    data = (sfm.folder / TEXT).read_bytes().replace(b"Full Waveform", b"Full Histogram")
    (sfm.folder / "export.txt").write_bytes(numbers_only(data))
    assert "its type is histogram, not waveform" in sfm("import", "q.sfm", NAME, "export.txt", "--create").stderr


# --- cut off ---

LOUD = "M529LKIH.400W"
LOUD_TEXT = "M529LKIH_400W_ASCII.TXT"


def test_a_report_that_is_cut_off_is_said_and_proves_nothing(sfm, case):
    case("cut_report")
    told = sfm("import", "q.sfm", LOUD, LOUD_TEXT, "--create").stderr
    assert told.count("is cut off: its line PC SW Version, the last of a header, is missing") == 1
    assert "cut-off" in {one["code"] for one in sfm.json("show", "q.sfm", 1)["findings"]}
    check = sfm.json("check-file", LOUD, "--report", LOUD_TEXT, code=1)
    assert (check["agree"], check["verdict"]) == (False, "cut off")
    assert "is cut off" in sfm.error("check-report", LOUD_TEXT, code=1)


def test_what_a_cut_report_lacks_is_never_small(sfm, case):
    case("cut_report")
    sfm("import", "q.sfm", LOUD, LOUD_TEXT, "--create")
    assert sfm.json("list", "q.sfm", "--ppv-from", "1in/s")["matching"] == 1
    (group,) = sfm.json("summary", "q.sfm", "--limits", "usbm")["groups"]
    assert group["exceeded"] + group["undecided"] == 1


def test_of_a_cut_report_alone_the_greatest_known_peak_is_a_lower_bound(sfm, case):
    case("cut_report")
    (sfm.folder / LOUD).write_bytes((sfm.folder / LOUD).read_bytes()[:600])
    sfm("import", "q.sfm", LOUD, LOUD_TEXT, "--create")
    with sfm_archive.open(sfm.folder / "q.sfm", read_only=True) as archive, archive.store.reading() as connection:
        row = summaries.of_events(connection, [1])[1]
    assert (row.ppv_nm_s, row.ppv_basis, row.long_basis) == (7_366_000, "at least", "unknown")


def test_a_cut_report_never_hides_a_whole_one_whichever_comes_first(sfm, case):
    case("cut_report")
    cut = (sfm.folder / LOUD_TEXT).read_bytes()
    rest = b'"Long PPV : 2.015 in/s"\r\n"PC SW Version : V 10.74"\r\n'
    whole = cut.replace(b"0.195 in/s", b"0.210 in/s") + rest
    for number, order in enumerate(((whole, cut), (cut, whole))):
        archive = f"{number}.sfm"
        sfm("import", archive, LOUD, "--create")
        for text in order:
            (sfm.folder / LOUD_TEXT).write_bytes(text)
            sfm("import", archive, LOUD_TEXT)
        shown = sfm.json("show", archive, 1)
        values = {(one["quantity"], one["channel"]): one["text"] for one in shown["values"]}
        assert (values["ppv", "Tran"], values["ppv", "Long"]) == ("0.210 in/s", "2.015 in/s")
        assert {one["whole"] for one in shown["readings"] if one["source"] == "report"} == {False, True}
        with sfm_archive.open(sfm.folder / archive, read_only=True) as opened, opened.store.reading() as connection:
            assert summaries.of_events(connection, [1])[1].tran_nm_s == 5_334_000
        sfm("verify", archive)


# --- whole files only ---


@pytest.mark.tables
def test_a_copy_with_a_block_of_zeros_is_said_once_and_takes_no_good_ones_place(sfm, case):
    import obspy

    case("zeroed_block")
    good = sfm.folder / "first" / "M529LL4X.MX0W"
    sfm("import", "q.sfm", "first", "--create")
    before = sfm.json("show", "q.sfm", 1)["values"]
    told = sfm("import", "q.sfm", "again").stderr
    assert told.count("differs from the event file that is kept") == 1
    assert told.count("1,024 bytes from byte 0x7EE of event memory on are zero") == 1
    assert "look at" not in sfm("import", "q.sfm", "again").stderr, "a duplicate says nothing again"
    sfm("export", "q.sfm", "out")
    assert (sfm.folder / "out" / "BE11529" / good.name).read_bytes() == good.read_bytes()
    shown = sfm.json("show", "q.sfm", 1)
    assert shown["values"] == before
    assert [one["code"] for one in shown["findings"]] == ["differs-from-kept"]
    assert [one["code"] for one in shown["sample_findings"]] == ["not-whole"]
    with sfm_archive.open(sfm.folder / "q.sfm", read_only=True) as archive:
        assert len(archive.stream(1)[0]) == len(obspy.read(str(good))[0]) == 2304
    sfm("verify", "q.sfm")


def test_the_good_copy_counts_when_it_comes_second(sfm, case):
    case("zeroed_block")
    told = sfm("import", "q.sfm", "again", "--create").stderr
    assert told.count("bytes from byte 0x7EE of event memory on are zero") == 1
    assert "zeroed-block" in {one["code"] for one in sfm.json("show", "q.sfm", 1)["sample_findings"]}
    sfm("import", "q.sfm", "first")
    assert sfm.json("show", "q.sfm", 1)["sample_findings"] == []
    sfm("export", "q.sfm", "out")
    good = sfm.folder / "first" / "M529LL4X.MX0W"
    assert (sfm.folder / "out" / "BE11529" / good.name).read_bytes() == good.read_bytes()


def test_a_dry_run_says_what_an_import_would_say(sfm, case):
    case("zeroed_block")
    sfm("import", "q.sfm", "first", "--create")
    assert "of event memory on are zero" in sfm("import", "q.sfm", "again", "--dry-run").stderr
    assert sfm.json("show", "q.sfm", 1)["sample_findings"] == []


def test_a_table_of_other_samples_stays_a_finding_of_its_event(sfm, case):
    case("windows_1252_text")
    text = (sfm.folder / TEXT).read_bytes()
    head, _, table = text.partition(b"\r\n\r\n")
    lines = table.split(b"\r\n")
    lines[7] = lines[7].replace(b"0.0", b"1.0", 1)
    (sfm.folder / TEXT).write_bytes(head + b"\r\n\r\n" + b"\r\n".join(lines))
    told = sfm("import", "q.sfm", NAME, TEXT, "--create").stderr
    assert told.count("its table of samples differs from those that were decoded: Tran in 1 of 1,280 rows") == 1
    for _ in range(2):
        assert [one["code"] for one in sfm.json("show", "q.sfm", 1)["sample_findings"]] == ["samples-differ"]
        assert sfm.json("analyse", "q.sfm", code=1)["differing"] == 1
    sfm("rebuild", "q.sfm")
    assert [one["code"] for one in sfm.json("show", "q.sfm", 1)["sample_findings"]] == ["samples-differ"]


def test_an_export_of_a_damaged_copy_says_that_it_is_one(sfm, case):
    case("zeroed_block")
    sfm("import", "q.sfm", "again", "--create")
    result = sfm.json("export", "q.sfm", "out")
    (item,) = result["items"]
    assert item["status"] == "written" and "does not decode to its end (event file M529LL4X.MX0W:" in item["message"]
