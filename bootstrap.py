#!/usr/bin/env python3
"""Set sfm-archive up in this checkout and run it.

    python3 bootstrap.py demo [FOLDER] [...]   set up, then run `sfm demo` with whatever follows
    python3 bootstrap.py test                  set up, then ruff, ruff format, mypy and the tests; all of them,
                                               the long ones too, where the environment says CI=true
    python3 bootstrap.py test ARGUMENTS        set up, then only pytest with these arguments
    python3 bootstrap.py --help                this text

On Windows write `py` for `python3`. Needs Python 3.11 or later and, the first time, a connection to the
Python package index. Everything goes into `.venv` beside this file; deleting that folder undoes it. Run
again, it sets up only what pyproject.toml, another Python or a moved checkout has made out of date.
"""

# An old Python must be able to read this whole file, or it would answer with a syntax error in place of the
# sentence below. Hence: ASCII, no f-strings, and types in comments (mypy reads them). tests/test_bootstrap.py
# holds that.
# ruff: noqa: E402, RUF005, UP031

import sys

NEEDED = (3, 11)

if sys.version_info[:2] < NEEDED:
    sys.exit(
        "sfm-archive needs Python %d.%d or later; this is Python %s (%s). Install a newer one "
        "(https://www.python.org/downloads/) and run the same command with it."
        % (NEEDED + (".".join(str(part) for part in sys.version_info[:3]), sys.executable))
    )

import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP_NAME = "sfm-archive-stamp.txt"

# Steps of `test`, in order; the last one takes most of the time.
LINTS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format --check", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy",)),
)
# A worker without work takes half of what another has left, in order; so most tests of a file stay on one worker
# and its costly fixtures are made once or twice, and no worker is idle while another has a long file to go.
PYTEST_IN_PARALLEL = ("pytest", "-n", "auto", "--maxprocesses", "8", "--dist", "worksteal")
# In place of the marks that pyproject.toml leaves out of a run on a desk.
EVERYTHING = ("-m", "")


class SetupError(Exception):
    """Setting up cannot go on; the text says why and what to do."""


def stamp_digest(pyproject, python, root):
    # type: (bytes, str, str) -> str
    """What the environment was made from. The path counts because an editable install points to it."""
    digest = hashlib.sha256()
    for part in (pyproject, python.encode(), root.encode("utf-8", "surrogatepass")):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def stamp_text(digest, dev):
    # type: (str, bool) -> str
    return digest + "\n" + ("dev" if dev else "run") + "\n"


def stamp_fits(found, digest, dev):
    # type: (str, str, bool) -> bool
    """Whether an environment with this stamp will do; one with the test tools also runs the demo."""
    return found == stamp_text(digest, True) or (not dev and found == stamp_text(digest, False))


def current_digest():
    # type: () -> str
    python = platform.python_implementation() + " " + sys.version
    return stamp_digest((ROOT / "pyproject.toml").read_bytes(), python, str(ROOT))


def python_in(venv):
    # type: (Path) -> Path
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def child_environment(inherited):
    # type: (dict[str, str]) -> dict[str, str]
    """Without the settings of the caller's shell that would make the environment see other packages."""
    kept = {
        key: value
        for key, value in inherited.items()
        if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
        # Else each of the hundreds of processes of the tests would compile everything anew.
        and key != "PYTHONDONTWRITEBYTECODE"
    }
    kept["PIP_USER"] = "0"  # a pip.conf with `user = true` fails in an environment
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return kept


def run(command):
    # type: (list[str]) -> int
    sys.stdout.flush()
    return subprocess.call(command, cwd=str(ROOT), env=child_environment(dict(os.environ)))


def works(python):
    # type: (Path) -> bool
    """Whether the environment has a running Python of this version, with pip."""
    wanted = sys.version_info[:3]
    probe = "import sys, pip; sys.exit(sys.version_info[:3] != (%d, %d, %d))" % wanted
    silent = subprocess.DEVNULL
    try:
        return subprocess.call([str(python), "-I", "-c", probe], stdout=silent, stderr=silent) == 0
    except OSError:
        return False


def make_venv():
    # type: () -> None
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise SetupError(
            "This Python (%s) comes without its module %s, so it cannot make an environment. On Debian and "
            "Ubuntu: sudo apt install python%d.%d-venv; elsewhere install Python from "
            "https://www.python.org/downloads/. Then run the same command again."
            % ((sys.executable, " and ".join(missing)) + sys.version_info[:2])
        )
    if VENV.exists():
        if not (VENV / "pyvenv.cfg").is_file():
            raise SetupError("%s is there but is not a Python environment. Move it away and run again." % VENV)
        if Path(sys.prefix).resolve() == VENV.resolve():
            raise SetupError(
                "The environment %s has to be made anew but is the one running this command. "
                "Leave it (deactivate) and run the same command again." % VENV
            )
        shutil.rmtree(str(VENV))
    print("bootstrap: making the environment .venv with Python %s" % platform.python_version())
    if run([sys.executable, "-m", "venv", str(VENV)]) != 0:
        raise SetupError("The environment %s could not be made; the lines above say why." % VENV)


def set_up(dev):
    # type: (bool) -> Path
    """Return the environment's Python, with the project installed in it."""
    python = python_in(VENV)
    stamp = VENV / STAMP_NAME
    digest = current_digest()
    sound = works(python)
    if sound and stamp.is_file() and stamp_fits(stamp.read_text(encoding="utf-8"), digest, dev):
        return python
    if not sound:
        make_venv()
    # Without a stamp an interrupted installation is done again, never believed.
    if stamp.exists():
        stamp.unlink()
    project = ".[dev]" if dev else ".[plots]"
    print("bootstrap: installing the project%s into .venv" % (" and its test tools" if dev else ""))
    code = run([str(python), "-m", "pip", "install", "--quiet", "--editable", project])
    if code != 0:
        raise SetupError(
            "pip could not install the project (exit code %d); its lines above say why. Most often there is "
            "no connection to the package index: check it (or set PIP_INDEX_URL, HTTPS_PROXY) and run the "
            "same command again." % code
        )
    stamp.write_text(stamp_text(digest, dev), encoding="utf-8")
    return python


def demo(arguments):
    # type: (list[str]) -> int
    python = set_up(dev=False)
    script = "sfm.exe" if os.name == "nt" else "sfm"
    # The caller's own folder, so that a relative FOLDER is where they expect it.
    sys.stdout.flush()
    code = subprocess.call(
        [str(python.parent / script), "demo"] + arguments,
        env=child_environment(dict(os.environ)),
    )
    activate = '"%s"' % (python.parent / "activate")
    print("bootstrap: sfm is in .venv; in this shell: " + (activate if os.name == "nt" else ". " + activate))
    return code


def test(arguments):
    # type: (list[str]) -> int
    python = str(set_up(dev=True))
    if arguments:
        return run([python, "-m", "pytest"] + arguments)
    tests = PYTEST_IN_PARALLEL + (EVERYTHING if os.environ.get("CI") else ())
    for name, command in LINTS + (("pytest", tests),):
        print("bootstrap: " + name)
        code = run([python, "-m"] + list(command))
        if code != 0:
            sys.stdout.flush()
            sys.stderr.write("bootstrap: FAILED at %s (exit code %d)\n" % (name, code))
            return code
    return 0


def main(arguments):
    # type: (list[str]) -> int
    if arguments[:1] in (["-h"], ["--help"], ["help"]):
        print(__doc__)
        return 0
    actions = {"demo": demo, "test": test}
    if not arguments or arguments[0] not in actions:
        given = repr(arguments[0]) if arguments else "nothing"
        sys.stderr.write("%s\nbootstrap: expected demo or test, got %s\n" % (__doc__, given))
        return 2
    try:
        return actions[arguments[0]](arguments[1:])
    except SetupError as error:
        sys.stdout.flush()
        sys.stderr.write("bootstrap: " + str(error) + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nbootstrap: interrupted; run the same command again to go on\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
