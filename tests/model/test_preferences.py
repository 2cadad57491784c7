"""Of options, archive and the user's file the first that says something counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.model.preferences import KEYS, Preferences, first_stated

said = st.builds(
    Preferences,
    name=st.sampled_from(["", "Rock"]),
    address=st.sampled_from([(), ("Main Street 1",)]),
    signature=st.sampled_from(["", "A. Miller"]),
    logo=st.sampled_from(["", "rock.png"]),
    paper=st.sampled_from(["", "a4", "letter"]),
    language=st.sampled_from(["", "de"]),
    units=st.sampled_from(["", "in/s", "mm/s"]),
    limits=st.sampled_from([(), ("din",), ("point",)]),
    airblast=st.sampled_from(["", "120dB"]),
)
FIRM = ("name", "address", "signature", "logo")


@given(option=said, archive=said, users=said)
def test_each_part_is_of_the_first_that_says_it(option: Preferences, archive: Preferences, users: Preferences) -> None:
    levels = {"option": option, "archive": archive, "file": users}
    found = first_stated(levels)
    for key in set(KEYS) - {*FIRM, "airblast"}:
        values = [(level, getattr(one, key)) for level, one in levels.items() if getattr(one, key)]
        level, value = values[0] if values else (None, type(getattr(option, key))())
        assert (found.said_by.get(key), getattr(found.preferences, key)) == (level, value)
    assert {key for key in KEYS if getattr(found.preferences, key)} == set(found.said_by)


@given(option=said, archive=said, users=said)
def test_no_page_has_the_name_of_one_firm_and_the_logo_of_another(
    option: Preferences, archive: Preferences, users: Preferences
) -> None:
    found = first_stated({"option": option, "archive": archive, "file": users})
    assert len({found.said_by[key] for key in FIRM if key in found.said_by}) <= 1


@given(option=said, archive=said, users=said)
def test_beside_limits_of_points_no_airblast_limit_of_a_lower_level_counts(
    option: Preferences, archive: Preferences, users: Preferences
) -> None:
    levels = {"option": option, "archive": archive, "file": users}
    found = first_stated(levels)
    if found.preferences.limits == ("point",) and found.preferences.airblast:
        order = list(levels)
        assert order.index(found.said_by["airblast"]) <= order.index(found.said_by["limits"])
