"""What an architecture file may say: the classes and configs of a pipeline's networks, and what a call looks like."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from data.architectures.shape import Conventions, Shape, ShapeLimits, ShapeRequest, fitted
from data.formats.toml import Declared
from data.vocabulary import Task

Guidance = Literal["classifier-free", "embedded", "none"]
Stage = Literal["text_encoders", "denoiser", "vae_encode", "vae_decode"]
Library = Literal["diffusers", "diffusers.pipelines.ltx2", "transformers"]
TokenSource = Literal["text"]


class Network(Declared):
    """One network: a class of diffusers or transformers, the config values that differ from its defaults, and sources.

    `sources` names where the values were read; `call` the way in which it is called (harness/profiling/calls).
    """

    library: Library
    type: str
    call: str
    config: dict[str, Any] = Field(default_factory=dict)
    sources: list[str] = Field(min_length=1)


class TextEncoder(Declared):
    """A text encoder in a pipeline. It reads `tokens`: a fixed number, or the call's text tokens plus `more`."""

    name: str
    network: Network
    tokens: int | TokenSource
    more: int = 0


class Latents(Declared):
    """How pixels become latents and tokens.

    A latent covers `space`×`space` pixels and `time` frames (the first frame has one of its own) in `channels`
    channels; a token covers `patch`×`patch` latents of `patch_time` latent frames. Sound, where the model makes it,
    has `sound_rate` tokens a second.
    """

    space: int = Field(ge=1)
    time: int = Field(default=1, ge=1)
    channels: int = Field(ge=1)
    patch: int = Field(default=1, ge=1)
    patch_time: int = Field(default=1, ge=1)
    sound_rate: int | None = Field(default=None, ge=1)

    def frames(self, shape: Shape) -> int:
        """Return the latent frames of a shape."""
        return (shape.frames - 1) // self.time + 1

    def height(self, shape: Shape) -> int:
        """Return the latent rows of a shape."""
        return shape.height // self.space

    def width(self, shape: Shape) -> int:
        """Return the latent columns of a shape."""
        return shape.width // self.space

    def tokens(self, shape: Shape) -> int:
        """Return the image or video tokens of a shape."""
        area = (self.height(shape) // self.patch) * (self.width(shape) // self.patch)
        return area * (self.frames(shape) // self.patch_time)


class Component(Declared):
    """One counted piece of a pipeline: a network, the stage that it works in, and the tokens an encoder reads."""

    name: str
    stage: Stage
    network: Network
    tokens: int | TokenSource = 0
    more: int = 0

    def text(self, shape: Shape) -> int:
        """Return the tokens that a text encoder reads for a shape."""
        return (shape.text_tokens if self.tokens == "text" else self.tokens) + self.more


class Architecture(Declared):
    """One model as its pipeline runs it: text encoders, denoiser, VAE, and the shapes and conventions of a call.

    `guidance` says what a scale above 1 costs: "classifier-free" doubles the denoiser's forwards and the prompts that
    are encoded, "embedded" is an input of the network, "none" is not used. Of several `denoisers` each step runs one,
    and the weights of all are loaded. `pipeline` is the class that makes videos of it, whose limits and rate
    (`video_pipelines`) hold where the file has none of its own.
    """

    id: str
    title: str
    task: Task
    guidance: Guidance
    conventions: Conventions
    limits: ShapeLimits
    latents: Latents
    text_encoders: list[TextEncoder] = Field(default_factory=list)
    denoiser: Network
    denoisers: int = Field(default=1, ge=1)
    vae: Network | None = None
    sound: list[Network] = Field(default_factory=list)
    aliases: list[str] = Field(default_factory=list)
    pipeline: str | None = None
    sources: list[str] = Field(min_length=1)

    def shape(self, asked: ShapeRequest | None = None) -> Shape:
        """Return the shape that is asked for, conventions filled in. Raises ShapeError with the nearest one taken."""
        return fitted(self.id, asked or ShapeRequest(), self.conventions, self.limits)

    def doubled(self, shape: Shape) -> int:
        """Return how many times each step and each prompt is computed: 2 with classifier-free guidance, else 1."""
        return 2 if self.guidance == "classifier-free" and shape.guidance > 1 else 1

    def forwards(self, shape: Shape) -> int:
        """Return the denoiser's forwards of one medium: steps, twice with classifier-free guidance above 1."""
        return shape.steps * self.doubled(shape)

    def seconds(self, shape: Shape) -> float | None:
        """Return the seconds that the video plays, None for a picture."""
        return shape.frames / self.conventions.fps if self.conventions.fps and shape.frames > 1 else None

    def sound_tokens(self, shape: Shape) -> int:
        """Return the tokens of sound of a shape: 0 where the model makes none."""
        if self.latents.sound_rate is None or self.conventions.fps is None:
            return 0
        return round(shape.frames / self.conventions.fps * self.latents.sound_rate)

    def component(self, name: str) -> Component:
        """Return the component of that name. Raises KeyError where there is none."""
        return {component.name: component for component in self.components()}[name]

    def components(self) -> Iterator[Component]:
        """Yield what is counted, in the order of the work: text encoders, denoiser, VAE encode and decode."""
        for encoder in self.text_encoders:
            yield Component(
                name=encoder.name,
                stage="text_encoders",
                network=encoder.network,
                tokens=encoder.tokens,
                more=encoder.more,
            )
        yield Component(name="denoiser", stage="denoiser", network=self.denoiser)
        if self.vae is not None:
            yield Component(name="vae_encode", stage="vae_encode", network=self.vae)
            yield Component(name="vae_decode", stage="vae_decode", network=self.vae)
        for decoder in self.sound:
            yield Component(name=decoder.call.rpartition("2-")[2], stage="vae_decode", network=decoder)
