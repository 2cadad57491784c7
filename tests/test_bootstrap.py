"""bootstrap.py without making environments: its stamp, its words to an old Python, its command line."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BOOTSTRAP = Path(__file__).resolve().parents[1] / "bootstrap.py"


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", BOOTSTRAP)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)


# --- the stamp ---


def test_the_same_project_python_and_place_give_the_same_stamp(bootstrap: ModuleType) -> None:
    assert bootstrap.stamp_digest(b"toml", "3.12", "/a") == bootstrap.stamp_digest(b"toml", "3.12", "/a")


@pytest.mark.parametrize(
    "other",
    [(b"other", "3.12", "/a"), (b"toml", "3.13", "/a"), (b"toml", "3.12", "/b"), (b"toml3", ".12", "/a")],
)
def test_a_change_of_project_python_or_place_changes_the_stamp(
    bootstrap: ModuleType, other: tuple[bytes, str, str]
) -> None:
    assert bootstrap.stamp_digest(*other) != bootstrap.stamp_digest(b"toml", "3.12", "/a")


@pytest.mark.parametrize(
    ("made_for_tests", "wanted_for_tests", "fits"),
    [(False, False, True), (True, True, True), (True, False, True), (False, True, False)],
)
def test_an_environment_with_the_test_tools_also_runs_the_demo(
    bootstrap: ModuleType, made_for_tests: bool, wanted_for_tests: bool, fits: bool
) -> None:
    found = bootstrap.stamp_text("digest", made_for_tests)
    assert bootstrap.stamp_fits(found, "digest", wanted_for_tests) is fits


@pytest.mark.parametrize("found", ["", "digest", "other\ndev\n", "digest\ndev\nmore"])
def test_a_stamp_that_is_not_whole_fits_nothing(bootstrap: ModuleType, found: str) -> None:
    assert not bootstrap.stamp_fits(found, "digest", True)
    assert not bootstrap.stamp_fits(found, "digest", False)


# --- old and incomplete Pythons ---


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 99)])
def test_an_old_python_is_told_so_in_one_line(version: tuple[int, int, int]) -> None:
    pretend = (
        "import runpy, sys; "
        f"sys.version_info = {(*version, 'final', 0)!r}; "
        f"sys.argv = ['bootstrap.py', 'demo']; runpy.run_path({str(BOOTSTRAP)!r}, run_name='__main__')"
    )
    done = run("-c", pretend)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    dotted = ".".join(map(str, version))
    assert line.startswith(f"sfm-archive needs Python 3.11 or later; this is Python {dotted} ({sys.executable})")


def test_an_old_python_can_read_the_whole_file() -> None:
    """Nothing newer than Python 2.7's grammar, else the answer is a syntax error in place of that line."""
    text = BOOTSTRAP.read_bytes().decode("ascii")
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, ast.JoinedStr | ast.AnnAssign | ast.NamedExpr | ast.Match | ast.AsyncFunctionDef)
        assert not isinstance(node, ast.Starred), node.lineno
        if isinstance(node, ast.FunctionDef):
            given = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
            assert [argument.annotation for argument in given] == [None] * len(node.args.args), node.name
            assert node.returns is None, node.name
        if isinstance(node, ast.Raise):
            assert node.cause is None, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            assert len(node.args) == 1 and not node.keywords, node.lineno


def test_the_version_is_checked_before_anything_else_is_imported() -> None:
    body = ast.parse(BOOTSTRAP.read_bytes()).body
    check = next(index for index, node in enumerate(body) if isinstance(node, ast.If))
    imports = [node for node in body[:check] if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import sys"]


def test_a_python_without_venv_is_told_what_to_install(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bootstrap.SetupError, match=r"module venv and ensurepip.*python3\.\d+-venv"):
        bootstrap.make_venv()
    assert not (tmp_path / ".venv").exists()


def test_a_folder_that_is_no_environment_is_left_alone(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine.txt").write_text("mine", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    with pytest.raises(bootstrap.SetupError, match="not a Python environment"):
        bootstrap.make_venv()
    assert (tmp_path / ".venv" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_failing_pip_leaves_no_stamp(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / bootstrap.STAMP_NAME
    stamp.write_text("made from something else", encoding="utf-8")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "works", lambda python: True)
    monkeypatch.setattr(bootstrap, "run", lambda command: 7)
    with pytest.raises(bootstrap.SetupError, match=r"exit code 7.*package index"):
        bootstrap.set_up(dev=True)
    assert not stamp.exists()


# --- the command line ---


def test_help_names_both_actions() -> None:
    done = run(str(BOOTSTRAP), "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "bootstrap.py demo" in done.stdout
    assert "bootstrap.py test" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("build",)])
def test_anything_else_is_a_usage_error(arguments: tuple[str, ...]) -> None:
    done = run(str(BOOTSTRAP), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("bootstrap: expected demo or test, got ")


def commands_of(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, arguments: list[str], failing: str = ""
) -> tuple[int, list[str]]:
    """Run `test` with everything replaced that starts a process; the exit code and what would have run."""
    ran: list[str] = []

    def fake_run(command: list[str]) -> int:
        ran.append(" ".join(command[2:]))
        return 3 if failing and failing in ran[-1] else 0

    monkeypatch.setattr(bootstrap, "set_up", lambda dev: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "run", fake_run)
    return bootstrap.main(["test", *arguments]), ran


def test_test_runs_every_step_in_order(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    code, ran = commands_of(bootstrap, monkeypatch, [])
    assert code == 0
    assert ran[:3] == ["ruff check .", "ruff format --check .", "mypy"]
    assert [command.split()[0] for command in ran[3:]] == ["pytest"]


@pytest.mark.parametrize(("environment", "all_of_them"), [("", False), ("true", True)])
def test_only_where_ci_is_set_the_long_tests_run_too(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, environment: str, all_of_them: bool
) -> None:
    monkeypatch.setenv("CI", environment)
    ran: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "set_up", lambda dev: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "run", lambda command: ran.append(command) or 0)
    assert bootstrap.main(["test"]) == 0
    assert (ran[-1][-2:] == ["-m", ""]) is all_of_them


def test_test_stops_at_the_first_failing_step(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, ran = commands_of(bootstrap, monkeypatch, [], failing="format")
    assert code == 3
    assert ran == ["ruff check .", "ruff format --check ."]
    assert capsys.readouterr().err == "bootstrap: FAILED at ruff format --check (exit code 3)\n"


def test_arguments_go_to_pytest_alone(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    code, ran = commands_of(bootstrap, monkeypatch, ["-k", "names"], failing="pytest")
    assert (code, ran) == (3, ["pytest -k names"])


def test_the_callers_python_settings_do_not_reach_the_environment(bootstrap: ModuleType) -> None:
    inherited = {
        "PYTHONPATH": "x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": "y",
        "PIP_INDEX_URL": "kept",
        "PATH": os.defpath,
    }
    made = bootstrap.child_environment(inherited)
    assert "PYTHONPATH" not in made and "PYTHONDONTWRITEBYTECODE" not in made and "VIRTUAL_ENV" not in made
    assert (made["PIP_INDEX_URL"], made["PIP_USER"]) == ("kept", "0")


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    (command,) = [
        line.removeprefix("exec ")
        for line in (BOOTSTRAP.parent / ".ci" / "run").read_text(encoding="utf-8").splitlines()
        if line.startswith("exec ")
    ]
    assert command == "python3 bootstrap.py test"
    assert command in (BOOTSTRAP.parent / "README.md").read_text(encoding="utf-8")
    assert "export CI=true" in (BOOTSTRAP.parent / ".ci" / "run").read_text(encoding="utf-8")
