"""Shared by every test: how hypothesis runs. Other fixtures live beside the tests that use them."""

from __future__ import annotations

import os

from hypothesis import settings

# CI is repeatable: the same examples every time, and no verdict on how fast its machine happens to be.
settings.register_profile("ci", derandomize=True, deadline=None)
# On a desk every run looks at new examples; a failing one is printed in a form that can be pasted.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
