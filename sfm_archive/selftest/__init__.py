"""Trying to lose something: power cuts, failing disks, killed processes, many programs at once.

`python -m sfm_archive.selftest` runs all of it and prints the counts; the test suite runs a part.

`disk` is a model of a disk with a cache, `recording` a SQLite VFS that reports to it what happens, `failing` one on
which operations fail. `work` is what is done meanwhile, `state` looks at what is left. On these stand the parts:
`power_cuts` with its `trials`, `io_errors`, `kills` and `concurrent_use` (both with `processes_at_work`).

Unlike the simulator beside it, this looks into the archive's file itself, and knows how the archive works.
"""
