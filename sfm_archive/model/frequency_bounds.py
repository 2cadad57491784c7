"""The frequency at a peak as verdicts use it: a number, and the interval in which it lies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sfm_archive.model.decimals import as_printed, bounds_of_print, half_of_the_last_digit
from sfm_archive.model.readings import Reading, ValueSource, ValueState

MOST_HZ: Final = 1e6
"""No ground vibrates faster; the fastest sample rate of a unit is a sixtieth of it."""

Frequency = tuple[float | None, float | None, float | None]
"""In Hz what is shown, and between what it lies; None at an end that is open, three times where nothing is known."""

ANY_FREQUENCY: Final[Frequency] = (None, None, None)


def frequency(reading: Reading | None, of_samples: Reading | None, times: int, *, trusted: bool) -> Frequency:
    """The frequency that a verdict uses, in Hz, and the interval in which it lies; None at its end where it is open,
    and three times where nothing is known.

    `reading`: the value that counts; `of_samples`: the decoder's. A print stands for its interval, half of its last
    digit to either side; where the samples agree with it they say where in it. `times`: by how much the sample rate
    can be another than the one that was assumed. `trusted`: the samples are those of the reported peak; others say
    nothing of its frequency.
    """
    printed = reading is not None and reading.source is not ValueSource.DECODER
    if not printed:
        return _interval(reading if trusted else None, times)
    stands_for = _interval(reading, 1)
    if not trusted:
        return stands_for
    computed = _interval(of_samples, 1)
    return computed if _agree(stands_for, computed) else stands_for


def _interval(reading: Reading | None, times: int) -> Frequency:
    if reading is None or reading.number is None or reading.state is ValueState.ABSENT:
        return None, None, None
    number = abs(reading.number)
    if not number <= MOST_HZ:
        return None, None, None  # no frequency that the ground has
    if reading.state is ValueState.ABOVE_LIMIT:
        return number, number, None
    if reading.state is ValueState.BELOW_THRESHOLD:
        return number, 0.0, number * times
    # A decoder's number is printed where it was read in a table.
    is_exact = reading.source is ValueSource.DECODER and not reading.text
    low, high = bounds_of_print(number, 0.0 if is_exact else _half_of_the_last_digit(reading))
    return number, low, high * times


def hull_of(said: Sequence[Reading]) -> Frequency | None:
    """Of frequencies that reports print differently one, and the interval in which all of them lie."""
    found = [one for one in (_interval(value, 1) for value in said) if one[0] is not None]
    if not found:
        return None
    highs = [high for *_, high in found]
    most = None if None in highs else max(high for high in highs if high is not None)
    return max(one[0] or 0.0 for one in found), min(low or 0.0 for _, low, _ in found), most


def _agree(printed: Frequency, computed: Frequency) -> bool:
    """Whether what the samples give lies within what was printed; a number with a slack of the 32 bits of a unit."""
    number, low, high = computed
    if number is None or low is None or printed[1] is None:
        return False
    slack = number * 1e-6
    below = printed[2] is None or (high is not None and high <= printed[2] + slack)
    return printed[1] - slack <= low and below


def _half_of_the_last_digit(reading: Reading) -> float:
    """Of a printed number; of one without a text, such as a sidecar's, that of its shortest decimal."""
    return half_of_the_last_digit(reading.text) or half_of_the_last_digit(f"{as_printed(reading.number or 0.0):.9g}")
