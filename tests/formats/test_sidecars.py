"""Sidecars of the older store: what it wrote is read, what somebody else put there is refused."""

from __future__ import annotations

import contextlib
import json
import os
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfm_archive.errors import BadInput
from sfm_archive.formats.older_store.sidecars import JsonSidecar, Review, read_a5_sidecar, read_json_sidecar
from sfm_archive.model.frames import A5Frame

octets = st.integers(0, 255)
frames = st.builds(A5Frame, octets, octets, octets, st.binary(max_size=600), octets, st.booleans())

FIELDS = ("sub", "page_hi", "page_lo", "data", "chk_byte", "checksum_valid")
FRAME = {
    "sub": 0xA5,
    "page_hi": 0,
    "page_lo": 16,
    "data": b"\x00" * 20,
    "chk_byte": 7,
    "checksum_valid": False,
}


def sidecar_of(records, version=1, protocol=pickle.HIGHEST_PROTOCOL):
    return pickle.dumps({"version": version, "frames": records}, protocol)


def without(*names):
    return {name: value for name, value in FRAME.items() if name not in names}


# --- A5 frames ---


@given(st.lists(frames, min_size=1, max_size=20), st.sampled_from([3, 4, 5]))
def test_frames_come_back_as_the_older_store_wrote_them(written, protocol):
    records = [{name: getattr(frame, name) for name in FIELDS} for frame in written]
    assert read_a5_sidecar(sidecar_of(records, protocol=protocol)) == tuple(written)


@pytest.mark.parametrize(
    ("record", "chk_byte", "checksum_valid"),
    [
        (without("chk_byte"), 0, False),
        (without("checksum_valid"), 7, True),
        (without("chk_byte", "checksum_valid"), 0, True),
        (FRAME | {"chk_byte": None, "checksum_valid": None}, 0, True),
    ],
)
def test_fields_that_old_records_lack_take_their_defaults(record, chk_byte, checksum_valid):
    (frame,) = read_a5_sidecar(sidecar_of([record]))
    assert (frame.chk_byte, frame.checksum_valid, frame.data) == (chk_byte, checksum_valid, FRAME["data"])


def test_keys_that_nobody_knows_are_passed_over():
    data = pickle.dumps({"version": 1, "frames": [FRAME | {"rssi": -70}], "written_by": "x"})
    assert read_a5_sidecar(data) == (A5Frame(**FRAME),)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([FRAME], "holds a list without frames"),
        ({"version": 1}, "holds a dict without frames"),
        (None, "holds a NoneType without frames"),
        ({"frames": [FRAME]}, "version None"),
        ({"version": 2, "frames": [FRAME]}, "version 2; only version 1"),
        ({"version": True, "frames": [FRAME]}, "version True"),
        ({"version": "1", "frames": [FRAME]}, "version '1'"),
        ({"version": 1, "frames": {}}, "frames is a dict, not a list"),
        ({"version": 1, "frames": []}, "holds no frames"),
        ({"version": 1, "frames": [FRAME, 5]}, "frame 1 is a int"),
        ({"version": 1, "frames": [FRAME, without("sub")]}, "frame 1 has no field 'sub'"),
        ({"version": 1, "frames": [without("data")]}, "frame 0 has no field 'data'"),
        ({"version": 1, "frames": [FRAME | {"sub": 256}]}, "frame 0: sub is 256"),
        ({"version": 1, "frames": [FRAME | {"sub": None}]}, "frame 0: sub is None"),
        ({"version": 1, "frames": [FRAME | {"data": "text"}]}, "frame 0: data is str"),
    ],
)
def test_other_shapes_are_refused_by_what_is_wrong_with_them(value, reason):
    with pytest.raises(BadInput, match=f"^A5 sidecar: {reason}"):
        read_a5_sidecar(pickle.dumps(value))


def test_a_refusal_quotes_no_more_than_a_line_of_the_data():
    with pytest.raises(BadInput) as caught:
        read_a5_sidecar(sidecar_of([FRAME | {"chk_byte": "x" * 1_000_000}]))
    assert len(str(caught.value)) < 400


class Runs:
    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_a_sidecar_that_would_run_code_is_refused_and_not_run(tmp_path):
    trace = tmp_path / "was-run"
    with pytest.raises(BadInput, match="mkdir'; nothing was run"):
        read_a5_sidecar(sidecar_of([FRAME | {"data": Runs(trace)}]))
    assert not trace.exists()


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_no_sidecar(data):
    with pytest.raises(BadInput):
        read_a5_sidecar(data)


@given(st.data())
def test_a_damaged_sidecar_gives_frames_or_is_refused(data):
    damaged = bytearray(sidecar_of([FRAME, FRAME]))
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(octets)
    try:
        found = read_a5_sidecar(bytes(damaged))
    except BadInput:
        return
    assert all(type(frame) is A5Frame and type(frame.data) is bytes for frame in found)


# --- JSON ---


def test_the_review_the_project_and_the_peaks_are_read():
    data = json.dumps(
        {
            "source": {"sha256": "00", "tool_version": "0.3"},
            "project": "Quarry ä",
            "peaks": {"tran": 0.025, "vert": 1, "pvs": 0.03},
            "review": {"false_trigger": True, "reviewer": "J. Doe", "notes": "truck"},
            "extensions": {"x": [1, {"y": None}]},
        }
    ).encode()
    expected = JsonSidecar(
        review=Review(false_trigger=True, reviewer="J. Doe", notes="truck"),
        project="Quarry ä",
        peaks=(("tran", 0.025), ("vert", 1.0), ("pvs", 0.03)),
    )
    assert read_json_sidecar(data) == expected
    assert read_json_sidecar(b"\xef\xbb\xbf" + data) == expected


@pytest.mark.parametrize("text", ["{}", '{"review": null, "project": null, "peaks": null}', '{"other": 1}'])
def test_what_a_sidecar_does_not_say_is_none(text):
    assert read_json_sidecar(text.encode()) == JsonSidecar(review=None, project=None, peaks=None)


def test_a_review_that_says_nothing_is_still_a_review():
    assert read_json_sidecar(b'{"review": {}}').review == Review(false_trigger=None, reviewer=None, notes=None)
    assert read_json_sidecar(b'{"review": {"false_trigger": false}}').review == Review(false_trigger=False)


@pytest.mark.parametrize(
    "text",
    [
        '{"peaks": [1, 2]}',
        '{"peaks": {"tran": "0.1"}}',
        '{"peaks": {"tran": true}}',
        '{"peaks": {"tran": {"ppv": 1}}}',
        '{"peaks": {"tran": null}}',
        '{"peaks": {"tran": 1' + "0" * 400 + "}}",
        '{"project": 5}',
        '{"project": ["a"]}',
    ],
)
def test_peaks_and_projects_of_another_shape_are_left_alone(text):
    assert read_json_sidecar(text.encode()) == JsonSidecar()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not readable"),
        ("{", "not readable"),
        ("[]", "holds a list, not an object"),
        ("null", "holds a NoneType"),
        ('{"a": 1} x', "not readable"),
        ('{"a": 1, "a": 2}', "'a' is given twice"),
        ('{"review": {"notes": "a", "reviewer": "b", "notes": "c"}}', "'notes' is given twice"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": [-Infinity]}', "-Infinity is no number"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "not readable"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"review": true}', "review is a bool"),
        ('{"review": {"false_trigger": 1}}', "review.false_trigger is a int"),
        ('{"review": {"false_trigger": "no"}}', "review.false_trigger is a str"),
        ('{"review": {"notes": 5}}', "review.notes is a int"),
        ('{"review": {"reviewer": []}}', "review.reviewer is a list"),
        (r'{"review": {"reviewer": "\udcff"}}', "review.reviewer holds half a character"),
        (r'{"review": {"notes": "truck \ud83d"}}', "review.notes holds half a character"),
        (r'{"project": "\ud800"}', "project holds half a character"),
        (r'{"peaks": {"\ud800": 1}}', "peaks holds half a character"),
    ],
)
def test_json_that_cannot_be_taken_at_its_word_is_refused(text, reason):
    with pytest.raises(BadInput, match=f"^JSON sidecar: .*{reason}") as caught:
        read_json_sidecar(text.encode())
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_sidecar_reads_alike_in_any_code_page(encoding):
    assert read_json_sidecar('{"project": "O’Brien – 5 €"}'.encode(encoding)).project == "O’Brien – 5 €"


@pytest.mark.parametrize("data", [b'{"project": "a"\xff', '{"project": "a"}'.encode("utf-16")[2:]])
def test_other_encodings_than_utf_8_are_refused(data):
    with pytest.raises(BadInput, match="not readable"):
        read_json_sidecar(data)


def test_a_pair_of_surrogates_is_a_character_and_what_is_not_understood_may_hold_anything():
    data = rb'{"project": "\ud83d\ude80", "extensions": {"\ud800": "\udfff"}}'
    assert read_json_sidecar(data) == JsonSidecar(project="\U0001f680")


def test_a_file_too_large_for_a_sidecar_is_refused_unread():
    with pytest.raises(BadInput, match="this program reads up to 16,777,216"):
        read_json_sidecar(b" " * (16 * 1024 * 1024) + b"{}")


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(max_size=8), child, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("review", "project", "peaks", "source"), json_values)))
def test_any_json_object_is_read_or_refused(content):
    try:
        sidecar = read_json_sidecar(json.dumps(content).encode())
    except BadInput:
        assert content.get("review") is not None
        return
    assert sidecar.project is None or sidecar.project == content["project"]
    assert sidecar.peaks is None or dict(sidecar.peaks) == pytest.approx(content["peaks"])


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(data):
    with contextlib.suppress(BadInput):
        assert isinstance(read_json_sidecar(data), JsonSidecar)
