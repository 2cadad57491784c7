"""`python -m sfm_archive` is `sfm`."""

from __future__ import annotations

import sys

from sfm_archive.cli import main

if __name__ == "__main__":
    sys.exit(main(prog_name="sfm"))
