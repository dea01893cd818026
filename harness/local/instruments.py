"""What of a pipeline is timed: its text encoding, its decoding, and the ends of its steps."""

from typing import Any, NamedTuple

from harness.local.loading import STEP_CALLBACK, accepted
from harness.local.timing import CallPhase, CallTimer

DECODERS = ("vae", "vqvae", "movq", "vqgan", "audio_vae")


class TimedMethod(NamedTuple):
    """A method whose time counts as a phase, and the object that has it."""

    phase: CallPhase
    owner: Any
    name: str


class Instruments:
    """Wraps a pipeline's methods so that a timer sees them, until `detach`.

    The ends of steps come from `callback_on_step_end`, which the caller passes; where the class takes none
    (HunyuanVideo 1.5), from its scheduler.
    """

    def __init__(self, pipeline: Any, timer: CallTimer) -> None:
        self._wrapped: list[tuple[Any, str]] = []
        for phase, owner, name in timed_methods(pipeline):
            self._wrap(owner, name, timer.wrapped(phase, getattr(owner, name)))
        scheduler = pipeline.components.get("scheduler")
        if STEP_CALLBACK not in accepted(type(pipeline)) and hasattr(scheduler, "step"):
            self._wrap(scheduler, "step", timer.marking(scheduler.step))

    def detach(self) -> None:
        """Give the methods back as they were."""
        for owner, name in self._wrapped:
            delattr(owner, name)
        self._wrapped = []

    def _wrap(self, owner: Any, name: str, wrapped: Any) -> None:
        setattr(owner, name, wrapped)
        self._wrapped.append((owner, name))


def timed_methods(pipeline: Any) -> list[TimedMethod]:
    """Return the pipeline's text encoding, its autoencoders' decoding and its vocoder, as far as it has them."""
    components = pipeline.components
    autoencoders = [components[name] for name in DECODERS if components.get(name) is not None]
    methods = [TimedMethod("decode", autoencoder, "decode") for autoencoder in autoencoders]
    if components.get("vocoder") is not None:
        methods.append(TimedMethod("decode", components["vocoder"], "forward"))
    if getattr(pipeline, "encode_prompt", None) is not None:
        methods.insert(0, TimedMethod("text", pipeline, "encode_prompt"))
    return methods
