"""Decoding in this process and in others."""

from __future__ import annotations

from sfm_archive.archive.decoding import Task, TaskResult, run_task
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.plugins.registry import RegisteredDecoder


def run_tasks(tasks: list[Task], decoder: RegisteredDecoder) -> list[TaskResult]:
    """Several at once."""
    return [run_task(task, decoder) for task in tasks]


_of_this_process: list[RegisteredDecoder] = []
"""In a worker process: its one decoder."""


def start(decoder: str) -> None:
    """Before the first tasks of a worker process: it loads its plug-ins itself."""
    _of_this_process[:] = [load_plugins().decoder(decoder)]


def run_tasks_there(tasks: list[Task]) -> list[TaskResult]:
    """Several at once, in a process that was started."""
    return run_tasks(tasks, _of_this_process[0])
