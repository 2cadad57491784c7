"""The firm's settings of an archive, a user's own file, and what counts of both for a command."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import sfm_archive as sfm
from sfm_archive.cli import main
from sfm_archive.cli.preferences import users_file
from sfm_archive.model.preferences import KEYS, Preferences
from sfm_archive.sites.firm import LARGEST_LOGO
from sfm_archive.sites.preferences import preferences_from, with_keys
from tests.formats.test_pictures import made


@pytest.fixture
def quarry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sfm.Archive]:
    monkeypatch.setenv("SFM_CONFIG", str(tmp_path / "own" / "config.toml"))
    monkeypatch.chdir(tmp_path)
    Path("rock.png").write_bytes(made("PNG", 300, 100))
    with sfm.create(tmp_path / "quarry.sfm", actor="tester") as archive:
        yield archive


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result


def test_the_firm_is_stated_with_its_logo_changed_and_withdrawn(quarry: sfm.Archive) -> None:
    assert sfm.stated_firm(quarry) is None and sfm.firm_logo(quarry) is None
    said = sfm.state_firm(quarry, name="Rock  Consult", address=["Main Street 1", ""], logo="rock.png", by="A. Miller")
    assert (said.number, said.new, said.what) == (1, True, "firm Rock Consult, Main Street 1, logo rock.png")
    found = sfm.stated_firm(quarry)
    assert found is not None
    assert (found.name, found.address, found.logo, found.decided_by) == (
        "Rock Consult",
        ("Main Street 1",),
        "rock.png",
        "A. Miller",
    )
    assert sfm.firm_logo(quarry) == Path("rock.png").read_bytes()
    assert not sfm.state_firm(quarry, name="Rock Consult").new
    with pytest.raises(sfm.UsageError, match=r"is stated already .* say why it is other with --reason"):
        sfm.state_firm(quarry, paper="letter")
    sfm.state_firm(quarry, paper="letter", limits=["din", "5 mm/s"], without_logo=True, reason="for the US client")
    found = sfm.stated_firm(quarry)
    assert found is not None
    assert (found.name, found.logo, found.paper, found.limits) == ("Rock Consult", "", "letter", ("din", "5mm/s"))
    assert sfm.firm_logo(quarry) is None
    with pytest.raises(sfm.UsageError, match="needs a reason"):
        sfm.withdraw_firm(quarry, reason="")
    assert sfm.withdraw_firm(quarry, reason="sold").withdrawn
    assert sfm.stated_firm(quarry) is None
    with pytest.raises(sfm.NotFound, match="states nothing of a firm"):
        sfm.withdraw_firm(quarry, reason="sold")
    assert sfm.state_firm(quarry, name="Other").number == 2
    assert quarry.verify().ok


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"paper": "a5"}, "no paper"),
        ({"units": "cm/s"}, "no unit of velocity"),
        ({"language": "German"}, "no language"),
        ({"limits": ["dni"]}, "dni"),
        ({"limits": ["point"], "airblast": "120dB"}, "points have limits of airblast of their own"),
        ({"airblast": "loud"}, "loud"),
        ({}, "nothing is said"),
        ({"logo": "rock.png", "without_logo": True}, "not both"),
        ({"logo": "empty.png"}, "is empty"),
        ({"logo": "large.png"}, "bytes"),
        ({"logo": "wide.png"}, r"5,001 × 1 pixels"),
        ({"name": ""}, "nothing to take back"),
    ],
)
def test_what_no_output_can_be_is_refused(quarry: sfm.Archive, said: dict[str, object], message: str) -> None:
    Path("empty.png").touch()
    Path("large.png").write_bytes(bytes(LARGEST_LOGO + 1))
    Path("wide.png").write_bytes(made("PNG", 5001, 1))
    with pytest.raises((sfm.UsageError, sfm.NotFound), match=message):
        sfm.state_firm(quarry, **said)  # type: ignore[arg-type]
    assert sfm.stated_firm(quarry) is None and len(list(quarry.history())) == 1


def test_a_logo_that_is_no_picture_and_one_that_is_not_there(quarry: sfm.Archive) -> None:
    Path("logo.svg").write_text("<svg/>", encoding="ascii")
    with pytest.raises(sfm.BadInput, match=r"logo\.svg: it is neither PNG nor JPEG; give a whole PNG or JPEG"):
        sfm.state_firm(quarry, logo="logo.svg")
    with pytest.raises(sfm.NotFound):
        sfm.state_firm(quarry, logo="missing.png")


def test_a_file_with_curves_belongs_to_a_point(quarry: sfm.Archive) -> None:
    Path("permit.csv").write_text("Hz,mm/s\n1,5\n100,5\n", encoding="ascii")
    with pytest.raises(sfm.UsageError, match="belongs to a point"):
        sfm.state_firm(quarry, limits=["permit.csv"])


def test_logo_and_settings_survive_backup_seal_and_salvage(quarry: sfm.Archive, tmp_path: Path) -> None:
    sfm.state_firm(quarry, name="Rock", logo="rock.png", paper="letter")
    logo = Path("rock.png").read_bytes()
    quarry.backup(tmp_path / "copy.sfm")
    quarry.seal(tmp_path / "sealed.sfm")
    sfm.salvage(tmp_path / "copy.sfm", tmp_path / "salvaged.sfm")
    for name in ("copy.sfm", "sealed.sfm", "salvaged.sfm"):
        with sfm.open(tmp_path / name, read_only=True) as other:
            found = sfm.stated_firm(other)
            assert found is not None and (found.name, found.paper) == ("Rock", "letter"), name
            assert sfm.firm_logo(other) == logo, name
            assert sfm.preferred(other).preferences.paper == "letter"
            assert other.verify().ok


def test_an_altered_logo_is_damage_and_is_named(quarry: sfm.Archive) -> None:
    sfm.state_firm(quarry, name="Rock", logo="rock.png")
    with quarry.store.transaction() as connection:
        row = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'file_piece_is_never_changed'").fetchone()
        connection.execute("DROP TRIGGER file_piece_is_never_changed")
        connection.execute("UPDATE file_piece SET data = zeroblob(length(data))")
        connection.execute(row[0])
    with pytest.raises(sfm.Damaged, match=r"logo rock\.png"):
        sfm.firm_logo(quarry)
    assert "logo rock.png" in " ".join(one.subject for one in quarry.verify().damage)


def test_options_count_before_the_archive_and_that_before_the_users_file(quarry: sfm.Archive) -> None:
    path = str(quarry.path)
    run("config", "--paper", "letter", "--units", "in/s", "--name", "Own Firm")
    run("firm", path, "--units", "mm/s", "--signature", "A. Miller")
    document = json.loads(run("config", path, "--json").stdout)
    own = str(users_file())
    assert document["preferred"]["said_by"] == {"paper": own, "units": "archive", "signature": "archive"}
    assert document["preferred"]["preferences"]["name"] == ""  # the archive says whose it is, and not by which name
    assert json.loads(run("list", path, "--json").stdout)["unit"] == "mm/s"
    assert json.loads(run("list", path, "--json", "--units", "in/s").stdout)["unit"] == "in/s"
    assert json.loads(run("summary", path, "--json").stdout)["unit"] == "mm/s"
    sfm.withdraw_firm(quarry, reason="x")
    assert json.loads(run("list", path, "--json").stdout)["unit"] == "in/s"


def test_limits_that_are_stated_are_those_of_a_summary_and_ask_for_no_exit_code(quarry: sfm.Archive) -> None:
    path = str(quarry.path)
    run("firm", path, "--limits", "12mm/s", "--airblast", "120dB")
    stated = run("summary", path)
    assert "limits: 12mm/s" in stated.stderr.replace("12 mm/s", "12mm/s") and "120" in stated.stderr
    assert "nothing was compared" not in stated.stderr
    asked = run("summary", path, "--limits", "usbm", code=1)
    assert "nothing was compared with the limits" in asked.stderr
    run("summary", path, "--limits", "point", code=1)  # whose airblast limits are those of points


def test_a_sealed_archive_says_what_it_states(quarry: sfm.Archive, tmp_path: Path) -> None:
    sfm.state_firm(quarry, units="mm/s", paper="letter")
    quarry.seal(tmp_path / "sealed.sfm")
    (tmp_path / "sealed.sfm").chmod(stat.S_IRUSR)
    assert json.loads(run("list", "sealed.sfm", "--json").stdout)["unit"] == "mm/s"
    assert "paper    letter" in run("firm", "sealed.sfm").stdout
    with sfm.open("sealed.sfm", read_only=True) as sealed, pytest.raises(sfm.ReadOnlyArchive):
        sfm.state_firm(sealed, paper="a4", reason="x")


def test_a_report_is_on_the_paper_that_is_stated(quarry: sfm.Archive, tmp_path: Path) -> None:
    from pypdf import PdfReader

    from sfm_archive.demo import captures

    path = str(quarry.path)
    quarry.import_from(*captures()[:1])
    run("firm", path, "--paper", "letter")
    run("report", path, "1", "-o", "letter.pdf")
    run("report", path, "1", "--paper", "a4", "-o", "a4.pdf")
    widths = [round(float(PdfReader(name).pages[0].mediabox.width)) for name in ("letter.pdf", "a4.pdf")]
    assert widths == [612, 595]


def test_the_users_file_may_have_a_logo_beside_it(quarry: sfm.Archive) -> None:
    run("config", "--logo", "rock.png", "--name", "Own Firm")
    said = sfm.read_preferences(users_file())
    assert Path(said.logo) == Path("rock.png").absolute()
    found = sfm.preferred(quarry, users=said)
    assert sfm.preferred_logo(quarry, found) == Path("rock.png").read_bytes()
    users_file().write_text('logo = "own.png"\n', encoding="utf-8")
    assert Path(sfm.read_preferences(users_file()).logo) == users_file().parent / "own.png"
    with pytest.raises(sfm.NotFound, match=r"own\.png"):
        sfm.preferred_logo(quarry, sfm.preferred(quarry, users=sfm.read_preferences(users_file())))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('papper = "a4"', "there is no key 'papper'; there are name, address"),
        ('paper = "a5"', "'a5' is no paper"),
        ("paper = 4", 'paper must be text, written paper = "…"'),
        ("limits = [1]", 'written limits = ["…", "…"]'),
        ('paper = "a4', "is no TOML"),
        ('[paper]\nsize = "a4"', "paper must be text"),
    ],
)
def test_a_wrong_line_of_the_users_file_is_said_with_its_name(quarry: sfm.Archive, text: str, says: str) -> None:
    users_file().parent.mkdir()
    users_file().write_text(text, encoding="utf-8")
    result = run("list", str(quarry.path), code=2)
    assert str(users_file()) in result.stderr and says in result.stderr


def test_the_users_file_that_is_no_text_is_said(quarry: sfm.Archive) -> None:
    users_file().parent.mkdir()
    users_file().write_bytes(b"\xff\xfe\x00")
    assert "is not in UTF-8" in run("list", str(quarry.path), code=2).stderr


def test_what_else_stands_in_the_users_file_stays(quarry: sfm.Archive) -> None:
    users_file().parent.mkdir()
    users_file().write_text('# mine\npaper = "letter"  # US\n\nunits = "in/s"\n', encoding="utf-8")
    run("config", "--paper", "a4", "--unset", "units", "--limits", "din", "--limits", "12mm/s")
    assert users_file().read_text(encoding="utf-8") == '# mine\n\npaper = "a4"\nlimits = ["din", "12mm/s"]\n'
    users_file().write_text('limits = [\n  "din",\n]\n', encoding="utf-8")
    assert "over several lines; change it by hand" in run("config", "--limits", "bs", code=2).stderr
    assert users_file().read_text(encoding="utf-8") == 'limits = [\n  "din",\n]\n'


@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    address=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=3),
)
def test_any_text_is_kept_in_the_users_file_as_it_is(name: str, address: list[str]) -> None:
    made_of = with_keys('paper = "a4"\n', "config.toml", {"name": name, "address": tuple(address)})
    assert preferences_from(made_of, "config.toml") == Preferences(paper="a4", name=name, address=tuple(address))


@pytest.mark.posix("XDG folders")
def test_the_users_file_stands_where_the_system_wants_it(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    environment.pop("SFM_CONFIG")
    done = subprocess.run(
        [sys.executable, "-m", "sfm_archive", "config", "--paper", "letter", "--json"],
        env=environment, capture_output=True, check=True, timeout=50,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["preferred"]["preferences"]["paper"] == "letter"
    if sys.platform == "linux":
        assert document["file"] == str(tmp_path / "sfm-archive" / "config.toml")


def test_setting_and_unsetting_one_thing_and_defaults_of_an_archive_are_refused(quarry: sfm.Archive) -> None:
    assert "exclude each other" in run("config", "--paper", "a4", "--unset", "paper", code=2).stderr
    assert "sfm firm states those" in run("config", str(quarry.path), "--paper", "a4", code=2).stderr
    assert "no language of reports" in run("config", "--language", "xx", code=2).stderr
    assert not users_file().exists()


def test_every_part_can_be_stated_by_both_commands(quarry: sfm.Archive) -> None:
    given = ["--name", "Rock", "--address", "Main Street 1", "--signature", "A", "--logo", "rock.png", "--paper", "a4"]
    given += ["--language", "de", "--units", "mm/s", "--limits", "din", "--airblast", "120dB"]
    run("firm", str(quarry.path), *given)
    run("config", *given)
    for said in (sfm.preferred(quarry).preferences, sfm.read_preferences(users_file())):
        assert all(getattr(said, key) for key in KEYS)
