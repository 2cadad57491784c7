"""A sealed archive: everything reads it, nothing writes into it, whoever may write the file."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import apsw
import pytest

import sfm_archive
from sfm_archive.cli import COMMANDS
from sfm_archive.demo import captures

REFUSED = {
    "import": ["import SEALED CAPTURES", "import SEALED CAPTURES --dry-run", "import SEALED CAPTURES --create"],
    "merge": ["merge SEALED other.sfm", "merge SEALED other.sfm --dry-run"],
    "join": ["join SEALED R.TXT 1 --reason x"],
    "review": ["review SEALED 1 --false-trigger --reason truck"],
    "encoders": ["encoders SEALED --pin blastware@1"],
    "decoders": ["decoders SEALED --pin waveform@1"],
    "reencode": ["reencode SEALED --encoder blastware@3"],
    "zones": ["zones SEALED BE11529 Europe/Berlin"],
    "settings": ["settings SEALED BE11529 --range sensitive --reason log"],
    "correct": ["correct SEALED BE11529 --project x --reason log"],
    "job": ["job add SEALED South", "job add SEALED South --dry-run"],
    "point": ["point add SEALED North Church"],
    "place": ["place SEALED BE11529 --at School --from 2026-05-01"],
    "unit": ["unit SEALED BE11529 --calibrated 2026-02-11 --valid 12months"],
    "blast": ["blast add SEALED North --at 2026-05-01T13:16 --zone UTC"],
    "firm": ["firm SEALED --name Rock"],
    "mark": ["mark SEALED may"],
    "watch": ["watch SEALED ."],
    "rebuild": ["rebuild SEALED", "rebuild SEALED --dry-run"],
    "compact": ["compact SEALED"],
    "analyse": ["analyse SEALED"],
    "seal": ["seal SEALED new.sfm"],
}
READS = {
    "list": "list SEALED",
    "find": "find a SEALED",
    "waiting": "waiting SEALED",
    "show": "show SEALED 1",
    "export": "export SEALED out 1",
    "handovers": "handovers SEALED",
    "verify": "verify SEALED",
    "diff": "diff SEALED 1 --encoders blastware@1,blastware@1",
    "jobs": "jobs SEALED",
    "config": "config SEALED",
    "history": "history SEALED --verify",
    "page": "page SEALED 1 -o pages",
    "plot": "plot SEALED 1 -o out.png",
    "report": "report SEALED -o out.pdf",
    "summary": "summary SEALED",
    "coverage": "coverage SEALED",
    "export-data": "export-data SEALED data --format csv",
    "write": "write SEALED 1 --as csv --to .",
    "backup": "backup SEALED copy.sfm",
    "extract": "extract SEALED new.sfm --serial BE11529",
    "salvage": "salvage SEALED salvaged.sfm",
    "info": "info SEALED",
}
ELSEWHERE = {"attenuation", "check-file", "check-report", "completion", "create", "demo", "plugins", "serve"}
"""Commands that need no archive, or of this one only what they have nothing of, or that go on without end."""


@pytest.fixture
def sealed(sfm, quarry):
    """A sealed archive that everybody may write, as root may: what refuses is the file itself."""
    sfm("job", "add", quarry, "North")
    sfm("point", "add", quarry, "North", "School")
    sfm("seal", quarry, "sealed.sfm")
    sfm("create", "other.sfm")
    Path("sealed.sfm").chmod(0o644)
    return "sealed.sfm"


def test_every_command_is_one_or_the_other():
    assert {*REFUSED, *READS, *ELSEWHERE} == set(COMMANDS)


def test_what_would_write_is_refused_before_it_begins(sfm, sealed):
    data, there = Path(sealed).read_bytes(), {path.name for path in sfm.folder.iterdir()}
    given = {"SEALED": [sealed], "CAPTURES": captures()}
    for command, lines in REFUSED.items():
        for line in lines:
            said = sfm.error(*(word for part in line.split() for word in given.get(part, [part])), code=6)
            assert said.startswith("sealed.sfm is sealed"), line
            assert "sfm backup --unsealed sealed.sfm NEW" in said or command == "seal", line
            assert Path(sealed).read_bytes() == data, line
    assert {path.name for path in sfm.folder.iterdir()} == there


def test_what_reads_leaves_no_record_and_the_sheet_fits(sfm, sealed):
    data = Path(sealed).read_bytes()
    for line in READS.values():
        done = sfm(*(sealed if word == "SEALED" else word for word in line.split()))
        assert Path(sealed).read_bytes() == data, line
        records = done.stderr.count("no hand-over record was left: the archive is sealed")
        assert records == (line.split()[0] in ("export", "report", "export-data")), line
    sheet = Path("sealed.sfm.verification.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(data).hexdigest() in sheet
    assert not list(sfm.folder.glob("sealed.sfm-*"))


def test_what_is_merged_out_of_it_is_all_but_its_seal(sfm, sealed, quarry):
    sealed_bytes = Path(sealed).read_bytes()
    sfm("merge", "other.sfm", sealed)
    assert Path(sealed).read_bytes() == sealed_bytes
    assert sfm.json("info", "other.sfm")["events"] == sfm.json("info", quarry)["events"]
    assert sfm.json("info", "other.sfm")["sealed"] is False
    assert "everything is intact" in sfm("verify", "other.sfm").stdout
    sfm("mark", "other.sfm", "goes on")
    before = sfm.json("info", quarry)["history_head"]
    sfm("merge", quarry, sealed)
    assert sfm.json("info", quarry)["history_head"] == before, "it has all of it, and no row of it is new"


def test_it_says_that_it_is_sealed(sfm, sealed, quarry):
    assert sfm.json("info", sealed)["sealed"] is True and sfm.json("info", quarry)["sealed"] is False
    assert sfm.json("show", sealed, "1")["sealed"] is True and sfm.json("show", quarry, "1")["sealed"] is False
    assert sfm.json("verify", sealed)["sealed"] is True and sfm.json("verify", quarry)["sealed"] is False
    for command in (["info", sealed], ["show", sealed, "1"], ["verify", sealed]):
        assert "nothing is written into the file any more" in sfm(*command).stdout
    assert sfm.json("history", sealed)["changes"][-1]["action"] == "seal"
    before = sfm.json("info", quarry)["history_length"]
    assert sfm.json("info", sealed)["history_length"] == before + 1


def test_a_program_is_refused_too(sfm, sealed):
    with pytest.raises(sfm_archive.SealedArchive, match="is sealed, nothing is written into it"):
        sfm_archive.open(sealed)
    with (
        sfm_archive.open(sealed, read_only=True) as archive,
        pytest.raises(sfm_archive.SealedArchive, match="--unsealed"),
    ):
        archive.review(1, false_trigger=True, notes="truck")


def test_a_trigger_of_the_file_refuses_other_programs(sealed):
    connection = apsw.Connection(sealed)
    try:
        with pytest.raises(apsw.ConstraintError, match="the archive is sealed"):
            connection.execute(
                "INSERT INTO history SELECT sequence + 1, at_utc, actor, tool, action, event_id, detail, rows, sha256"
                " FROM history ORDER BY sequence DESC LIMIT 1"
            )
    finally:
        connection.close()


def test_a_copy_is_sealed_too_byte_for_byte(sfm, sealed):
    document = sfm.json("backup", sealed, "copy.sfm")
    assert document["sealed"] is True
    assert Path("copy.sfm").read_bytes() == Path(sealed).read_bytes()
    if os.name != "nt":
        assert stat.S_IMODE(Path("copy.sfm").stat().st_mode) == 0o444
    assert sfm.error("mark", "copy.sfm", "x", code=6).startswith("copy.sfm is sealed")


def test_an_unsealed_copy_says_whose_it_is_and_goes_on(sfm, sealed, quarry):
    of = sfm.json("info", sealed)
    document = sfm.json("backup", sealed, "work.sfm", "--unsealed", "--actor", "Zoë")
    assert document["sealed"] is False and document["history_length"] == of["history_length"] + 1
    (change,) = sfm.json("history", "work.sfm", "--limit", "1")["changes"]
    assert (change["action"], change["actor"]) == ("copy unsealed", "Zoë")
    assert change["previous_sha256"] == of["history_head"]
    named = {key: of[key] for key in ("archive_id", "history_length", "history_head")}
    assert change["detail"] == named or all(str(value) in str(change["detail"]) for value in named.values())
    assert sfm.json("info", "work.sfm")["archive_id"] == sfm.json("info", quarry)["archive_id"]
    sfm("mark", "work.sfm", "first work")
    sfm("export", "work.sfm", "out", "1")
    assert "everything is intact" in sfm("verify", "work.sfm").stdout
    sfm("seal", "work.sfm", "again.sfm")
    assert sfm.json("verify", "again.sfm")["sealed"] is True
    sfm("backup", "again.sfm", "more.sfm", "--unsealed")
    assert "everything is intact" in sfm("verify", "more.sfm").stdout


def test_there_is_no_unsealed_copy_of_what_is_not_sealed(sfm, quarry):
    assert "is not sealed; leave --unsealed out" in sfm.error("backup", quarry, "work.sfm", "--unsealed", code=2)
    assert not Path("work.sfm").exists()


def test_a_salvage_of_it_says_what_it_makes(sfm, sealed, quarry):
    assert (
        "the old archive was sealed; the new one is another archive, not sealed"
        in sfm("salvage", sealed, "new.sfm").stdout
    )
    assert sfm.json("salvage", quarry, "plain.sfm")["was_sealed"] is False
    assert sfm.json("info", "new.sfm")["sealed"] is False
    assert "everything is intact" in sfm("verify", "new.sfm").stdout
    sfm("mark", "new.sfm", "goes on")


def test_as_it_was_before_the_seal_it_is_looked_at(sfm, sealed, quarry):
    last = str(sfm.json("info", quarry)["history_length"])
    assert sfm("list", sealed, "--as-of", last).stdout == sfm("list", quarry, "--as-of", last).stdout
    with sfm_archive.open(sealed, as_of=last) as archive:
        assert not archive.info().sealed


DROPPED = "history_is_never_removed", "history_ends_with_a_seal", "seal_is_never_removed", "seal_is_never_changed"


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM history WHERE action = 'seal'", "its end was cut off"),
        ("DELETE FROM seal", "was received and is not there any more"),
        ("UPDATE seal SET sealed = 0", "that the archive is not sealed: was altered"),
    ],
)
def test_verify_names_what_another_tool_did_to_the_seal(sfm, sealed, statement, sentence):
    with _without_triggers(sealed) as connection:
        connection.execute(statement)
    assert sentence in sfm("verify", sealed, code=5).stdout


def test_verify_names_a_change_behind_the_seal(sfm, sealed, quarry):
    with _without_triggers(sealed) as connection:
        from sfm_archive.storage.changes import MarkHead
        from sfm_archive.storage.writing import Writing

        Writing(connection).note(MarkHead(name="sly"), "somebody")
    length = sfm.json("info", sealed)["history_length"]
    said = sfm("verify", sealed, code=5).stdout
    assert f"history row {length}: was written behind change {length - 1}, which sealed the archive" in said


def test_verify_names_a_copy_that_says_what_is_not_so(sfm, quarry):
    from sfm_archive.storage import seals
    from sfm_archive.storage.changes import CopyUnsealed
    from sfm_archive.storage.writing import Writing

    with _without_triggers(quarry) as connection:
        writing = Writing(connection)
        seals.go_on(writing)
        writing.note(CopyUnsealed(archive_id="0" * 32, history_length=4, history_head="0" * 64), "somebody")
    assert "the change before it is not its last one" in sfm("verify", quarry, code=5).stdout


class _without_triggers:  # noqa: N801 - used like a function
    """A connection on which nothing of the archive's triggers stands in the way; they are there again behind it."""

    def __init__(self, path: str) -> None:
        self._connection = apsw.Connection(str(path))
        found = self._connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        self._triggers = [(name, sql) for name, sql in found if name in DROPPED]

    def __enter__(self) -> apsw.Connection:
        for name, _ in self._triggers:
            self._connection.execute(f"DROP TRIGGER {name}")
        return self._connection

    def __exit__(self, *_: object) -> None:
        for _, sql in self._triggers:
            self._connection.execute(sql)
        self._connection.close()
