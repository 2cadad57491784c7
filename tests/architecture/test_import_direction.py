"""The house of docs/architecture.md, held by parsing every import: an arrow may only point down.

Imports inside functions count, but for the archive's own: its methods name services that nobody pays for before they
are called. Imports for types only (`if TYPE_CHECKING:`) do not count. The second half proves on small wrong trees that
each rule can fail.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "sfm_archive"


class Floor(IntEnum):
    """Higher floors may use lower ones."""

    ERRORS = 1
    BASE = 2
    MODEL = 3
    PURE = 4
    STORAGE_AND_PLUGINS = 5
    ARCHIVE = 6
    SERVICES = 7
    FACE = 8
    COMMAND_LINE = 9


FLOOR_OF_ROOM = {
    "errors": Floor.ERRORS,
    "base": Floor.BASE,
    "model": Floor.MODEL,
    "files": Floor.PURE,
    "formats": Floor.PURE,
    "limits": Floor.PURE,
    "waveforms": Floor.PURE,
    "storage": Floor.STORAGE_AND_PLUGINS,
    "plugins": Floor.STORAGE_AND_PLUGINS,
    "archive": Floor.ARCHIVE,
    "analysing": Floor.SERVICES,
    "exporting": Floor.SERVICES,
    "importing": Floor.SERVICES,
    "maintaining": Floor.SERVICES,
    "moving": Floor.SERVICES,
    "reporting": Floor.SERVICES,
    "sites": Floor.SERVICES,
    "tables": Floor.SERVICES,
    "verifying": Floor.SERVICES,
    "watching": Floor.SERVICES,
    # What a program imports by name: these hand on rooms below, and nothing below imports them.
    "": Floor.FACE,
    "older_store": Floor.FACE,
    "demo": Floor.FACE,
    "cli": Floor.COMMAND_LINE,
    "web": Floor.COMMAND_LINE,
    # Tries to break archives, with commands too: it looks into the file itself, and knows how the archive works.
    "selftest": Floor.COMMAND_LINE,
    "__main__": Floor.COMMAND_LINE,
}
"""Every room. `testing` stands beside the floors: see ROOMS_TESTING_MAY_USE."""

ROOMS_TESTING_MAY_USE = {"", "errors", "formats", "model", "plugins"}
ROOMS_THAT_MAY_USE_TESTING = {"demo", "selftest"}
ROOMS_ON_THE_STANDARD_LIBRARY = {"errors", "base", "model", "files", "formats", "limits"}

MORE_FOR_PLUGINS = {
    "sfm_formats": {
        f"{PROJECT}.waveforms",
        *(f"{PROJECT}.tables.{name}" for name in ("ascii_text", "hdf5", "parquet", "streams", "tables")),
    },
}
"""What a plug-in of this repository may import besides the plug-in API: public rooms only."""

ONLY_IN: dict[str, Callable[[str], bool]] = {
    "apsw": lambda name: _inside(name, "storage") or _inside(name, "selftest"),
    "click": lambda name: _inside(name, "cli") or name == f"{PROJECT}.base.progress",
    "msgpack": lambda name: name == f"{PROJECT}.formats.frame_blob",
    "zstandard": lambda name: name == f"{PROJECT}.formats.frame_blob",
    "matplotlib": lambda name: _inside(name, "reporting"),
    "reportlab": lambda name: _inside(name, "reporting"),
    "babel": lambda name: _inside(name, "reporting"),
    "obspy": lambda name: _inside(name, "tables"),
    "h5py": lambda name: _inside(name, "tables"),
    "pyarrow": lambda name: _inside(name, "tables"),
    "pandas": lambda name: _inside(name, "tables"),
    **{name: lambda name: _inside(name, "web") for name in ("starlette", "uvicorn", "jinja2", "markupsafe")},
    "watchfiles": lambda name: _inside(name, "watching"),
    "sqlite3": lambda name: False,
    # The simulator of older stores has to write pickles; nothing ever reads one with this module.
    "pickle": lambda name: name == f"{PROJECT}.testing.older_store",
}
"""Who may import these. `_sqlite3` and `_pickle` count as the modules they stand for."""

FOLDERS_OF_THE_CHECKOUT = {"plugins", "tests", "benchmarks", "docs", "bootstrap"}
"""Importable in an editable install, absent from the wheel."""

SHAPELESS_NAMES = {"util", "utils", "helper", "helpers", "manager", "misc", "common"}
MOST_LINES = 450

SQL = re.compile(
    r"\bSELECT\b.+?\bFROM\b|\b(?:INSERT|REPLACE)(?:\s+OR\s+\w+)?\s+INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b"
    r"|\bCREATE\s+(?:\w+\s+)?(?:TABLE|INDEX|VIEW|TRIGGER)\b|\b(?:ALTER|DROP)\s+TABLE\b|\bVACUUM\s+INTO\b"
    r"|\bPRAGMA\s+\w|\bATTACH\s+DATABASE\b|\bBEGIN\s+(?:IMMEDIATE|DEFERRED|EXCLUSIVE)\b",
    re.DOTALL,
)
LOWER_CASE_SQL = re.compile(
    r"\s*(?:select\b.+?\bfrom\b|insert\s+into\b|update\s+\S+\s+set\b|delete\s+from\b|create\s+table\b|pragma\s+\w)",
    re.DOTALL,
)
"""In small letters only at a string's beginning: elsewhere it is English."""


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file."""

    name: str
    path: str
    text: str
    tree: ast.Module
    is_package: bool

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def is_plugin(self) -> bool:
        return not _inside(self.name)


@dataclass(frozen=True, slots=True)
class Arrow:
    """`source` imports `target`."""

    source: Source
    line: int
    target: str
    lazy: bool

    def __str__(self) -> str:
        return f"{self.source.path}:{self.line}: {self.source.name} imports {self.target}"


def _inside(name: str, room: str = "") -> bool:
    top = f"{PROJECT}.{room}" if room else PROJECT
    return name == top or name.startswith(f"{top}.")


def room(name: str) -> str:
    """The part of the project that a module belongs to: what stands right below `sfm_archive`, `testing` included."""
    parts = name.split(".")[1:]
    return parts[0] if parts and parts[0] in (*FLOOR_OF_ROOM, "testing") else ""


def floor(name: str) -> Floor:
    return FLOOR_OF_ROOM[room(name)]


def read_sources(root: Path) -> dict[str, Source]:
    """Every Python file of the project and of the packages below plugins/, by module name."""
    sources: dict[str, Source] = {}
    for base, start in ((root, root / PROJECT), (root / "plugins", root / "plugins")):
        for file in sorted(start.rglob("*.py")):
            parts = list(file.relative_to(base).with_suffix("").parts)
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            text = file.read_text(encoding="utf-8")
            path = file.relative_to(root).as_posix()
            sources[name] = Source(name, path, text, ast.parse(text, filename=path), is_package)
    return sources


def arrows(sources: dict[str, Source]) -> Iterator[Arrow]:
    """Every import of every file that acts, in whatever way it is written."""
    for source in sources.values():
        for node, lazy in _acting(source.tree):
            for target in _targets(node, source, sources):
                yield Arrow(source, getattr(node, "lineno", 0), target, lazy)


def _acting(node: ast.AST, lazy: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes outside `if TYPE_CHECKING:`, and whether each runs only when a function is called."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING" and child in node.body:
            continue
        yield child, lazy
        yield from _acting(child, lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def _targets(node: ast.AST, source: Source, sources: dict[str, Source]) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            base = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(base, source.package)
            # `from package import module` is an arrow to that module, not to the package.
            inner = [f"{base}.{alias.name}" for alias in node.names]
            return sorted({name if name in sources else base for name in inner})
        case ast.Call(
            func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
            args=[ast.Constant(value=str(written)), *_],
        ):
            return [importlib.util.resolve_name(written, source.package)]
    return []


def _between_rooms(sources: dict[str, Source]) -> Iterator[Arrow]:
    """Arrows from one room to another, without those of plug-ins and those that the archive names lazily."""
    for arrow in arrows(sources):
        name, target = arrow.source.name, arrow.target
        if arrow.source.is_plugin or not _inside(target) or room(name) == room(target):
            continue
        if not (arrow.lazy and room(name) == "archive"):
            yield arrow


def unknown_rooms(sources: dict[str, Source]) -> list[str]:
    """Files right below the package, or folders, that no floor names."""
    below = {source.name.split(".")[1]: source for source in sources.values() if source.name.startswith(f"{PROJECT}.")}
    known = (*FLOOR_OF_ROOM, "testing")
    return [f"{source.path}: no floor names this room" for name, source in below.items() if name not in known]


def upward_arrows(sources: dict[str, Source]) -> list[str]:
    """Arrows between rooms that do not point down."""
    found = []
    for arrow in _between_rooms(sources):
        name, target = arrow.source.name, arrow.target
        if room(name) == "testing":
            if room(target) not in ROOMS_TESTING_MAY_USE:
                found.append(f"{arrow}: testing/ uses formats, errors and the public API only")
        elif room(target) == "testing":
            if room(name) not in ROOMS_THAT_MAY_USE_TESTING:
                found.append(f"{arrow}: only a trial uses the simulator")
        elif floor(target) > floor(name):
            found.append(f"{arrow}: {floor(target).name} is above {floor(name).name}")
    return found


def rings(sources: dict[str, Source]) -> list[str]:
    """Rooms of one floor that use each other in a ring. One may use another, but not be used by it too."""
    uses: dict[str, set[str]] = {}
    for arrow in _between_rooms(sources):
        start, end = room(arrow.source.name), room(arrow.target)
        if "testing" not in (start, end) and floor(arrow.source.name) == floor(arrow.target):
            uses.setdefault(start, set()).add(end)

    def way(start: str, trail: tuple[str, ...]) -> tuple[str, ...] | None:
        for following in sorted(uses.get(trail[-1], ())):
            if following == start:
                return (*trail, start)
            if following not in trail and (rest := way(start, (*trail, following))):
                return rest
        return None

    ways = (way(start, (start,)) for start in sorted(uses))
    return [f"{' -> '.join(ring)}: a ring of rooms" for ring in ways if ring]


def foreign_imports(sources: dict[str, Source]) -> list[str]:
    """Packages imported where they have no business."""
    plugin_packages = {source.name.split(".")[0] for source in sources.values() if source.is_plugin}
    found = []
    for arrow in arrows(sources):
        name, top = arrow.source.name, arrow.target.split(".")[0]
        known = top.removeprefix("_") if top.removeprefix("_") in ONLY_IN else top
        if known in ONLY_IN and not ONLY_IN[known](name):
            found.append(f"{arrow}: not allowed here")
        elif top in FOLDERS_OF_THE_CHECKOUT:
            found.append(f"{arrow}: not in the wheel")
        elif not arrow.source.is_plugin and top in plugin_packages:
            found.append(f"{arrow}: plug-ins are found through entry points, never imported")
        elif _is_low(arrow.source) and top not in (*sys.stdlib_module_names, PROJECT, *ONLY_IN):
            found.append(f"{arrow}: formats and errors use the standard library only")
    return found


def _is_low(source: Source) -> bool:
    return not source.is_plugin and room(source.name) in ROOMS_ON_THE_STANDARD_LIBRARY


def plugin_imports(sources: dict[str, Source]) -> list[str]:
    """Imports of plug-in packages beyond the standard library, themselves and the plug-in API."""
    found = []
    for arrow in arrows(sources):
        own = arrow.source.name.split(".")[0]
        allowed = (*sys.stdlib_module_names, own)
        to_the_api = arrow.target == f"{PROJECT}.plugins.api"
        more = arrow.target in MORE_FOR_PLUGINS.get(own, ())
        if arrow.source.is_plugin and not to_the_api and not more and arrow.target.split(".")[0] not in allowed:
            found.append(f"{arrow}: a plug-in uses the standard library, itself and {PROJECT}.plugins.api only")
    return found


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The strings below a node with their lines; joined where the source joins them, docstrings left out."""
    whole = _text(node)
    if whole is not None:
        yield getattr(node, "lineno", 0), whole
        return
    for child in ast.iter_child_nodes(node):
        is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not is_docstring:
            yield from _texts(child)


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            return "".join(_text(part) or "x" for part in node.values)
        case ast.BinOp(op=ast.Add()):
            left, right = _text(node.left), _text(node.right)
            return None if left is None and right is None else (left or "x") + (right or "x")
    return None


def sql_outside_storage(sources: dict[str, Source]) -> list[str]:
    found = []
    for source in sources.values():
        if not _inside(source.name, "storage") and not _inside(source.name, "selftest"):
            for line, text in _texts(source.tree):
                if SQL.search(text) or LOWER_CASE_SQL.match(text):
                    found.append(f"{source.path}:{line}: SQL outside storage/: {text[:60]!r}")
    return found


def shapeless_names(sources: dict[str, Source]) -> list[str]:
    return [
        f"{source.path}: a name that says what is in it, please"
        for source in sources.values()
        if SHAPELESS_NAMES & {part.strip("_") for part in source.name.split(".")}
    ]


def long_files(sources: dict[str, Source]) -> list[str]:
    sizes = ((source.path, len(source.text.splitlines())) for source in sources.values())
    return [f"{path}: {lines} lines, at most {MOST_LINES}" for path, lines in sizes if lines > MOST_LINES]


Rule = Callable[[dict[str, Source]], list[str]]
RULES: tuple[Rule, ...] = (
    unknown_rooms,
    upward_arrows,
    rings,
    foreign_imports,
    plugin_imports,
    sql_outside_storage,
    shapeless_names,
    long_files,
)

# --- the project itself ---


@pytest.fixture(scope="module")
def project() -> dict[str, Source]:
    return read_sources(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps_the_rule(rule: Rule, project: dict[str, Source]) -> None:
    violations = rule(project)
    assert not violations, "\n" + "\n".join(violations)


def test_the_rules_look_at_the_whole_project(project: dict[str, Source]) -> None:
    """A moved folder must not turn the rules into rules about nothing."""
    rooms = {room(name) for name in project if _inside(name)}
    assert rooms >= set(FLOOR_OF_ROOM) - {"__main__"}
    plugins = {name for name in project if not _inside(name)}
    assert plugins >= {path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file()}


def test_sql_files_lie_with_the_storage() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / PROJECT).rglob("*.sql")]
    assert [path for path in files if not path.startswith(f"{PROJECT}/storage/")] == []
    assert (ROOT / "schema.sql").is_file()


# --- proof that the rules can fail ---

RIGHT_TREE = {
    "sfm_archive/__init__.py": "from sfm_archive.archive.archive import Archive\nfrom .exporting import export\n",
    "sfm_archive/errors.py": "if TYPE_CHECKING:\n    from sfm_archive.model.findings import Finding\n",
    "sfm_archive/base/__init__.py": "from sfm_archive.errors import SfmError\n",
    "sfm_archive/model/__init__.py": "",
    "sfm_archive/model/findings.py": "from enum import StrEnum\n",
    "sfm_archive/formats/__init__.py": "",
    "sfm_archive/formats/frames.py": "import zlib\nfrom sfm_archive.errors import BadFrames\n",
    "sfm_archive/formats/frame_blob.py": "import msgpack\nimport zstandard\nfrom . import frames\n",
    "sfm_archive/waveforms/__init__.py": "import numpy\nfrom sfm_archive.formats import frames\n",
    "sfm_archive/plugins/__init__.py": "",
    "sfm_archive/plugins/hookspecs.py": "import pluggy\nfrom sfm_archive.formats import frames\n",
    "sfm_archive/plugins/api.py": "from sfm_archive.plugins.hookspecs import Encoder\n",
    "sfm_archive/storage/__init__.py": "",
    "sfm_archive/storage/events.py": "import apsw\nREAD = 'SELECT id FROM event'\n",
    "sfm_archive/archive/__init__.py": "",
    "sfm_archive/archive/archive.py": (
        "from sfm_archive.storage import events\ndef export():\n    from sfm_archive.exporting import export\n"
    ),
    "sfm_archive/exporting/__init__.py": "from sfm_archive.archive.archive import Archive\n",
    "sfm_archive/demo/__init__.py": '"""Not SQL: SELECT it FROM there."""\nfrom .. import exporting\n',
    "sfm_archive/testing/__init__.py": "import sfm_archive\nfrom sfm_archive.plugins.api import Encoder\n",
    "sfm_archive/testing/older_store.py": "import pickle\n",
    "sfm_archive/cli/__init__.py": "import click\nimport sfm_archive\nX = 'Select events from a day.'\n",
    "plugins/sfm_fake/__init__.py": "import struct\nfrom .inner import X\n",
    "plugins/sfm_fake/inner.py": "from sfm_archive.plugins import api\n",
}


def grow(root: Path, files: dict[str, str]) -> dict[str, Source]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return read_sources(root)


def test_a_right_tree_passes(tmp_path: Path) -> None:
    sources = grow(tmp_path, RIGHT_TREE)
    assert len(sources) == len(RIGHT_TREE)
    assert [violation for rule in RULES for violation in rule(sources)] == []


WRONG = [
    (unknown_rooms, "drawers.py", ""),
    (unknown_rooms, "drawers/__init__.py", ""),
    (upward_arrows, "formats/names.py", "from sfm_archive.storage import events\n"),
    (upward_arrows, "formats/names.py", "from ..storage.events import READ\n"),
    (upward_arrows, "formats/names.py", "def name():\n    import sfm_archive.archive.archive\n"),
    (upward_arrows, "formats/names.py", "import importlib\nimportlib.import_module('sfm_archive.archive')\n"),
    (upward_arrows, "formats/names.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import sfm_archive.archive\n"),
    (upward_arrows, "errors.py", "from sfm_archive.model.findings import Finding\n"),
    (upward_arrows, "plugins/registry.py", "from sfm_archive.archive.archive import Archive\n"),
    (upward_arrows, "storage/blobs.py", "from sfm_archive import exporting\n"),
    (upward_arrows, "archive/saving.py", "from sfm_archive.exporting import export\n"),
    (upward_arrows, "exporting/folder.py", "from sfm_archive.cli import main\n"),
    (upward_arrows, "exporting/folder.py", "import sfm_archive\n"),
    (upward_arrows, "exporting/folder.py", "from sfm_archive import testing\n"),
    (upward_arrows, "__init__.py", "from sfm_archive import cli\n"),
    (upward_arrows, "testing/kit.py", "from sfm_archive.archive.archive import Archive\n"),
    (rings, "formats/samples.py", "from sfm_archive import waveforms\n"),
    (foreign_imports, "archive/saving.py", "import apsw\n"),
    (foreign_imports, "cli/main.py", "from apsw import Connection\n"),
    (foreign_imports, "exporting/folder.py", "import click\n"),
    (foreign_imports, "storage/old.py", "import sqlite3\n"),
    (foreign_imports, "storage/old.py", "from _sqlite3 import connect\n"),
    (foreign_imports, "older_store.py", "def read():\n    import pickle\n"),
    (foreign_imports, "older_store.py", "__import__('_pickle')\n"),
    (foreign_imports, "formats/frames.py", "import msgpack\n"),
    (foreign_imports, "formats/frames.py", "import numpy\n"),
    (foreign_imports, "model/events.py", "import pluggy\n"),
    (foreign_imports, "demo/run.py", "from sfm_fake import inner\n"),
    (foreign_imports, "demo/run.py", "from tests import data\n"),
    (plugin_imports, "../plugins/sfm_fake/more.py", "import pluggy\n"),
    (plugin_imports, "../plugins/sfm_fake/more.py", "import sfm_archive\n"),
    (plugin_imports, "../plugins/sfm_fake/more.py", "from sfm_archive.formats import frames\n"),
    (plugin_imports, "../plugins/sfm_other/__init__.py", "import sfm_fake\n"),
    (sql_outside_storage, "archive/saving.py", "READ = '''SELECT id,\n  name FROM event'''\n"),
    (sql_outside_storage, "archive/saving.py", "def read(t): return f'SELECT {t} FROM event'\n"),
    (sql_outside_storage, "archive/saving.py", "def read(t): return 'SELECT ' + t + ' FROM event'\n"),
    (sql_outside_storage, "archive/saving.py", "READ = 'select id from event'\n"),
    (sql_outside_storage, "cli/main.py", "X = 'INSERT OR IGNORE INTO event VALUES (1)'\n"),
    (sql_outside_storage, "cli/main.py", "X = 'UPDATE event SET name = 1'\n"),
    (sql_outside_storage, "cli/main.py", "X = 'DELETE FROM event'\n"),
    (sql_outside_storage, "cli/main.py", "X = 'CREATE TABLE event (id)'\n"),
    (sql_outside_storage, "../plugins/sfm_fake/more.py", "X = 'PRAGMA user_version'\n"),
    (shapeless_names, "cli/utils.py", ""),
    (shapeless_names, "storage/_common/connect.py", ""),
    (long_files, "formats/names.py", "x = 1\n" * (MOST_LINES + 1)),
]


@pytest.mark.parametrize(("rule", "path", "text"), WRONG)
def test_a_wrong_file_is_caught_by_its_rule(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    wrong = (Path(PROJECT) / path).as_posix().replace(f"{PROJECT}/../", "")
    sources = grow(tmp_path, {**RIGHT_TREE, wrong: text})
    violations = rule(sources)
    assert len(violations) == (2 if rule is rings else 1), violations  # a ring is seen from both its ends
    assert rule is rings or violations[0].startswith(wrong)
    assert [other.__name__ for other in RULES if other is not rule and other(sources)] == []
