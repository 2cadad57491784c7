"""Limit curves, and what they say of a level. Needs no numpy."""
