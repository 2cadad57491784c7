"""Makes docs/json-schema/sfm.json from the types whose values `--json` prints: `python docs/make_json_schema.py`.

One definition a command, under its name, and one for each type in them. A key's description is what the docstring of
its type, or the one below its field, says of it, or json-schema/words.json. A test compares file and types, tests hold
every output to the schema, and docs/cli.md is made of it.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints, is_typeddict

import sfm_archive
from sfm_archive.archive.coverage import UnitCoverage
from sfm_archive.archive.describing import EventDescription
from sfm_archive.archive.listing import ListedEvent, ReviewedEvent
from sfm_archive.archive.looking_back import AsOf
from sfm_archive.archive.provenance import Provenance
from sfm_archive.archive.searching import FoundIn
from sfm_archive.archive.telling import ChangeDescription
from sfm_archive.base.plain import Key, keys_of
from sfm_archive.importing import FileJoined
from sfm_archive.model.asked_level import LevelCounts, LimitCounts
from sfm_archive.plugins.registry import LoadedPlugin, LoadError
from sfm_archive.watching import Notice

SCHEMA = Path(__file__).parent / "json-schema" / "sfm.json"

WORDS: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "json-schema" / "words.json").read_bytes())
"""What keys mean where docstrings do not say it for users: by type and key; under "" for a key of any type."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`archive`: path of the archive as given. `as_of`: with `--as-of` the change behind which the archive was looked
    at. `pinned_encoder`: the encoder that `encoding` is about. `matching`:
    number of events that pass the filters. `shown`: number of events in `events`. `unknown_peaks`: number of events
    that pass the filters and of which no peak is known. `unit`: that of all velocities. `levels`: where
    `--ppv-from` is given, how many reach it. `above`: where `--above` is
    given, what the limits say of all events that pass the other filters. `waiting_files`: files of
    the whole archive whose event has not come."""

    archive: str
    as_of: AsOf | None
    pinned_encoder: str
    matching: int
    shown: int
    unknown_peaks: int
    unit: str
    levels: LevelCounts | None
    above: LimitCounts | None
    waiting_files: int
    events: tuple[ListedEvent, ...]


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """Reviewed events."""

    archive: str
    reviews: tuple[ReviewedEvent, ...]


@dataclass(frozen=True, kw_only=True)
class Description(EventDescription):
    """One event. `sealed`: of the archive."""

    archive: str
    sealed: bool


@dataclass(frozen=True, kw_only=True)
class SomeHandover(sfm_archive.Handover):
    """With N: `list`, every file of it; `made_of`, the archive as it was read and, of reports and data, each event with
    what was used of it."""

    list: tuple[sfm_archive.ListedFile, ...] | Missing
    made_of: Provenance | Missing


@dataclass(frozen=True, kw_only=True)
class Handovers:
    """What was handed over. `unreadable`: numbers of records that cannot be read, so that nobody knows whether they
    are of the event or job that was asked for."""

    archive: str
    handovers: tuple[SomeHandover, ...]
    unreadable: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Join:
    """`joined`: what the decision did."""

    archive: str
    joined: FileJoined


@dataclass(frozen=True, kw_only=True)
class Zones:
    """`zones`: serials, and the time zone stated for each."""

    archive: str
    zones: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class History:
    """`length`: number of changes of the whole archive. `verified`: with `--verify`, whether the chain of hashes holds;
    else null. `others`: archives of which changes were merged. With `--of` there is `changes_of_other` in place of all
    this."""

    archive: str
    length: int | Missing
    history_head: str | Missing
    verified: bool | Missing | None
    changes: tuple[ChangeDescription, ...] | Missing
    others: tuple[sfm_archive.OtherArchive, ...] | Missing
    changes_of_other: tuple[sfm_archive.ChangeOfOther, ...] | Missing


@dataclass(frozen=True, kw_only=True)
class Attenuation:
    """`attenuation`: the laws of the job that was asked for. `handover`: with `-o` the number of its hand-over record,
    null where none was left, and without."""

    archive: str
    attenuation: sfm_archive.Attenuation
    handover: int | None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """When units were running."""

    archive: str
    units: tuple[UnitCoverage, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Files that wait for their event."""

    archive: str
    waiting: tuple[sfm_archive.WaitingFile, ...]


@dataclass(frozen=True, kw_only=True)
class ListedEncoder:
    """`name`: family and version, such as `blastware@2`. `family`: its family. `version`: its version in the family.
    `description`: its own line about itself. `pinned`: whether the archive named pins it; false without an
    archive."""

    name: str
    family: str
    version: int
    description: str
    distribution: str
    distribution_version: str
    pinned: bool


@dataclass(frozen=True, kw_only=True)
class Encoders:
    """`pinned`: the encoder that the archive pins, null without an archive."""

    encoders: tuple[ListedEncoder, ...]
    load_errors: tuple[LoadError, ...]
    pinned: str | None


@dataclass(frozen=True, kw_only=True)
class StatedSettings:
    """`settings`: every statement and every withdrawal, in order. `change`: what this command did, or would with
    --dry-run, null where it lists."""

    archive: str
    settings: tuple[sfm_archive.UnitSetting, ...]
    change: sfm_archive.SettingsChange | None


@dataclass(frozen=True, kw_only=True)
class Sites:
    """`sites`: all jobs with points, windows and events, and what is at no point."""

    archive: str
    sites: sfm_archive.SitesOverview


@dataclass(frozen=True, kw_only=True)
class SiteStatement:
    """`statement`: what was kept, or would be with --dry-run."""

    archive: str
    statement: sfm_archive.StatementMade


@dataclass(frozen=True, kw_only=True)
class JobDocument:
    """`statement`: what was kept, or would be with --dry-run; of `sfm job suggest` there is `suggested` in its place,
    the windows that are proposed, and of `sfm job report` its `report`. `handover`: with `-o` the number of its
    hand-over record, else null. Of `sfm job join` there is `jobs_joined`."""

    archive: str
    statement: sfm_archive.StatementMade | Missing
    jobs_joined: sfm_archive.JobsJoined | Missing
    report: sfm_archive.JobReport | Missing
    handover: int | Missing | None
    suggested: tuple[sfm_archive.SuggestedWindow, ...] | Missing


@dataclass(frozen=True, kw_only=True)
class Register:
    """`units`: the register, or the one unit named, null where something else was asked for. `sensor_checks`: what
    reports of the unit print of them, null without --sensor-checks. `statement`: what was kept, or would be with
    --dry-run, else null."""

    archive: str
    units: tuple[sfm_archive.RegisteredUnit, ...] | None
    sensor_checks: tuple[sfm_archive.SensorCheck, ...] | None
    statement: sfm_archive.StatementMade | None


@dataclass(frozen=True, kw_only=True)
class Corrections:
    """`corrections`: those that count, null where something is said. `statement`: what was kept, or would be with
    --dry-run, null where they are listed."""

    archive: str
    corrections: tuple[sfm_archive.CountingCorrection, ...] | None
    statement: sfm_archive.StatementMade | None


@dataclass(frozen=True, kw_only=True)
class Decoders:
    """`pinned`: the decoder that the archive pins, null without an archive. `change`: what a switch changed, or would
    with --dry-run, null without --pin."""

    decoders: tuple[ListedEncoder, ...]
    load_errors: tuple[LoadError, ...]
    pinned: str | None
    change: sfm_archive.PinDecoderReport | None


@dataclass(frozen=True, kw_only=True)
class ListedPlugin(LoadedPlugin):
    """`hook_api`: the hook API that it says it was written for, null where it does not say. `hooks`: those that it
    implements. `encoders`, `exporters`, `decoders`, `importers`, `commands`: what it offers, such as `blastware@2`."""

    encoders: tuple[str, ...]
    exporters: tuple[str, ...]
    decoders: tuple[str, ...]
    importers: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plugins:
    """`hook_api`: version of the hooks that this sfm-archive has. `left_out`: entry points that SFM_PLUGINS leaves
    out."""

    hook_api: int
    plugins: tuple[ListedPlugin, ...]
    load_errors: tuple[LoadError, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Summary(sfm_archive.Summary):
    """`by`: what the events are grouped by. `as_of`: with `--as-of` the change behind which the archive was looked
    at."""

    archive: str
    as_of: AsOf | None


@dataclass(frozen=True, kw_only=True)
class Analysis(sfm_archive.AnalysisReport):
    """`dry_run`: whether nothing was kept."""

    dry_run: bool


@dataclass(frozen=True, kw_only=True)
class CheckedFile(sfm_archive.FileCheck):
    """`event_file`, `report_file`: the files as given."""

    event_file: str
    report_file: str


@dataclass(frozen=True, kw_only=True)
class CheckedReport(sfm_archive.ReportCheck):
    """`report_file`: the report as given."""

    report_file: str


@dataclass(frozen=True, kw_only=True)
class Rebuilt(sfm_archive.RebuildReport):
    """`reread`: what reading kept documents again did, null where it was not asked for."""

    reread: sfm_archive.RereadReport | None


@dataclass(frozen=True, kw_only=True)
class Blasts:
    """`statement`: what was kept, or would be with --dry-run; `statements`: of `confirm` and `refuse`, one for each
    event. `imported`: what a list brought. `list`: blasts. `blast`: the one that was asked for."""

    archive: str
    statement: sfm_archive.StatementMade | Missing
    statements: tuple[sfm_archive.StatementMade, ...] | Missing
    imported: sfm_archive.BlastsImported | Missing
    list: sfm_archive.BlastsListed | Missing
    blast: sfm_archive.BlastDescription | Missing


@dataclass(frozen=True, kw_only=True)
class MarkDocument(sfm_archive.Marked):
    """`name`: as it is kept; `change`: the one that it names; `new`: whether it was not marked so before."""

    archive: str


@dataclass(frozen=True, kw_only=True)
class FirmDocument:
    """`firm`: what is stated, null with `statement` and where nothing is; `statement`: what was kept, or would be with
    --dry-run, else null."""

    archive: str
    firm: sfm_archive.StatedFirm | None
    statement: sfm_archive.StatementMade | None


@dataclass(frozen=True, kw_only=True)
class Config:
    """`file`: the one with the user's defaults. `archive`: for which one this counts, null without one. `preferred`:
    what counts."""

    file: str
    archive: str | None
    preferred: sfm_archive.Preferred


@dataclass(frozen=True, kw_only=True)
class FoundEverywhere:
    """`wanted`: as it was given. `filters`: as of a selection. `results`: what was found, archive by archive. `count`:
    how many items `results` has."""

    wanted: str
    filters: dict[str, Any]
    results: tuple[FoundIn, ...]
    count: int


class Missing:
    """In a union: the key can be left out."""


DOCUMENTS: dict[str, Any] = {
    "import": sfm_archive.ImportReport,
    "watch": Notice,
    "merge": sfm_archive.MergeReport,
    "extract": sfm_archive.ExtractReport,
    "waiting": Waiting,
    "coverage": Coverage,
    "attenuation": Attenuation,
    "list": Listing,
    "find": FoundEverywhere,
    "review": Reviews,
    "jobs": Sites,
    "job": JobDocument,
    "point": SiteStatement,
    "place": SiteStatement,
    "unit": Register,
    "blast": Blasts,
    "firm": FirmDocument,
    "config": Config,
    "correct": Corrections,
    "show": Description,
    "export": sfm_archive.ExportReport,
    "handovers": Handovers,
    "verify": sfm_archive.VerifyReport,
    "zones": Zones,
    "join": Join,
    "history": History,
    "mark": MarkDocument,
    "backup": sfm_archive.CopyReport,
    "seal": sfm_archive.CopyReport,
    "compact": sfm_archive.CompactReport,
    "rebuild": Rebuilt,
    "salvage": sfm_archive.SalvageReport,
    "info": sfm_archive.ArchiveInfo,
    "encoders": Encoders,
    "settings": StatedSettings,
    "decoders": Decoders,
    "plugins": Plugins,
    "diff": sfm_archive.ComparisonReport,
    "reencode": sfm_archive.ReencodeReport,
    "analyse": Analysis,
    "check-file": CheckedFile,
    "check-report": CheckedReport,
    "summary": Summary,
    "export-data": sfm_archive.DataReport,
}
"""The type of each command's document."""

_USED: set[tuple[str, str]] = set()
_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_PUBLIC = {name: getattr(sfm_archive, name) for name in sfm_archive.__all__ if name[0].isupper()}
"""Types that modules import for their type hints only."""


def schema() -> str:
    """The text of the file."""
    made: dict[str, Any] = {}
    for command, kind in DOCUMENTS.items():
        made[command] = _object(kind, made)
    idle = {(owner, name) for owner, words in WORDS.items() for name in words} - _USED
    if idle:
        raise LookupError(f"words.json says what no type needs: {sorted(idle)}")
    order = [*DOCUMENTS, *sorted(made.keys() - DOCUMENTS.keys())]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What sfm prints with --json, and sfm watch gives to a program; a definition for each command",
        "anyOf": [{"$ref": f"#/$defs/{command}"} for command in DOCUMENTS],
        "$defs": {name: made[name] for name in order},
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _object(kind: Any, made: dict[str, Any]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    required = []
    for one, hint in _members(kind):
        optional = one.optional or Missing in get_args(hint)
        form = _of(hint, made, null=not one.optional)
        own[one.name] = form | _described(kind, one.name, one.attribute, common="$ref" not in json.dumps(form))
        if not optional:
            required.append(one.name)
    return {"type": "object", "properties": own, "required": required, "additionalProperties": False}


def _members(kind: Any) -> list[tuple[Key, Any]]:
    """Each key of a type, with its type hint."""
    hints = _hints(kind)
    if is_typeddict(kind):
        return [(Key(name, name), hint) for name, hint in hints.items()]
    found = []
    for one in keys_of(kind):
        field, _, part = one.attribute.partition(".")
        if part:
            hint = _hints(hints[field])[part]
        elif isinstance(getattr(kind, field, None), property):
            getter = getattr(kind, field).fget
            hint = get_type_hints(getter, localns=_PUBLIC, include_extras=True)["return"]
        else:
            hint = hints[field]
        found.append((one, hint))
    return found


def _of(hint: Any, made: dict[str, Any], *, null: bool = True) -> dict[str, Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        kinds = [_of(kind, made) for kind in inner if kind is not Missing and (null or kind is not NoneType)]
        if len(kinds) > 1 and all(kind.keys() == {"type"} for kind in kinds):
            return {"type": [kind["type"] for kind in kinds]}
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    if origin is Annotated:
        return {
            "type": "object",
            "properties": {
                one.value: {"type": "integer", **_described(inner[1], one.value, one.name)} for one in inner[1]
            },
            "required": [one.value for one in inner[1]],
            "additionalProperties": False,
        }
    if origin is tuple:
        return {"type": "array", "items": _of(inner[0], made)}
    if origin is dict or hint is dict:
        return {"type": "object", "additionalProperties": _of(inner[1], made)}
    if hint is Any:
        return {}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if issubclass(hint, Enum):
        return {"enum": [one.value for one in hint]}
    if is_dataclass(hint) or is_typeddict(hint) or hasattr(hint, "_fields"):
        if hint.__name__ not in made:
            made[hint.__name__] = {}
            made[hint.__name__] = _object(hint, made)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    raise TypeError(f"{hint} has no form in JSON")


def _described(kind: Any, name: str, attribute: str, *, common: bool = True) -> dict[str, str]:
    owners = [owner.__name__ for owner in getattr(kind, "__mro__", (kind,))]
    owner = next((owner for owner in owners if name in WORDS.get(owner, {})), "")
    text = WORDS[owner][name] if owner else _texts(kind).get(attribute, "")
    if not text and common:
        text = WORDS[""].get(name, "")
    if owner or text == WORDS[""].get(name):
        _USED.add((owner, name))
    return {"description": text} if text else {}


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind, localns={**_PUBLIC, "Missing": Missing}, include_extras=True)


@cache
def _texts(kind: Any) -> Mapping[str, str]:
    """What the docstrings of a type, its fields and properties say of each of them."""
    found: dict[str, str] = {}
    for owner in reversed(getattr(kind, "__mro__", (kind,))):
        if not owner.__module__.startswith(("sfm_archive", __name__)):
            continue
        found |= _from_sentences(inspect.cleandoc(owner.__doc__ or ""))
        found |= {
            name: _for_users(member.fget.__doc__)
            for name, member in vars(owner).items()
            if isinstance(member, property) and member.fget.__doc__
        }
        body = ast.parse(textwrap.dedent(inspect.getsource(owner))).body[0].body  # type: ignore[attr-defined]
        for before, after in pairwise(body):
            target = getattr(before, "target", None) or next(iter(getattr(before, "targets", ())), None)
            said = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and after.value.value
            if isinstance(target, ast.Name) and isinstance(said, str):
                found[target.id] = _for_users(said)
    return found


def _from_sentences(text: str) -> dict[str, str]:
    """Of "`size`, `sha256`: of the file. More": a text for each name."""
    found: dict[str, str] = {}
    for sentence in re.split(r"(?<=[.;]) (?=`|[A-Z])", " ".join(text.split())):
        named = re.fullmatch(r"((?:`\w+`(?:, |(?=:)))+): (.+?)[.;]?", sentence)
        if named:
            found |= dict.fromkeys(re.findall(r"`(\w+)`", named[1]), _for_users(named[2]))
    return found


def _for_users(text: str) -> str:
    """The first sentence, in the words of JSON."""
    plain = " ".join(text.split("\n\n")[0].split()).rstrip(".")
    plain = plain[:1].lower() + plain[1:] if plain[1:2].islower() or plain[:2] == "A " else plain
    return re.sub(r"\bNone\b", "null", plain).replace("''", "empty")


if __name__ == "__main__":
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(schema(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{SCHEMA} written\n")
