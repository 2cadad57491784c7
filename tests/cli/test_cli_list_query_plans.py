"""No list goes through values, whatever is asked of it: by SQLite's own plan of every statement, and not by time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw
import apsw.ext
import click
import pytest

from sfm_archive.cli import main

FILTERS: dict[str, list[list[str]]] = {
    "events": [["1"], ["1", "2"]],
    "--serial": [["--serial", "BE11529"]],
    "--since": [["--since", "2026-05"], ["--since", "2026-05-01 10:00"]],
    "--until": [["--until", "2026-05"]],
    "--job": [["--job", "North"]],
    "--point": [["--point", "North/School"]],
    "--unplaced": [["--unplaced"]],
    "--type": [["--type", "waveform"]],
    "--project": [["--project", "a"]],
    "--client": [["--client", "a"]],
    "--location": [["--location", "a"]],
    "--ppv-from": [["--ppv-from", "0.1in/s"]],
    "--above": [["--above", "usbm"], ["--above", "1mm/s"], ["--above", "point"]],
    "--decided": [["--ppv-from", "0.1in/s", "--decided"], ["--above", "usbm", "--decided"]],
    "--false-triggers": [["--false-triggers", "only"], ["--false-triggers", "without"]],
    "--received-since": [["--received-since", "2026-05-01"]],
    "--unreviewed": [["--unreviewed"]],
    "--judge": [["--above", "usbm", "--judge", "record"]],
    "--limit": [["--limit", "2"]],
    "--all": [["--all"]],
    "--units": [["--units", "mm/s"]],
}
FORMS: dict[str, list[str]] = {"": [], "--json": ["--json"], "--csv": ["--csv"], "--spreadsheet": ["--spreadsheet"]}
ELSEWHERE = {
    "archive": "the archive itself",
    "--wait": "nothing of a list",
    "--as-of": "reads views of this opening, made at its begin of all that a later row concerns",
}

LOOKED_UP = ("value", "said", "event_computed", "event_peaks", "frames", "current_value")
"""Tables, and the names of them in statements, of which a list only looks up rows."""


@contextmanager
def statements_of_every_connection() -> Iterator[set[str]]:
    """Every statement that is begun meanwhile."""
    found: set[str] = set()

    def note(event: dict[str, Any]) -> None:
        if not event["trigger"]:
            found.add(event["sql"])

    def watch(connection: apsw.Connection) -> None:
        connection.trace_v2(apsw.SQLITE_TRACE_STMT, note, id="every statement")

    apsw.connection_hooks.append(watch)
    try:
        yield found
    finally:
        apsw.connection_hooks.remove(watch)


def scans(path: str, statements: set[str]) -> set[tuple[str, str]]:
    """What of SQLite's plans goes through all rows of something, with the statement."""
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READONLY)
    found = set()
    try:
        for sql in statements:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
                continue
            nothing = (None,) * apsw.ext.query_info(connection, sql).bindings_count
            for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", nothing).fetchall():
                if step.startswith("SCAN"):
                    found.add((step.split()[1], sql))
    finally:
        connection.close()
    return found


@pytest.fixture
def placed(sfm, quarry):
    sfm("job", "add", quarry, "North")
    sfm("point", "add", quarry, "North", "School")
    sfm("place", quarry, "BE11529", "--at", "School", "--from", "2026-05-01", "--until", "2026-06-01")
    return quarry


def test_every_option_of_a_list_is_asked_for_its_plans() -> None:
    command = main.get_command(click.Context(main), "list")
    assert command is not None
    known = {*FILTERS, *ELSEWHERE, *FORMS, "--help"}
    assert {one.opts[0] for one in command.params} <= known, "give an option that is new an entry here"


@pytest.mark.parametrize("option", FILTERS)
def test_no_list_goes_through_all_values(sfm, placed, option: str) -> None:
    """Documents neither, but for the unit of most reports, where a program is given all of them."""
    for name, form in FORMS.items():
        with statements_of_every_connection() as statements:
            for words in FILTERS[option]:
                sfm("list", placed, *words, *form)
        assert len(statements) > 10
        looked_up = LOOKED_UP if name or option == "--all" else (*LOOKED_UP, "reading")
        assert not {(table, sql) for table, sql in scans(placed, statements) if table in looked_up}, form


def test_a_filter_that_goes_through_values_is_found(quarry) -> None:
    bad = "SELECT event_id FROM reading JOIN value USING (reading_id) WHERE quantity = ? AND number > ?"
    assert {table for table, _ in scans(quarry, {bad})} & {*LOOKED_UP}
    of_the_view = "SELECT count(*) FROM current_value WHERE quantity = ?"
    assert {table for table, _ in scans(quarry, {of_the_view})} & {*LOOKED_UP}
