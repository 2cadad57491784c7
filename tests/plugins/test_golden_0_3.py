"""The released bytes of blastware@0 and blastware@3: nothing writes these files, and nothing may change them."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sfm_archive.errors import EncodeRefused
from sfm_archive.formats.frame_blob import deserialise_frames
from sfm_archive.model.events import Event
from sfm_archive.plugins.loading import load_plugins

FOLDER = Path(__file__).parents[1] / "golden" / "encoders_0_3"
CASES: dict[str, dict[str, Any]] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
REGISTRY = load_plugins()


@pytest.mark.parametrize("version", [0, 3])
@pytest.mark.parametrize("name", CASES)
def test_the_bytes_are_those_released(name: str, version: int) -> None:
    case = CASES[name]
    logical = (FOLDER / f"{name}.frames").read_bytes()
    assert hashlib.sha256(logical).hexdigest() == case["frames_sha256"]
    event = Event(serial=case["serial"], recorded_at=datetime.fromisoformat(case["recorded_at"]))
    expected = case[str(version)]
    encoder = REGISTRY.encoder(f"blastware@{version}")
    if "refused" in expected:
        with pytest.raises(EncodeRefused) as caught:
            encoder.encode(event, deserialise_frames(logical))
        assert [finding.code for finding in caught.value.findings] == expected["refused"]
        return
    encoded = encoder.encode(event, deserialise_frames(logical))
    assert encoded.data == (FOLDER / f"{name}.{version}").read_bytes()
    assert (hashlib.sha256(encoded.data).hexdigest(), len(encoded.data)) == (expected["sha256"], expected["size"])
    assert [finding.code for finding in encoded.findings] == expected["findings"]


def test_every_golden_file_is_looked_at() -> None:
    expected = {"manifest.json"}
    for name, case in CASES.items():
        expected |= {f"{name}.frames", *(f"{name}.{version}" for version in "03" if "sha256" in case[version])}
    assert {path.name for path in FOLDER.iterdir()} == expected
    assert {"sha256" in case["3"] for case in CASES.values()} == {True, False}
