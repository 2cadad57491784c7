"""The decoder waveform@1 as a plug-in: `sfm_archive.waveforms.decode_event` behind the hook. Needs numpy when used."""

from __future__ import annotations

from sfm_archive.plugins.api import BadInput, Finding, Samples, hookimpl

SFM_HOOK_API = 1


class Waveform:
    """Counts of a waveform event, in in/s (geophones, normal range) and Pa (microphone)."""

    family = "waveform"
    version = 1
    description = "waveform events as in/s and Pa, normal range; needs numpy"

    def decode(self, memory: bytes) -> Samples:
        """The samples. Raises BadInput where the memory is no waveform, or numpy is not installed."""
        try:
            # Loading the plug-in must cost nobody the time of loading numpy.
            from sfm_archive.waveforms import decode_event
        except ModuleNotFoundError as error:
            raise BadInput(
                f"decoder waveform@1 needs {error.name}, which is not installed: pip install 'sfm-archive[waveforms]'"
            ) from error
        found = decode_event(memory)
        if found.waveform is None:
            raise BadInput("; ".join(one.message for one in found.findings) or "the event holds no waveform")
        values = found.waveform.physical()
        assumed = []
        if found.waveform.sample_rate_assumed:
            message = f"the sample rate was taken as {found.waveform.sample_rate:g} per second; the memory does not say"
            assumed.append(Finding(code="assumed-sample-rate", message=message))
        if found.waveform.pretrigger_assumed:
            message = f"a pre-trigger of {found.waveform.pretrigger} samples was taken; the memory does not say"
            assumed.append(Finding(code="assumed-pretrigger", message=message))
        return Samples(
            channels=tuple(values),
            units=tuple("Pa" if name == "MicL" else "in/s" for name in values),
            samples=tuple(one.tolist() for one in values.values()),
            sample_rate=found.waveform.sample_rate,
            pretrigger=found.waveform.pretrigger,
            findings=(*found.findings, *assumed),
        )


@hookimpl
def sfm_decoders() -> list[Waveform]:
    """This package's one decoder."""
    return [Waveform()]
