"""`sfm find`: a text, a name or a hash in everything that several archives have."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import apsw
import pytest

import sfm_archive
from sfm_archive.archive.searching import holds_words
from sfm_archive.demo import captures

REPORT = "Event Type,Full Waveform\r\nNotes,Bohrloch an der Königstraße 5\r\n"


@pytest.fixture
def archives(sfm):
    """north.sfm with the units of two captures at a point with an address, south.sfm with the other capture; a report
    in a code page of Windows waits in the one."""
    first, *others = captures()
    sfm("import", "north.sfm", *others, "--create")
    sfm("import", "south.sfm", first, "--create")
    sfm("job", "add", "north.sfm", "Bypass")
    sfm("point", "add", "north.sfm", "Bypass", "School", "--address", "Church Street 1")
    sfm("place", "north.sfm", "BE11529", "--at", "School", "--from", "2026-05-13")
    with sfm_archive.open("north.sfm") as archive:
        received = sfm_archive.ReceivedFile(
            kind=sfm_archive.FileKind.REPORT, name="Sprengung 5.TXT", data=REPORT.encode("cp1252"), folder="in"
        )
        archive.attach(1, [received])
    return "north.sfm", "south.sfm"


def found(sfm, *given, code=0):
    document = json.loads(sfm("find", *given, "--json", code=code).stdout)
    assert document["count"] == len(document["results"])
    return document["results"]


def numbers(results, kind):
    return [
        (one["archive"], one["found"]["number"]) for one in results if one["found"] and one["found"]["kind"] == kind
    ]


def test_everything_at_an_address_in_a_week(sfm, archives):
    results = found(sfm, "church STREET", *archives)
    assert numbers(results, "statement") == [("north.sfm", 1)]
    with sfm_archive.open("north.sfm", read_only=True) as archive:
        there = [one.event_id for one in archive.listing() if one.point]
        starts = {one.event_id: one.start_local for one in archive.listing()}
    assert there and numbers(results, "event") == [("north.sfm", one) for one in there]
    assert {tuple(one["found"]["where"]) for one in results if one["found"]["kind"] == "event"} == {
        ("at Bypass/School",)
    }
    day = starts[there[0]][:10]
    week = found(sfm, "church street", *archives, "--since", day, "--until", day, "--serial", "BE11529")
    assert numbers(week, "event") == [("north.sfm", one) for one in there if starts[one][:10] == day]
    none = found(sfm, "church street", *archives, "--since", "2027-01-01")
    assert numbers(none, "event") == [] and numbers(none, "statement") == [("north.sfm", 1)]


def test_words_of_documents_whatever_their_code_page(sfm, archives):
    for words in ("KÖNIGSTRASSE 5", "königstrasse", "an der Konigstrasse"):
        (one,) = found(sfm, words, *archives)
        assert one["found"]["where"] == ["text"] and one["found"]["what"].startswith("report in/Sprengung 5.TXT")
        assert one["found"]["event_ids"] == [1]
    assert found(sfm, "koenigstraße", *archives, code=3) == []


@pytest.mark.parametrize("name", ["Sprengung 5.TXT", "sprengung", "*.txt", "SPRENGUNG ?.TXT"])
def test_by_name(sfm, archives, name):
    assert [one["found"]["where"] for one in found(sfm, name, *archives)] == [["name"]]


def test_an_event_by_its_files_name(sfm, archives):
    with sfm_archive.open("north.sfm", read_only=True) as archive:
        names = {one.event_id: one.name for one in archive.listing()}
    for event_id, name in names.items():
        assert ("north.sfm", event_id) in numbers(found(sfm, name.lower(), *archives), "event")


def test_by_hash_or_its_beginning(sfm, archives):
    digest = hashlib.sha256(REPORT.encode("cp1252")).hexdigest()
    for digits in (digest, digest[:8], digest[:9].upper()):
        (one,) = found(sfm, digits, *archives)
        assert one["found"]["sha256"] == digest and one["found"]["where"] == ["SHA-256"]
    with sfm_archive.open("north.sfm", read_only=True) as archive:
        encoded = archive.encode(1).sha256
    (one,) = found(sfm, encoded, *archives)
    assert (one["found"]["kind"], one["found"]["number"]) == ("event", 1)
    assert one["found"]["where"] == ["made by blastware@2"]
    assert found(sfm, digest[:7], *archives, code=3) == []


def test_nothing_found_has_its_own_exit_code(sfm, archives):
    assert "nothing was found" in sfm("find", "no such words", *archives, code=3).stderr


def test_archives_that_cannot_be_searched_are_named_and_the_others_searched(sfm, archives):
    Path("letter.sfm").write_text("no archive")
    data = bytearray(Path("south.sfm").read_bytes())
    data[100:20_000] = bytes(19_900)
    Path("broken.sfm").write_bytes(data)
    results = found(sfm, "school", "gone.sfm", "north.sfm", "letter.sfm", code=6)
    assert [one["archive"] for one in results if one["error"]] == ["gone.sfm", "letter.sfm"]
    assert numbers(results, "statement") == [("north.sfm", 1)]
    assert {one["exit_code"] for one in results} == {0, 3, 6}
    assert any(one["error"] for one in found(sfm, "school", "broken.sfm", "letter.sfm", "north.sfm", code=5))
    done = sfm("find", "school", "gone.sfm", "north.sfm", code=3)
    assert "gone.sfm does not exist" in done.stderr and "point 1: point School" in done.stdout


def test_what_else_is_found_in_a_damaged_archive_is_found(sfm, archives):
    connection = apsw.Connection("north.sfm")
    (number,) = connection.execute("SELECT max(content_id) FROM file_content").fetchone()
    connection.execute("DROP TRIGGER file_piece_is_never_changed")
    connection.execute("UPDATE file_piece SET data = zeroblob(9) WHERE content_id = ?", (number,))
    connection.execute(
        "CREATE TRIGGER file_piece_is_never_changed BEFORE UPDATE ON file_piece"
        " BEGIN SELECT raise(ABORT, 'rows of file_piece are never changed'); END"
    )
    connection.close()
    results = found(sfm, "church street", *archives, code=5)
    assert numbers(results, "statement") and numbers(results, "event")
    (last,) = [one for one in results if one["error"]]
    assert last["archive"] == "north.sfm" and "Sprengung 5.TXT" in last["error"]


def test_it_is_grouped_by_archive_and_bounded(sfm, archives):
    lines = sfm("find", "*W", *archives).stdout.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [*archives]
    done = sfm("find", "*0?", *archives, "--limit", "1")
    assert done.stdout.splitlines()[0] == "north.sfm" and "more; --limit 0 shows them" in done.stderr


def test_nothing_wanted_is_a_usage_error(sfm, archives):
    for nothing in ("", "   "):
        assert "give what to look for" in sfm.error("find", nothing, *archives, code=2)


def test_it_changes_nothing_and_json_is_closed(sfm, archives, closed):
    before = [Path(name).read_bytes() for name in archives]
    closed("find", json.loads(sfm("find", "school", *archives, "gone.sfm", "--json", code=3).stdout))
    assert [Path(name).read_bytes() for name in archives] == before


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("size", [1, 7, 50, 1 << 20])
def test_words_over_the_ends_of_pieces_and_lines(encoding, size):
    text = f"first line\r\n{'x' * 30} Hauptstraße\r\n  17, Großdorf {'y ' * 40}\r\n"
    data = text.encode(encoding)
    if encoding == "utf-16":
        size += size % 2 + 1 if size > 1 else 1  # a mark is whole in the first piece
    first = max(size, 4)
    pieces = [data[:first], *(data[at : at + size] for at in range(first, len(data), size))]
    assert holds_words(iter(pieces), "hauptstrasse 17, grossdorf")
    assert holds_words(iter(pieces), "first line x") and holds_words(iter(pieces), "y y")
    assert not holds_words(iter(pieces), "hauptstrasse 18")
    assert not holds_words(iter(()), "a")
