"""Laws of memory out of peaks: planted laws are found again, and what no law explains is refused."""

import random

import pytest

from data.architectures.library import architecture
from data.architectures.shape import ShapeRequest
from data.flops.memory_model import load_memory
from harness.profiling.fitting import FitError
from harness.profiling.live_memory import footprint
from harness.profiling.memory_fitting import Peak, fit_memory

MONOMIALS = ("1", "n", "t", "b", "b*n", "b*t")


def planted(n: int, t: int, b: int) -> Peak:
    """Text outweighs the picture at small pictures: two moments, each the fullest somewhere."""
    activations = max(4096 + b * (65792 * n + 12288 * t), b * (37000 * n + 45056 * t) + 2048)
    return Peak({"n": n, "t": t, "b": b, "f": 1}, -(-activations // 512) * 512)


def peaks(seed: int, count: int) -> list[Peak]:
    drawn = random.Random(seed)
    return [
        planted(
            drawn.choice((4, 40, 400, 4000)) + drawn.randrange(40), drawn.choice((32, 77, 256)), drawn.choice((1, 2, 4))
        )
        for _ in range(count)
    ]


def test_planted_moments_are_found_again() -> None:
    law = fit_memory(peaks(0, 40), peaks(1, 20), MONOMIALS)
    assert law.split == "none"
    assert len(law.regimes["all"]) == 2
    for peak in peaks(2, 50):
        assert law.activations(peak.values) == pytest.approx(peak.activations, rel=2e-3)


def test_peaks_that_change_with_the_frames_get_regimes_of_their_own() -> None:
    def decoded(a: int, f: int, b: int) -> Peak:
        activations = {1: 600_000, 2: 2_000_000}.get(f, 2_900_000 + 300 * f) * a * b
        return Peak({"a": a, "f": f, "b": b}, activations)

    every = [decoded(a, f, b) for a in (600, 1600, 5400) for f in range(1, 10) for b in (1, 2, 3)]
    names = ("1", "a", "a*f", "b", "b*a", "b*a*f")
    law = fit_memory(every, [decoded(912, 13, 2), decoded(616, 1, 1)], names)
    assert law.split == "frames"
    assert law.activations({"a": 2000, "f": 31, "b": 1}) == pytest.approx((2_900_000 + 300 * 31) * 2000, rel=1e-4)


def test_peaks_without_a_law_are_refused() -> None:
    drawn = random.Random(0)
    noise = [Peak({"n": n, "t": 8, "b": 1, "f": 1}, drawn.randrange(10**8, 10**9)) for n in range(1, 30)]
    with pytest.raises(FitError, match="one law explains within 1 %"):
        fit_memory(noise[:20], noise[20:], MONOMIALS)


def test_a_law_is_proved_on_two_shapes_at_least() -> None:
    with pytest.raises(FitError, match="Expected two shapes to prove a law of memory on, got 1"):
        fit_memory(peaks(0, 20), peaks(1, 1), MONOMIALS)


@pytest.mark.parametrize(
    ("model", "component"), [("shapes-grand", "denoiser"), ("dit-s-2", "denoiser"), ("flux.1-dev", "vae_decode")]
)
def test_the_committed_laws_say_what_is_followed_on_meta(model: str, component: str) -> None:
    described = architecture(model)
    side = min(described.limits.longest_side, 384)
    shape = described.shape(ShapeRequest(width=side, height=side, batch=3, guidance=1.0))
    peak = load_memory().peak(described, shape)
    assert peak is not None
    component_peak = peak.denoiser if component == "denoiser" else peak.decoders[0]
    counted = footprint(described, component, shape)
    assert component_peak.weights == counted.weights
    assert component_peak.activations == pytest.approx(counted.activations, rel=0.01)
