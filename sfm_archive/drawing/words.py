"""Values as people read them: digits, units, and words where a unit gave no number."""

from __future__ import annotations

from sfm_archive.analysing import Recording
from sfm_archive.formats.readings import Reading, ValueState
from sfm_archive.waveforms.units import PSI_PER_PA, level_db

CHANNEL_NAMES = {"Tran": "Transverse", "Vert": "Vertical", "Long": "Longitudinal", "MicL": "Microphone"}

QUANTITY_NAMES = {
    "ppv": "Peak particle velocity",
    "zc_frequency": "Zero-crossing frequency",
    "time_of_peak": "Time of peak",
    "peak_acceleration": "Peak acceleration",
    "peak_displacement": "Peak displacement",
    "test_frequency": "Sensor check, frequency",
    "test_ratio": "Sensor check, overswing ratio",
    "test_amplitude": "Sensor check, amplitude",
    "test_results": "Sensor check, result",
    "pvs": "Peak vector sum",
    "pspl": "Peak sound pressure level",
}

_WORDS = {ValueState.OVER_RANGE: "OVER RANGE", ValueState.ABSENT: "–"}
_SIGNS = {ValueState.BELOW_THRESHOLD: "<", ValueState.ABOVE_LIMIT: ">"}


def number_text(reading: Reading) -> str:
    """A value without its unit: three significant digits or more, as a report prints."""
    if reading.state in _WORDS:
        return _WORDS[reading.state]
    if reading.number is None or (reading.text and not reading.unit):
        return reading.text or "–"
    return f"{_SIGNS.get(reading.state, '')}{digits(reading.number, reading.unit)}"


def digits(number: float, unit: str) -> str:
    """A number in the digits usual for its unit."""
    size = abs(number)
    if unit == "Hz":
        return f"{number:.1f}" if size < 50 else f"{number:.0f}"
    if unit.startswith("dB"):
        return f"{number:.1f}"
    if unit == "in":
        return f"{number:.4f}" if size < 0.1 else f"{number:.3f}"
    if size < 10:
        return f"{number:.3f}"
    return f"{number:.2f}" if size < 100 else f"{number:.1f}"


def level_text(reading: Reading) -> str:
    """A peak sound pressure as a level, with the pressure where that is what was reported."""
    if reading.number is None or reading.unit.lower() not in ("psi", "pa") or not reading.number > 0:
        return full_text(reading)
    pascals = reading.number / (PSI_PER_PA if reading.unit.lower() == "psi" else 1.0)
    sign = _SIGNS.get(reading.state, "")
    return f"{sign}{float(level_db(pascals)):.1f} dB(L)  ({reading.number:.4g} {reading.unit})"


def full_text(reading: Reading) -> str:
    """A value with its unit."""
    text = number_text(reading)
    if reading.state in _WORDS or reading.number is None or not reading.unit:
        return text
    return f"{text} {'s' if reading.unit == 'sec' else reading.unit}"


def recorded_text(recording: Recording) -> str:
    """When, by the unit's own clock."""
    return f"{recording.event.recorded_at:%Y-%m-%d %H:%M:%S}"


def utc_text(recording: Recording) -> str:
    """UTC as far as a zone is known."""
    if recording.utc.utc is None:
        return "unknown: no time zone is stated"
    text = f"{recording.utc.utc:%Y-%m-%d %H:%M:%S} UTC"
    if recording.utc.other is not None:
        text += f" or {recording.utc.other:%H:%M:%S} (repeated hour)"
    elif recording.utc.certainty.value != "certain":
        text += f" ({recording.utc.certainty.value})"
    return text
