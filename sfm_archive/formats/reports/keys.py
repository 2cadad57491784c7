"""Names of lines and what stands behind them, for both dialects: Blastware's `Tran PPV`, THOR's `TranPPV`.

Case, blanks and signs between the words do not count. Whole names only: part of one can mean something else (`Time of
PPV`, `Pressure Trigger Level`).
"""

from __future__ import annotations

from sfm_archive.model.readings import CHANNELS

_OF_CHANNEL = {
    "ppv": "ppv",
    "peakparticlevelocity": "ppv",
    "zcfreq": "zc_frequency",
    "zcfrequency": "zc_frequency",
    "zerocrossingfrequency": "zc_frequency",
    "timeofpeak": "time_of_peak",
    "peakacceleration": "peak_acceleration",
    "peakdisplacement": "peak_displacement",
    "pspl": "pspl",
    "testfreq": "test_frequency",
    "testfrequency": "test_frequency",
    "testratio": "test_ratio",
    "testamplitude": "test_amplitude",
    "testresults": "test_results",
}

_OF_EVENT = {
    "peakvectorsum": "pvs",
    "vectorsum": "pvs",
    "peakvectorsumtime": "pvs_time",
    "vectorsumtime": "pvs_time",
    "pspl": "pspl",
    "trigger": "trigger",
    "geotriggerlevel": "geo_trigger_level",
    "mictriggerlevel": "mic_trigger_level",
    "pretrigger": "pretrigger",
    "pretriggerlength": "pretrigger",
    "pretriggertime": "pretrigger",
    "recordtime": "record_time",
    "recordstopmode": "record_stop_mode",
    "autowindow": "auto_window",
    "samplerate": "sample_rate",
    "samplingrate": "sample_rate",
    "numberofintervals": "intervals",
    "intervalsize": "interval_size",
    "batterylevel": "battery",
    "battery": "battery",
    "calibration": "calibration",
    "units": "units",
    "georange": "geo_range",
    "microphone": "microphone",
    "scaleddistance": "scaled_distance",
    "gpsdistance": "gps_distance",
    "version": "firmware",
    "pcswversion": "software",
}

IDENTITY_KEYS = frozenset({"eventtype", "serialnumber", "filename", "eventtime", "eventdate"})
"""Squeezed names of the lines that say which event it is."""

_CHANNEL_WORDS = {**{channel.lower(): channel for channel in CHANNELS}, "mic": "MicL"}
_LONGEST_FIRST = sorted(_CHANNEL_WORDS, key=len, reverse=True)


def squeezed(name: str) -> str:
    """Letters and digits alone, in lower case: `Pre-trigger Length` and `PretriggerLength` are one name."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def channel_named(text: str) -> str | None:
    """The channel that a text names, in any case; None for any other text. `Mic` and `MIC` are the microphone's."""
    return _CHANNEL_WORDS.get(text.strip().lower())


def quantity_of_event(name: str) -> str:
    """What a squeezed name says of the whole event; '' for one that is not known."""
    return _OF_EVENT.get(name, "")


def quantity_of_channel(name: str) -> str:
    """What a squeezed name without its channel says of that channel; '' for one that is not known."""
    return _OF_CHANNEL.get(name, "")


def ends_like_a_quantity(name: str) -> bool:
    """Whether a squeezed name that is not understood ends as that of a channel's number does: the channel before it is
    lost or not known."""
    return name.endswith(tuple(_OF_CHANNEL))


def quantity_of(name: str) -> tuple[str, str]:
    """Quantity and channel of a squeezed name; empty texts for one that is not known."""
    for word in _LONGEST_FIRST:
        quantity = quantity_of_channel(name.removeprefix(word)) if name.startswith(word) else ""
        if quantity:
            return quantity, "MicL" if quantity == "pspl" else _CHANNEL_WORDS[word]
    quantity = quantity_of_event(name)
    # There is one microphone, and reports name it or not.
    return quantity, "MicL" if quantity == "pspl" else ""
