"""The law of attenuation, held against SciPy and a second computation."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sfm_archive.errors import UsageError
from sfm_archive.model.attenuation import (
    ONE_TAILED_95,
    AttenuationLaw,
    Pair,
    allowed_charge,
    law_of,
    scaled_distance_of_limit,
)


def scattered(n: int, *, k: float = 1140.0, beta: float = 1.6, scatter: float = 0.15, seed: int = 1) -> list[Pair]:
    """Pairs about a law, with normal residuals in powers of ten."""
    random = Random(seed)
    at = [10 ** random.uniform(0.5, 2.2) for _ in range(n)]
    return [Pair(one, k * one**-beta * 10 ** random.gauss(0, scatter)) for one in at]


pairs_of_any_kind = st.lists(
    st.tuples(st.floats(0.1, 1e4), st.floats(1e-3, 1e3)).map(lambda one: Pair(*one)), min_size=3, max_size=40
).filter(lambda pairs: max(pairs)[0] / min(pairs)[0] > 2)  # of nearer ones no law may follow


@pytest.mark.tables
@given(pairs=pairs_of_any_kind)
def test_k_beta_and_r_squared_are_those_of_scipy(pairs: list[Pair]) -> None:
    from scipy.stats import linregress

    across, up = ([math.log10(number) for number in side] for side in zip(*pairs, strict=True))
    assume(max(up) - min(up) > 1e-6)
    found, other = law_of(pairs), linregress(across, up)
    assert math.log10(found.k) == pytest.approx(other.intercept, rel=1e-6, abs=1e-8)
    assert found.beta == pytest.approx(-other.slope, rel=1e-6, abs=1e-8)
    assert found.r_squared == pytest.approx(other.rvalue**2, rel=1e-6, abs=1e-8)


@given(pairs=pairs_of_any_kind)
def test_s_and_the_95_line_are_those_of_a_second_computation(pairs: list[Pair]) -> None:
    """By numpy's solver of least squares, and from the residuals of its line."""
    found = law_of(pairs)
    across, up = np.log10([one.scaled for one in pairs]), np.log10([one.peak for one in pairs])
    matrix = np.column_stack((np.ones(len(pairs)), across))
    solved, *_ = np.linalg.lstsq(matrix, up, rcond=None)
    s = math.sqrt(((up - matrix @ solved) ** 2).sum() / (len(pairs) - 2))
    assert found.s == pytest.approx(s, rel=1e-6, abs=1e-8)
    assert math.log10(found.k_95) == pytest.approx(solved[0] + 1.645 * s, rel=1e-6, abs=1e-7)
    for at in (found.least, found.most):
        assert math.log10(found.peak_95(at) / found.peak(at)) == pytest.approx(1.645 * s, rel=1e-6, abs=1e-7)


def test_the_truth_behind_scattered_pairs_is_found_and_95_of_100_lie_below_the_line() -> None:
    pairs = scattered(4000)
    found = law_of(pairs)
    assert (found.n, found.doubts) == (4000, ())
    assert found.k == pytest.approx(1140, rel=0.05)
    assert found.beta == pytest.approx(1.6, abs=0.02)
    assert found.s == pytest.approx(0.15, rel=0.05)
    below = sum(one.peak <= found.peak_95(one.scaled) for one in pairs) / len(pairs)
    assert below == pytest.approx(0.95, abs=0.01)


@given(pairs=pairs_of_any_kind, seed=st.integers(0, 100))
def test_the_order_of_pairs_makes_no_difference(pairs: list[Pair], seed: int) -> None:
    mixed = Random(seed).sample(pairs, len(pairs))
    one, other = law_of(pairs), law_of(mixed)
    assert math.log10(one.k) == pytest.approx(math.log10(other.k), rel=1e-9, abs=1e-9)
    assert one.beta == pytest.approx(other.beta, rel=1e-9, abs=1e-9)


def test_other_units_shift_k_and_leave_beta_r_squared_and_s() -> None:
    metric = scattered(40)
    imperial = [Pair(one.scaled / 0.45257, one.peak / 25.4) for one in metric]
    one, other = law_of(metric), law_of(imperial)
    assert (other.beta, other.r_squared, other.s) == pytest.approx((one.beta, one.r_squared, one.s))
    assert other.k == pytest.approx(one.k / 25.4 * 0.45257**-one.beta)


@pytest.mark.parametrize("n", [0, 1, 2])
def test_fewer_than_three_pairs_are_refused(n: int) -> None:
    with pytest.raises(UsageError, match=f"{n} pair.* a law needs 3"):
        law_of(scattered(n))


def test_pairs_at_one_scaled_distance_are_refused() -> None:
    with pytest.raises(UsageError, match="all 3 pairs are at one scaled distance"):
        law_of([Pair(20, 1), Pair(20, 2), Pair(20, 3)])


def test_scaled_distances_that_are_nearly_one_are_refused_rather_than_overflowing() -> None:
    near = [Pair(1e4, 1e-3), Pair(1e4 * (1 + 1e-8), 1e3), Pair(1e4 * (1 + 2e-8), 1e-3), Pair(1e4 * (1 + 3e-8), 1e3)]
    with pytest.raises(UsageError, match="so near to each other that no slope follows"):
        law_of(near)


def test_few_pairs_and_a_small_r_squared_are_said() -> None:
    assert law_of(scattered(30)).doubts == ()
    assert "29 pairs are fewer than 30" in law_of(scattered(29)).doubts[0]
    (said,) = law_of(scattered(200, scatter=1.2)).doubts
    assert said.startswith("r² is below 0.7")


def test_peaks_that_do_not_fall_with_distance_are_said_and_give_no_charge() -> None:
    rising = law_of([Pair(10, 1), Pair(20, 2), Pair(40, 4)])
    assert rising.beta == pytest.approx(-1)
    assert "β is not above 0" in rising.doubts[-1]
    assert scaled_distance_of_limit(rising, 1.0) is None


def test_equal_peaks_have_no_r_squared_and_no_slope() -> None:
    flat = law_of([Pair(10, 0.3), Pair(20, 0.3), Pair(40, 0.3)])
    assert (flat.r_squared, flat.beta, flat.s) == (None, 0.0, pytest.approx(0.0, abs=1e-12))
    assert any("r² is not defined" in one for one in flat.doubts)
    assert scaled_distance_of_limit(flat, 1.0) is None


def law(**changed: float) -> AttenuationLaw:
    known = {"k": 1000.0, "beta": 1.6, "r_squared": 0.9, "n": 40, "s": 0.1, "least": 5.0, "most": 100.0}
    return AttenuationLaw(**{"k_95": 1000 * 10 ** (ONE_TAILED_95 * 0.1), **known, **changed})


@given(limit=st.floats(0.1, 200), beta=st.floats(0.3, 3), distance=st.floats(1, 1e4), root=st.sampled_from([2, 3]))
def test_at_the_allowed_charge_the_95_line_is_at_the_limit(
    limit: float, beta: float, distance: float, root: int
) -> None:
    found = law(beta=beta)
    at = scaled_distance_of_limit(found, limit)
    assert at is not None
    charge = allowed_charge(distance, at, root)
    assert found.peak_95(distance / charge ** (1 / root)) == pytest.approx(limit, rel=1e-9)


def test_a_slope_of_almost_nothing_gives_no_charge() -> None:
    assert scaled_distance_of_limit(law(beta=1e-6), 1.0) is None
