"""Running code of a plug-in, so that whatever it does ends in a value or in an error that names the plug-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sfm_archive.base.printing import printing_to_standard_error
from sfm_archive.base.texts import without_lone_surrogates
from sfm_archive.errors import SfmError

_MOST_TOLD = 2_000
"""Characters of what a plug-in's error says, as far as messages repeat it."""

_Given = TypeVar("_Given")


class PluginBroke(Exception):
    """What a plug-in raised beyond what it may: `SystemExit: 3`."""


def ask(call: Callable[[], _Given], *may_raise: type[Exception]) -> _Given:
    """What a call of a plug-in's code gives; what it prints goes to standard error.

    Raises the errors that it may raise as they are, and PluginBroke for all others: for `SystemExit` too, which would
    end the program as if all were well. KeyboardInterrupt is the user's and goes through.
    """
    try:
        with printing_to_standard_error():
            return call()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        said = _said(error)
        if isinstance(error, may_raise) and said is not None:
            if isinstance(error, SfmError) and said != str(error):
                error.args = (said,)
            raise
        raise PluginBroke(f"{type(error).__name__}{f': {said}' if said else ''}") from error


def _said(error: BaseException) -> str | None:
    """What an error says, fit to be told; None where even that fails."""
    try:
        text = without_lone_surrogates(str(error))
    except Exception:  # noqa: BLE001 - its text is made by a stranger's code too
        return None
    return text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]} … ({len(text):,} characters)"
