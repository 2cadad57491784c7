"""Lists of ids in statements: bound as JSON, since one may be longer than a statement may have placeholders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

IDS: Final = "(SELECT value FROM json_each(?))"
"""The ids of a list that is bound here."""


def ids_text(ids: Iterable[int]) -> str:
    """Ids as they are bound for IDS."""
    return json.dumps([int(one) for one in ids])
