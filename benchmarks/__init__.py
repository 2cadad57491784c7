"""Benchmarks against the older store's way, in the same run. `python -m benchmarks` prints ratios."""
