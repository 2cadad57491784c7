"""The version of this package, as installed, and the words that name it in an archive."""

from __future__ import annotations

__version__ = "0.1.0"

PRODUCT = "sfm-archive"
"""What `TOOL` begins with in every version: by it a text that this program made is known again."""

TOOL = f"{PRODUCT} {__version__}"
"""Written into archives as the tool that made a change."""
