"""Reporting: events as pictures, PDF reports, and sketches for a terminal.

Needs matplotlib (`pip install sfm-archive[plots]`), but for `terminal`, which needs numpy alone. Nothing is
imported here, so that a sketch does not pay for what it does not use.
"""
