"""Counts a profile again on the real classes, to compare with what its laws say."""

from data.flops.flops import Flops
from data.flops.profile import Profile
from data.flops.variables import variables
from harness.profiling.subprocess_count import count_in_subprocess


def recounted(profile: Profile) -> dict[str, tuple[Flops, Flops]]:
    """Return, by component, the FLOPs of one call of the profile's batch: by the law, and counted now.

    Components without a law are left out. Raises CountingError where a component cannot be counted.
    """
    described, shape = profile.architecture, profile.shape
    by_law = {
        piece.name: piece.polynomial.flops(variables(described, described.component(piece.name), shape))
        * piece.polynomial.media(shape.batch)
        for piece in profile.components
        if piece.polynomial is not None
    }
    counts = count_in_subprocess(described, list(by_law), shape)
    return {name: (flops, counts[name]) for name, flops in by_law.items()}
