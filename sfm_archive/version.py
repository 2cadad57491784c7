"""The version of this package, as installed, and the words that name it in an archive."""

from __future__ import annotations

__version__ = "0.1.0"

TOOL = f"sfm-archive {__version__}"
"""Written into archives as the tool that made a change."""
