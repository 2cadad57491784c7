"""What the pages point to is there: links, their anchors, paths of the repository, and names inside of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from sfm_archive.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*(ROOT / "docs").glob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
)

LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FOLDERS = "sfm_archive|plugins|tests|docs|benchmarks|\\.ci|\\.github"
PATH = re.compile(rf"((?:{FOLDERS})/[\w./-]*|[\w-]+\.(?:py|sql|md|toml))(?::(\w+))?")
"""A path below a folder of the repository, or a file's bare name; behind a colon, a name in that file."""


def prose(page: Path) -> str:
    """The page without its code blocks: those show files of other people."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@cache
def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def bare_names() -> set[str]:
    found = [path for top in ("sfm_archive", "plugins", "docs") for path in (ROOT / top).rglob("*.*")]
    return {path.name for path in (*ROOT.iterdir(), *found)}


def named_paths(page: Path) -> list[tuple[str, str]]:
    """(path, name inside or nothing) of every code span that has the form of one."""
    spans = SPAN.findall(prose(page))
    return [(match[1], match[2] or "") for span in spans if (match := PATH.fullmatch(span))]


def page_id(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or not target.is_relative_to(ROOT):
            wrong.append(f"{link}: not there")
        elif anchor and anchor not in anchors(target):
            wrong.append(f"{link}: no such heading")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_named_paths_are_there(page: Path) -> None:
    wrong = []
    for path, name in named_paths(page):
        target = ROOT / path
        if "/" not in path and path in bare_names():
            continue
        if not target.exists() or path.endswith("/") != target.is_dir():
            wrong.append(path)
        elif name and not re.search(rf"^(?:class |def )?{name}\b", target.read_text(encoding="utf-8"), re.MULTILINE):
            wrong.append(f"{path}:{name}")
    assert wrong == []


def test_every_page_is_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {link.partition("#")[0] for link in LINK.findall(index.read_text(encoding="utf-8"))}
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= linked


def test_the_facts_name_enough_places() -> None:
    """The pattern for paths must not turn into a test of nothing."""
    assert sum(1 for _, name in named_paths(ROOT / "docs" / "facts.md") if name) > 50
    assert len(named_paths(ROOT / "docs" / "architecture.md")) > 25
    assert len(named_paths(ROOT / "CONTRIBUTING.md")) > 10


def test_pages_keep_their_width() -> None:
    """Tables and code may be wider."""
    wide = [
        f"{page_id(page)}: {line}"
        for page in PAGES
        for line in prose(page).splitlines()
        if len(line) > 120 and not line.startswith("|")
    ]
    assert wide == []


def named_commands() -> Iterator[tuple[Path, str, str, list[str]]]:
    """(page, command, word behind it, options) of every `sfm COMMAND …` in a code span or a line of a code block."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = re.findall(r"^(?:\$ )?(sfm [a-z-]+.*?)(?:\s#.*)?$", text, re.MULTILINE)
        for call in [*lines, *(span for span in SPAN.findall(text) if span.startswith("sfm "))]:
            words = call.split()
            yield (
                page,
                words[1],
                words[2] if len(words) > 2 else "",
                [word.partition("=")[0] for word in words if re.match(r"--[a-z]", word)],
            )


def test_named_commands_and_options_are_there() -> None:
    offered = {"count"}  # the command of the plug-in that docs/writing-a-plugin.md makes
    wrong, seen = [], 0
    context = click.Context(main)
    for page, name, behind, options in named_commands():
        seen += 1
        if name in offered or name.startswith("-") or not name.islower():
            continue
        command = main.get_command(context, name) if name in COMMANDS else None
        if isinstance(command, click.Group) and behind:
            command = command.get_command(context, behind)
        known = {"--help", *(opt for p in command.params for opt in (*p.opts, *p.secondary_opts))} if command else set()
        if command is None or set(options) - known:
            wrong.append(f"{page_id(page)}: sfm {name} {' '.join(options)}")
    assert wrong == []
    assert seen > 100
