"""Statements word by word: what counts as the same structure."""

from __future__ import annotations

import pytest

from sfm_archive.storage.structure import tokens


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a b", "a\n  b"),
        ("a -- b\nc", "a c"),
        ("a /* b -- */ c", "a c"),
        ("a -- 'b\n, c", "a, c"),
        ("a(b)", "a ( b )"),
        ("a", "a -- ends without a line end"),
        ("a", "a /* never closed"),
        ("CREATE TABLE t (a) STRICT", "create Table t (a) strict"),
    ],
)
def test_comments_and_blanks_are_nothing(one: str, other: str) -> None:
    assert tokens(one) == tokens(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ab", "a b"),
        ("'a--b'", "'a'"),
        ("'a -- b'", "'a --  b'"),
        ("'it''s -- x'", "'it''s'"),
        ('"a--b" c', '"a"'),
        ("`a--b`", "`a`"),
        ("[a--b]", "[a]"),
        ("'/*' a '*/'", "'/*' b '*/'"),
        ("x'4142'", "x '4142'"),
        ("a <= b", "a < b"),
        ("'a'", "'A'"),
        ('"a"', '"A"'),
        ("[a]", "[A]"),
        ("é", "É"),
    ],
)
def test_what_a_statement_says_is_kept_apart(one: str, other: str) -> None:
    assert tokens(one) != tokens(other)
