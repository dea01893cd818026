"""A profile's counts taken again from the real classes, to stand beside what the laws say."""

from data.atlas.flops import Flops
from data.atlas.profile import Profile
from data.atlas.variables import variables
from harness.profiling.counting import count


def recounted(profile: Profile) -> dict[str, tuple[Flops, Flops]]:
    """Return, by component, the FLOPs of one call of the profile's batch: by the law, and counted now.

    Components without a law are left out. Raises CountingError where a component cannot be counted.
    """
    described, shape = profile.architecture, profile.shape
    found = {}
    for piece in profile.pieces:
        if piece.law is not None:
            values = variables(described, described.component(piece.name), shape)
            by_law = piece.law.flops(values) * piece.law.media(shape.batch)
            found[piece.name] = (by_law, count(described, piece.name, shape))
    return found
