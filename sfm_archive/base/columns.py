"""Columns of tables, as commands print them and pages show them."""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A column of a table: its title for people, its name for programs, and whether its values are numbers."""

    title: str
    name: str
    number: bool = False


class Section(NamedTuple):
    """A part of what is told of something: a title, a table below it, and sentences below that."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[str, ...] = ()
