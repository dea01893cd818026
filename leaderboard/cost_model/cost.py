"""What an output costs on a machine of one's own: seconds at its declared price, energy at a tariff."""

from dataclasses import dataclass
from typing import ClassVar, Final

JOULES_A_KWH: Final = 3.6e6
FIRST_FRAME: Final = "No pipeline here streams: the first frame comes when the call ends."
"""What is reported about the time to the first frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCost:
    """US dollars of one call, of each of its outputs, and of a second of video; seconds of video made in a second.

    `usd_energy` is None where no energy was measured or no tariff is given; `usd` then holds machine time alone.
    """

    AMOUNTS: ClassVar[tuple[str, ...]] = (
        "usd_call",
        "usd_machine",
        "usd_energy",
        "usd_image",
        "usd_video_second",
        "real_time_factor",
    )

    usd_machine: float
    usd_energy: float | None
    outputs: int
    seconds: float
    video_seconds: float | None = None

    @property
    def usd(self) -> float:
        """The call's price."""
        return self.usd_machine + (self.usd_energy or 0.0)

    @property
    def usd_an_output(self) -> float:
        """The price of an image or a clip."""
        return self.usd / self.outputs

    @property
    def usd_a_video_second(self) -> float | None:
        """The price of a second of video; None for images."""
        return self.usd_an_output / self.video_seconds if self.video_seconds else None

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of video made in a second of machine time; from 1 on it is faster than real time. None for images."""
        return self.outputs * self.video_seconds / self.seconds if self.video_seconds and self.seconds else None

    @property
    def usd_an_image(self) -> float | None:
        """The price of an image; None for videos."""
        return None if self.video_seconds else self.usd_an_output

    def as_json(self) -> dict[str, float | None]:
        """Return all amounts as JSON values, in US dollars; None where one does not apply."""
        amounts = (self.usd, self.usd_machine, self.usd_energy, self.usd_an_image, self.usd_a_video_second)
        return dict(zip(self.AMOUNTS, (*amounts, self.real_time_factor), strict=True))


def cost(
    seconds: float,
    *,
    usd_per_hour: float,
    outputs: int = 1,
    video_seconds: float | None = None,
    joules: float | None = None,
    usd_per_kwh: float | None = None,
) -> CallCost:
    """Return what a call of so many end-to-end seconds costs; `video_seconds` is the length of one output.

    Energy counts where both the joules and a tariff are known. Raises ValueError for a negative amount.
    """
    if min(seconds, usd_per_hour, joules or 0.0, usd_per_kwh or 0.0) < 0 or outputs < 1:
        raise ValueError(f"Expected amounts of 0 or more and an output, got {seconds=}, {usd_per_hour=}, {outputs=}.")
    energy = None if joules is None or usd_per_kwh is None else joules / JOULES_A_KWH * usd_per_kwh
    return CallCost(
        usd_machine=seconds * usd_per_hour / 3600,
        usd_energy=energy,
        outputs=outputs,
        seconds=seconds,
        video_seconds=video_seconds,
    )
