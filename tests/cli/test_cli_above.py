"""`--above LIMIT`: the events that are, or may be, above a limit, in every command with filters; and the verdicts of
events whose documents do not say all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from sfm_archive.cli import main

DATA = Path(__file__).parents[1] / "data"
OUTCOMES = ("exceeded", "undecided", "within", "not_compared")


@pytest.fixture
def imported(sfm):
    """The archive of a folder of tests/data, in a.sfm."""

    def of(name: str) -> str:
        files = [str(path) for path in sorted((DATA / name).glob("M*"))]
        # A report that is cut off, or has a unit that is not known, ends it with 1.
        CliRunner().invoke(main, ["import", "a.sfm", *files, "--create"])
        return "a.sfm"

    return of


def counts(sfm, archive: str, *words: str) -> dict[str, dict[str, int]]:
    """By day, what limits say of its events."""
    groups = sfm.json("summary", archive, "--by", "day", *words)["groups"]
    for group in groups:
        assert sum(group[name] for name in OUTCOMES) == group["events"] - group["false_triggers"]
    return {group["keys"]["day"]: group for group in groups}


def ids(sfm, archive: str, *words: str) -> dict[int, str]:
    return {event["event_id"]: event["level"] for event in sfm.json("list", archive, *words)["events"]}


def test_a_peak_exactly_at_its_limit_is_within(sfm, imported):
    archive = imported("limit_tie")
    for limit in (str(DATA / "limit_tie" / "permit.toml"), "0.35in/s", "8.89mm/s", "0,35 in/s"):
        assert counts(sfm, archive, "--limits", limit)["2026-05-02"]["within"] == 1
        assert "Vert within" in sfm("plot", archive, "1", "--limits", limit).stdout
        assert 1 not in ids(sfm, archive, "--above", limit)
    for limit in ("osmre", "usbm-ri8507-drywall", "0.75in/s", "19.05mm/s"):
        assert counts(sfm, archive, "--limits", limit)["2026-05-03"]["within"] == 1
        assert ids(sfm, archive, "--above", limit) == {}
    assert ids(sfm, archive, "--above", "19.04mm/s") == {2: "yes"}


def test_the_same_motion_has_the_same_verdict_without_a_document(sfm, imported):
    """The first event's rate is told by its length; its range by nothing, which decides no verdict."""
    archive = imported("assumed_rate")
    found = counts(sfm, archive, "--limits", "osmre")
    assert found["2026-05-01"]["within"] == found["2026-05-02"]["within"] == 1
    assert found["2026-05-01"]["assumed_range"] == 1 and found["2026-05-02"]["assumed_range"] == 0
    assert ids(sfm, archive, "--above", "osmre") == {}
    assert ids(sfm, archive, "--above", "1in/s") == {1: "undecided", 2: "yes"}
    assert ids(sfm, archive, "--above", "1in/s", "--decided") == {2: "yes"}
    assert "the geophone range is assumed" in sfm("plot", archive, "1", "--limits", "1in/s").stdout
    assert "Tran ~1.220 in/s" in sfm("summary", archive, "--by", "day").stdout


def test_the_airblast_limit_is_chosen(sfm, imported):
    archive = imported("own_airblast")
    own = str(DATA / "own_airblast" / "nbr9653.toml")
    (plain,) = counts(sfm, archive, "--limits", own).values()
    assert all(plain[f"airblast_{name}"] == 0 for name in OUTCOMES), "nobody asked for one"
    for words, outcome in (
        (["--limits", own, "--airblast", "osmre-0.1hz"], "within"),
        (["--limits", "osmre"], "exceeded"),
        (["--limits", "osmre", "--airblast", "134dB"], "within"),
        (["--airblast", "90Pa"], "exceeded"),
        (["--limits", "osmre", "--airblast", "osmre-c"], "not_compared"),
    ):
        (group,) = sfm.json("summary", archive, *words, code=outcome == "not_compared")["groups"]
        assert {name: group[f"airblast_{name}"] for name in OUTCOMES} == dict.fromkeys(OUTCOMES, 0) | {outcome: 1}
    assert "Airblast" not in sfm("plot", archive, "1", "--limits", own).stdout
    assert "is not an airblast limit" in sfm.error("summary", archive, "--airblast", "loud", code=2)


def test_a_level_that_is_not_known_is_not_compared_and_a_check_of_nothing_ends_with_1(sfm, imported):
    for path in (DATA / "millibar").iterdir():
        (sfm.folder / path.name).write_bytes(path.read_bytes().replace(b"1.2000 mb(L)", b"1.2000 xy(L)"))
    archive = "a.sfm"
    told = sfm("import", archive, *sorted(sfm.folder.glob("M*")), "--create").stderr
    assert "the unit of MicL pspl '1.2000 xy(L)' is not known" in told
    (group,) = sfm.json("summary", archive, "--limits", "usbm")["groups"]
    assert (group["airblast_not_compared"], group["airblast_within"], group["within"]) == (1, 0, 1)
    nothing = sfm("summary", archive, "--airblast", "osmre-2hz", code=1)
    assert "nothing was compared with the airblast limit: no event has a peak or level" in nothing.stderr
    sfm("summary", archive, "--limits", "usbm")  # with an airblast limit that nobody chose
    empty = sfm("summary", archive, "--limits", "usbm", "--since", "2027", code=1)
    assert "nothing was compared with the limits: no event passes the filters" in empty.stderr


def test_a_level_in_millibar_is_compared(sfm, imported):
    archive = imported("millibar")
    (group,) = sfm.json("summary", archive, "--limits", "usbm")["groups"]
    assert (group["airblast_exceeded"], group["pspl"]["unit"]) == (1, "dB(L)")
    assert group["pspl"]["number"] == pytest.approx(135.563, abs=0.001)  # 120 Pa
    assert "135.6 dB(L)" in sfm("plot", archive, "1").stdout


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("100Pa", "100Pa (133.98 dB(L))"),
        ("0.01psi", "0.01psi (130.75 dB(L))"),
        ("0,01 psi", "0,01 psi (130.75 dB(L))"),
        ("120dB", "120 dB(L)"),
        ("osmre-6hz", "129 dB(L) (OSMRE, 6 Hz high-pass)"),
    ],
)
def test_an_airblast_limit_is_printed_as_it_was_written(sfm, imported, word, shown):
    archive = imported("own_airblast")
    assert f"airblast limit: {shown}\n" in sfm("summary", archive, "--airblast", word).stderr
    assert shown in sfm("plot", archive, "1", "--airblast", word).stdout


def test_a_filter_by_limits_says_its_convention_and_what_the_limits_say(sfm, imported):
    archive = imported("assumed_rate")
    for judge in ("both", "peak", "record"):
        words = ("--above", "1in/s", "--judge", judge)
        documents = [
            sfm.json("list", archive, *words),
            sfm.json("summary", archive, *words),
            sfm.json("export", archive, "out", *words, "--dry-run"),
            sfm.json("export-data", archive, f"data {judge}", "--format", "csv", *words),
        ]
        counts = {"exceeded": 1, "undecided": 1, "within": 0, "not_compared": 0, "counted_once": 0}
        for document in documents:
            assert document["above"] == {
                "limits": ["1in/s"],
                "judge": judge,
                **counts,
                "left_out": False,
                "counted_once": 0,
                "without_limits": None,
                "false_triggers": 0,
            }
        event = next(one for one in documents[0]["events"] if one["event_id"] == 1)
        assert (event["level"], event["level_why"]) == ("undecided", "assumed range")
        told = sfm("list", archive, *words)
        assert "undecided: assumed range" in told.stdout and "a waveform is judged" in told.stderr
        assert ("(--judge" in told.stderr) == (judge != "both")
    assert "--judge is about limits; give it with --above" in sfm.usage_error("list", archive, "--judge", "peak")


def test_a_report_of_one_event_says_what_a_filter_by_level_leaves_open(sfm, imported):
    archive = imported("assumed_rate")
    sfm("report", archive, "--above", "1in/s", "-o", "a.pdf")
    front = " ".join(PdfReader(sfm.folder / "a.pdf").pages[0].extract_text().split())
    assert "against 1in/s: 1 exceeded, 1 undecided, 0 within, 0 not compared" in front
    sfm("report", archive, "--ppv-from", "1in/s", "--decided", "-o", "b.pdf")
    front = " ".join(PdfReader(sfm.folder / "b.pdf").pages[0].extract_text().split())
    assert "1 event left out that may be as loud or not: 1 computed with an assumed geophone range" in front


def test_a_cut_report_hides_no_loud_channel(sfm, imported):
    archive = imported("cut_report")
    assert ids(sfm, archive, "--above", "usbm") == {1: "yes"} == ids(sfm, archive, "--ppv-from", "1in/s")
    (group,) = sfm.json("summary", archive, "--limits", "usbm")["groups"]
    assert group["exceeded"] == 1


def test_an_event_without_a_report_is_never_below(sfm, imported):
    archive = imported("not_analysed")
    assert ids(sfm, archive, "--ppv-from", "0.5in/s") == {1: "undecided"}
    assert ids(sfm, archive, "--above", "osmre") == {1: "undecided"}
    (group,) = sfm.json("summary", archive, "--limits", "osmre")["groups"]
    assert (group["events"], group["undecided"], group["within"]) == (2, 1, 1)


def test_every_command_with_filters_takes_above(sfm, imported):
    archive = imported("limit_tie")
    sfm("export", archive, "out", "--above", "0.7in/s")
    assert [path.name for path in (sfm.folder / "out").rglob("M*")] == ["M529LKM6.G00W"]
    text = sfm("list", archive, "--above", "0.7in/s", "--csv").stdout
    assert [row["level"] for row in csv.DictReader(io.StringIO(text))] == ["yes"]
    assert sfm.json("summary", archive, "--above", "0.7in/s")["events"] == 1
    sfm("export-data", archive, "data", "--format", "csv", "--above", "0.7in/s")
    assert len(list((sfm.folder / "data").rglob("2026*"))) == 1
    sfm("report", archive, "--above", "0.7in/s", "-o", "a.pdf")
    told = sfm("report", archive, "--above", "3in/s", "-o", "b.pdf", code=3).stderr
    assert "against 3in/s: 0 exceeded, 0 undecided, 2 within, 0 not compared; " in told and "no event passes" in told
    assert "give it with --ppv-from or --above" in sfm.usage_error("list", archive, "--decided")
    assert "no limit curve" in sfm.error("list", archive, "--above", "nothing", code=2)


def test_a_peak_that_samples_contradict_is_told_on_receipt_and_decides_by_its_print_alone(sfm):
    """The samples' frequency, 33 Hz, would have it within; their peak is 1.220 in/s."""
    source = sfm.folder / "in"
    source.mkdir()
    event, report = sorted((DATA / "assumed_rate").glob("M529LKKB*"))
    (source / event.name).write_bytes(event.read_bytes())
    text = report.read_text(encoding="utf-8").replace("Tran PPV : 1.220", "Tran PPV : 1.900")
    text = "\n".join(line for line in text.splitlines() if "Tran ZC Freq" not in line)
    (source / report.name).write_text(text[: text.index("\n\n")] + "\n", encoding="utf-8")
    said = "Tran 1.900 in/s is reported, and the samples give 1.220 in/s"
    told = CliRunner().invoke(main, ["import", "a.sfm", str(source), "--create"])
    assert (told.stdout + told.stderr).count(said) == 1
    assert said in sfm("show", "a.sfm", "1").stdout
    assert counts(sfm, "a.sfm", "--limits", "osmre")["2026-05-02"]["undecided"] == 1
    assert "1 undecided" in sfm("list", "a.sfm", "--above", "osmre").stderr
    again = CliRunner().invoke(main, ["import", "a.sfm", str(source)])
    assert said not in again.stdout + again.stderr, "printed once"


def test_a_line_of_a_curve_file_that_looks_like_a_key_and_is_none_is_told(sfm, imported):
    archive = imported("limit_tie")
    head = "# name: own\n# interpolation: linear\n# abvoe: slope\n# made by: hand\n# plain words\n"
    curve = f"{head}frequency_hz,limit_mm_s\n1,3\n50,8\n"
    (sfm.folder / "own.csv").write_text(curve, encoding="utf-8")
    for arguments in (("summary", archive, "--limits", "own.csv"), ("list", archive, "--above", "own.csv")):
        said = sfm(*arguments).stderr
        assert (
            said.count("own.csv: not read, for a limit curve has no such key: '# abvoe: slope', '# made by: hand'") == 1
        )
        assert "plain words" not in said
