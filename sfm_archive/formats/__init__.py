"""Pure formats: names, link escapes, A5 frames, captures, event files, sidecars, reports.

Functions and frozen values on bytes. Nothing in here opens a file, knows SQLite or imports a room above.
"""
