"""The small archive of tests/analysing."""

from tests.analysing.conftest import Simulated, made, site

__all__ = ["Simulated", "made", "site"]
