"""Blasts: stated, corrected, withdrawn, imported; what cannot be is a sentence and keeps nothing."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.cli import main

AT = datetime(2026, 5, 4, 11, 30)


@pytest.fixture
def quarry(archive: sfm.Archive) -> sfm.Archive:
    """North has points with coordinates, Church and School."""
    sfm.correct_point(archive, "North/Church", coordinates="47.1,8.2", reason="survey")
    sfm.correct_point(archive, "North/School", coordinates="47.11,8.2", reason="survey")
    return archive


def test_a_blast_is_kept_in_the_zone_of_its_job(quarry: sfm.Archive) -> None:
    made = sfm.add_blast(
        quarry,
        "North",
        AT,
        name="17",
        charge="120 kg",
        coordinates="47.1005,8.2",
        distances=(("School", "1200m"),),
        by="A. Miller",
    )
    assert made.what == "blast 17 of 2026-05-04 11:30:00, 120 kg per delay"
    (listed,) = sfm.list_blasts(quarry).blasts
    assert (listed.blast, listed.job, listed.at_local, listed.time_zone, listed.decided_by) == (
        *(made.number, "North", "2026-05-04T11:30:00", "Europe/Berlin", "A. Miller"),
    )
    church, school = sfm.show_blast(quarry, made.number).points
    assert (church.distance_m, church.distance_by) == (pytest.approx(55.6, abs=0.1), "coordinates")
    assert (school.distance_m, school.distance_by) == (1200, "stated")
    assert quarry.verify().ok


def test_a_time_with_an_offset_is_kept_in_the_zone_of_the_job(quarry: sfm.Archive) -> None:
    sfm.add_blast(quarry, "North", AT.replace(tzinfo=UTC))
    assert sfm.list_blasts(quarry).blasts[0].at_local == "2026-05-04T13:30:00"


def test_the_same_job_time_and_name_again_changes_nothing(quarry: sfm.Archive) -> None:
    sfm.add_blast(quarry, "North", AT, name="17", charge="120 kg", distances=(("Church", "450m"),))
    head = quarry.history_head()
    assert not sfm.add_blast(quarry, "North", AT, name="17", charge="120 kg").new
    assert quarry.history_head() == head


def test_other_numbers_are_a_correction_with_a_reason(quarry: sfm.Archive) -> None:
    first = sfm.add_blast(quarry, "North", AT, name="17", charge="120 kg", distances=(("Church", "450m"),))
    with pytest.raises(sfm.UsageError, match="blast 1 is there already with other numbers"):
        sfm.add_blast(quarry, "North", AT, name="17", charge="130 kg")
    again = sfm.add_blast(quarry, "North", AT, name="17", charge="130 kg", reason="log book")
    assert (again.number, again.new) == (first.number, True)
    shown = sfm.show_blast(quarry, first.number)
    assert (shown.blast.charge, shown.blast.reason) == (130, "log book")
    assert shown.points[0].distance_m == 450  # what is not said stays
    told = [(one.what, one.decided_by, one.reason) for one in sfm.told_history(quarry) if one.action == "state"]
    assert told[-1][0].startswith("blast 1 corrected: blast 17")
    assert told[-1][2] == "log book"


def test_a_blast_is_corrected_by_its_number_and_parts_are_taken_back(quarry: sfm.Archive) -> None:
    one = sfm.add_blast(quarry, "North", AT, name="17", charge="120 kg", distances=(("Church", "450m"),)).number
    sfm.correct_blast(
        quarry, one, at=AT.replace(minute=31), name="17a", charge="", distances=(("Church", ""),), reason="typing slip"
    )
    shown = sfm.show_blast(quarry, one)
    assert (shown.blast.at_local, shown.blast.name, shown.blast.charge) == ("2026-05-04T11:31:00", "17a", None)
    assert shown.points[0].distance_m is None
    sfm.add_blast(quarry, "North", AT, name="18")
    with pytest.raises(sfm.UsageError, match="blast 1 of that job has this time and name already"):
        sfm.correct_blast(quarry, 2, at=AT.replace(minute=31), name="17A", reason="x")


def test_a_withdrawn_blast_is_in_no_list_and_stays_in_the_history(quarry: sfm.Archive) -> None:
    one = sfm.add_blast(quarry, "North", AT, name="17").number
    sfm.withdraw_blast(quarry, one, by="B", reason="misfire")
    assert sfm.list_blasts(quarry).blasts == ()
    with pytest.raises(sfm.NotFound, match="was withdrawn by B"):
        sfm.show_blast(quarry, one)
    assert sfm.add_blast(quarry, "North", AT, name="17").number == one + 1
    assert quarry.verify().ok


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"charge": "120"}, "needs its unit"),
        ({"charge": "120 t"}, "is no unit of a charge"),
        ({"coordinates": "8.2,47.1"}, "latitude and longitude seem to be swapped"),
        ({"coordinates": "-47.1,8.2"}, "km from point Church; look at its place"),
        ({"coordinates": "147.1,8.2"}, "latitude comes first"),
        ({"grid": "2683400,1247100"}, "give the blast the same kind"),
        ({"zone": "Berlin"}, "is not a time zone"),
        ({"at": datetime(26, 5, 4, 11, 30)}, "0026-05-04 11:30:00 is no time of a blast; look at its year"),
        ({"at": datetime(9999, 12, 31, 23, 59)}, "look at its year"),
        ({"zone": "unknown"}, "in which time zone"),
        ({"distances": (("Mosque", "450m"),)}, "has no point 'Mosque'; its points are: Church, School"),
        ({"distances": (("Church", "450"),)}, "needs its unit"),
    ],
)
def test_a_blast_that_cannot_be_is_a_sentence_and_keeps_nothing(
    quarry: sfm.Archive, said: dict[str, object], error: str
) -> None:
    head = quarry.history_head()
    with pytest.raises(sfm.UsageError, match=error):
        sfm.add_blast(quarry, "North", **({"at": AT} | said))  # type: ignore[arg-type]
    assert quarry.history_head() == head


def test_a_job_without_a_zone_asks_for_one(quarry: sfm.Archive) -> None:
    with pytest.raises(sfm.UsageError, match="job South has none"):
        sfm.add_blast(quarry, "South", AT)
    sfm.add_blast(quarry, "South", AT, zone="Europe/Zurich")


def test_a_job_with_blasts_is_not_withdrawn(quarry: sfm.Archive) -> None:
    sfm.add_blast(quarry, "South", AT, zone="Europe/Zurich")
    sfm.withdraw_point(quarry, "South/Church", reason="x")
    with pytest.raises(sfm.UsageError, match="has blast 1"):
        sfm.withdraw_job(quarry, "South", reason="x")


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "blasts.csv"
    path.write_bytes(text.encode(encoding))
    return path


LIST = (
    "Zeit;Name;Ladung (kg);Abstand Church (m);Breite;Länge\n"
    "2026-05-04 11:30;17;120,5;450;47,1005;8,2\n"
    "2026-05-05 11:30;18;99;;47,1005;8,2\n"
)


def test_a_list_is_one_change_and_its_bytes_are_kept(quarry: sfm.Archive, tmp_path: Path) -> None:
    path = write(tmp_path, LIST, "cp1252")
    steps: list[tuple[int, int]] = []
    made = sfm.import_blasts(quarry, "North", path, by="A", progress=lambda done, total: steps.append((done, total)))
    assert (made.lines, made.added, made.corrected, made.unchanged, made.kept) == (2, 2, 0, 0, True)
    assert steps == [(2, 4), (4, 4)]
    change = sfm.told_history(quarry)[-1]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (change.what, change.decided_by, change.reason) == ("2 blasts stated", "A", "blast list blasts.csv")
    assert change.detail["files"] == [["blast list", "blasts.csv", digest]]
    assert [(one.name, one.charge, one.reason) for one in sfm.list_blasts(quarry).blasts] == [
        ("17", 120.5, "blast list blasts.csv"),
        ("18", 99.0, "blast list blasts.csv"),
    ]
    assert quarry.verify().ok
    head = quarry.history_head()
    again = sfm.import_blasts(quarry, "North", path)
    assert (again.added, again.unchanged) == (0, 2)
    assert quarry.history_head() == head


def test_a_list_with_other_numbers_corrects_and_takes_nothing_back(quarry: sfm.Archive, tmp_path: Path) -> None:
    sfm.import_blasts(quarry, "North", write(tmp_path, LIST, "cp1252"))
    other = LIST.replace("450", "").replace("99", "101").replace(";18", ";19", 0)
    made = sfm.import_blasts(quarry, "North", write(tmp_path, other), reason="corrected list")
    assert (made.added, made.corrected, made.unchanged) == (0, 1, 1)
    shown = sfm.show_blast(quarry, 1)
    assert shown.points[0].distance_m == 450
    assert sfm.show_blast(quarry, 2).blast.charge == 101
    assert quarry.verify().ok


def test_a_line_that_is_no_blast_keeps_the_whole_list_out(quarry: sfm.Archive, tmp_path: Path) -> None:
    bad = write(tmp_path, LIST + "2026-05-06 11:30;19;viel;;;\n2026-05-07 11:30;20;1;;8,2;47,1\n")
    head = quarry.history_head()
    made = sfm.import_blasts(quarry, "North", bad)
    assert [(one.line, made.kept) for one in made.rejects] == [(4, False), (5, False)]
    assert "no number" in made.rejects[0].why
    assert "seem to be swapped" in made.rejects[1].why
    assert quarry.history_head() == head
    assert sfm.list_blasts(quarry).blasts == ()
    assert sfm.import_blasts(quarry, "North", bad, without_rejects=True).added == 2
    assert len(sfm.list_blasts(quarry).blasts) == 2


def test_a_list_that_says_one_blast_twice_with_other_numbers_is_rejected(quarry: sfm.Archive, tmp_path: Path) -> None:
    twice = LIST + "2026-05-04 11:30;17;121;450;47,1005;8,2\n2026-05-05 11:30;18;99;;47,1005;8,2\n"
    made = sfm.import_blasts(quarry, "North", write(tmp_path, twice))
    (reject,) = made.rejects
    assert (reject.line, reject.why) == (
        4,
        "line 2 has this time and name with other numbers; leave one of them out",
    )


@pytest.mark.parametrize(
    ("text", "options", "error"),
    [
        ("", {}, "blasts.csv: it is empty"),
        (LIST.replace("(kg)", "(oz)"), {}, "'oz' is no unit that is read there"),
        (LIST, {"time_zone": "Mars/X"}, "is not a time zone"),
        (LIST, {"date_format": "DD.MM.YYYY hh:mm"}, "give --time-zone"),
        (LIST, {"date_format": "DD.MM", "time_zone": "UTC"}, "no whole form of a time"),
        (LIST, {"charge_unit": "t"}, "is no unit of a charge"),
    ],
)
def test_a_list_that_cannot_be_is_a_sentence_and_keeps_nothing(
    quarry: sfm.Archive, tmp_path: Path, text: str, options: dict[str, str], error: str
) -> None:
    head = quarry.history_head()
    with pytest.raises((sfm.UsageError, sfm.BadInput), match=error):
        sfm.import_blasts(quarry, "North", write(tmp_path, text), **options)  # type: ignore[arg-type]
    assert quarry.history_head() == head


def test_times_of_another_form_come_with_their_zone(quarry: sfm.Archive, tmp_path: Path) -> None:
    path = write(tmp_path, "Datum;Uhrzeit\n04.05.2026;09:30\n")
    sfm.import_blasts(quarry, "North", path, date_format="DD.MM.YYYY hh:mm", time_zone="UTC")
    (one,) = sfm.list_blasts(quarry).blasts
    assert (one.at_local, one.time_zone) == ("2026-05-04T09:30:00", "UTC")


def test_a_file_that_is_none_is_a_sentence(quarry: sfm.Archive, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(sfm.BadInput, match="give a blast list as CSV"):
            sfm.import_blasts(quarry, "North", path)


def test_thirty_thousand_lines_are_one_change(quarry: sfm.Archive, tmp_path: Path) -> None:
    lines = [
        f"20{10 + number // 8760 % 10}-{1 + number // 720 % 12:02}-{1 + number // 24 % 28:02} {number % 24:02}:00,"
        f"{number},{1 + number % 500}.5,47.{1000 + number % 50},8.2"
        for number in range(30_000)
    ]
    path = write(tmp_path, "\n".join(["time,name,charge (kg),lat,lon", *lines]))
    head = len(sfm.told_history(quarry))
    made = sfm.import_blasts(quarry, "North", path)
    assert (made.added, made.kept) == (30_000, True)
    assert len(sfm.told_history(quarry)) == head + 1
    assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, list(words))
    return done.exit_code, done.stdout, done.stderr


def test_the_commands_say_what_they_did(quarry: sfm.Archive, tmp_path: Path) -> None:
    path = str(quarry.path)
    at = ("--at", "2026-05-04 11:30", "--name", "17")
    code, _, told = run("blast", "add", path, "North", *at, "--charge", "120kg", "--distance", "Church=450m")
    assert (code, told.splitlines()[-1]) == (0, "1: blast 17 of 2026-05-04 11:30:00, 120 kg per delay: kept")
    assert run("blast", "add", path, "North", *at)[2].endswith("was said before; nothing changed\n")
    assert run("blast", "add", path, "North", "--at", "2026-05-04")[0] == 2
    assert "a point and its distance" in run("blast", "add", path, "North", *at, "--distance", "450m")[2]
    code, shown, told = run("blast", "list", path, "--job", "North", "--since", "2026-05", "--until", "2026-05")
    assert code == 0
    assert shown.splitlines()[1].split()[:5] == ["1", "North", "2026-05-04", "11:30:00", "Europe/Berlin"]
    assert run("blast", "list", path, "--since", "2026-06")[2].startswith("0 blasts")
    assert run("blast", "list", path, "--csv")[1].splitlines()[1].startswith("1,North,2026-05-04T11:30:00,")
    assert "450.0  stated" in run("blast", "show", path, "1")[1]
    assert run("blast", "correct", path, "1", "--reason", "x")[0] == 2
    assert run("blast", "correct", path, "1", "--charge", "1 lb", "--reason", "x")[0] == 0
    code, _, told = run("blast", "import", path, "North", str(write(tmp_path, LIST + "x\n")))
    assert code == 1
    assert "line 4: " in told
    assert "nothing was kept" in told
    code, _, told = run("blast", "import", path, "North", str(write(tmp_path, LIST)), "--dry-run")
    assert (code, "1 blast would be added, 1 corrected" in told) == (0, True)
    assert run("blast", "withdraw", path, "1", "--reason", "x")[0] == 0
    assert run("blast", "show", path, "1")[0] == 3


def test_an_offset_in_a_repeated_hour_says_which_of_two_times_it_was(quarry: sfm.Archive, tmp_path: Path) -> None:
    """On 2026-10-25 clocks in Berlin show 02:00 to 03:00 twice, first at +02:00 and then at +01:00."""
    path = tmp_path / "b.csv"
    path.write_text("time,name\n2026-10-25 02:30+01:00,A\n2026-10-25 02:30+02:00,A\n2026-10-25 03:30+01:00,B\n")
    made = sfm.import_blasts(quarry, "North", path)
    assert (made.added, made.unchanged) == (3, 0)
    found = {one.blast: (one.at_local[11:16], one.fold, one.hour) for one in sfm.list_blasts(quarry).blasts}
    assert found == {1: ("02:30", 1, ""), 2: ("02:30", 0, ""), 3: ("03:30", None, "")}
    assert [*found] == [2, 1, 3]  # by time
    again = sfm.import_blasts(quarry, "North", path)
    assert (again.added, again.corrected, again.unchanged) == (0, 0, 3)
    assert quarry.verify().ok


def test_an_offset_that_is_said_later_corrects_the_blast(quarry: sfm.Archive) -> None:
    at = datetime(2026, 10, 25, 2, 30)
    sfm.add_blast(quarry, "North", at, name="A")
    assert sfm.list_blasts(quarry).blasts[0].hour == "repeated hour"
    second = at.replace(tzinfo=timezone(timedelta(hours=1)))
    assert sfm.add_blast(quarry, "North", second, name="A", reason="log book").number == 1
    assert [(one.fold, one.hour) for one in sfm.list_blasts(quarry).blasts] == [(1, "")]
    assert not sfm.add_blast(quarry, "North", at, name="A").new
    sfm.correct_blast(quarry, 1, at=at.replace(tzinfo=timezone(timedelta(hours=2))), reason="log book")
    assert sfm.list_blasts(quarry).blasts[0].fold == 0
    sfm.correct_blast(quarry, 1, zone="Asia/Tokyo", reason="lent out")
    assert sfm.list_blasts(quarry).blasts[0].fold is None


def test_times_with_offsets_in_a_job_without_a_zone_say_what_to_do(archive: sfm.Archive, tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("time,name\n2026-10-25 02:30+01:00,A\n")
    with pytest.raises(sfm.UsageError, match="--time-zone"):
        sfm.import_blasts(archive, "South", path)
    sfm.import_blasts(archive, "South", path, time_zone="Europe/Berlin")
    assert [one.fold for one in sfm.list_blasts(archive).blasts] == [1]
