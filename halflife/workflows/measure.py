"""`halflife profile --measure`, from names to cells: what runs, with which weights, where and how."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from data.errors import HalflifeError, UnknownNameError
from data.vocabulary import Dtype, Model, Progress

if TYPE_CHECKING:
    from data.architectures.architecture import Architecture
    from data.architectures.shape import ShapeRequest
    from data.catalogue.library import Catalogue
    from data.home import Home
    from data.measurements import Configuration, Measurement, Setup
    from data.vocabulary import Machine
    from harness.devices import Device
    from harness.profiling.benchmark_target import BenchmarkTarget

VERSIONS = ("torch", "diffusers", "transformers")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureOptions:
    """A measurement as the command line asks for it, in words that are not checked yet; None and "auto" choose."""

    model: str
    asked: "ShapeRequest"
    grid: str = ""
    weights: str | None = None
    device: str = "auto"
    dtype: str | None = None
    compiled: str = "off"
    attention: str = "native"
    offload: str = "off"
    quantisation: str = "off"
    cache: str = "off"
    repeats: int | None = None
    seed: int = 0
    machine: str | None = None
    catalogue: Sequence[str] = ()
    needs_peak: bool = False


def measured(home: "Home", wanted: MeasureOptions, progress: Progress) -> "list[Measurement]":
    """Measure what the home does not hold yet and return the cells of the grid.

    Raises HalflifeError for a name, shape, device or configuration that cannot be, before anything is loaded.
    """
    from data.architectures.library import architecture
    from data.catalogue.library import load_catalogue
    from data.flops.flops_model import load_flops_model
    from harness.devices import choose
    from harness.profiling.configuring import check_device, check_network
    from harness.profiling.grid import shapes
    from harness.profiling.measuring import MeasurementGrid, measure_grid

    described, catalogue, atlas = architecture(wanted.model), load_catalogue(wanted.catalogue), load_flops_model()
    grid = shapes(described, wanted.grid, wanted.asked)
    model = _contender(wanted, described, catalogue)
    device = choose(wanted.device)
    configuration = _configuration(wanted, model, device)
    check_device(configuration, device, "catalogue" if model else "random")
    check_network(configuration, described)
    setup, machine = _setup(wanted, described, model, configuration=configuration, device=device, catalogue=catalogue)
    order = MeasurementGrid(
        setup=setup,
        shapes=grid,
        repeats=wanted.repeats,
        seed=wanted.seed,
        machine=machine,
        flops=lambda shape: atlas.totals(described.id, [shape])[0],
    )
    return measure_grid(home, order, _subject(described, model, configuration, device), progress)


def _contender(wanted: MeasureOptions, described: "Architecture", catalogue: "Catalogue") -> Model | None:
    """Return the contender whose weights are measured; None stands for random ones.

    Without a word, weights that are here already are taken and nothing is downloaded.
    """
    from data.architectures.library import names
    from data.measurements import Weights
    from data.vocabulary import LocalSource

    if wanted.weights is not None:
        _one_of("weights", wanted.weights, Weights)
    if wanted.weights == "random":
        return None
    local = [one for one in catalogue.models.values() if one.location == "local"]
    found = [one for one in local if described.id in (one.id, names().get(one.id))]
    if wanted.weights is None:
        found = [one for one in found if isinstance(one.source, LocalSource) and one.source.kind != "hub"]
    elif not found:
        raise UnknownNameError("model with weights in the catalogue", wanted.model, [one.id for one in local])
    return found[0] if found else None


def _configuration(wanted: MeasureOptions, model: Model | None, device: "Device") -> "Configuration":
    from data.measurements import Attention, Cache, Compiled, Configuration, Offload, Quantisation
    from data.vocabulary import LocalSource

    own = model.source.dtype if model and isinstance(model.source, LocalSource) else None
    dtype = wanted.dtype or own or ("float32" if device == "cpu" else "bfloat16")
    return Configuration(
        dtype=_one_of("dtype", dtype, Dtype),
        compiled=_one_of("way to compile", wanted.compiled, Compiled),
        attention=_one_of("attention backend", wanted.attention, Attention),
        offload=_one_of("offload", wanted.offload, Offload),
        quantisation=_one_of("quantisation", wanted.quantisation, Quantisation),
        cache=_one_of("cache", wanted.cache, Cache),
    )


def _one_of(kind: str, value: str, choices: Any) -> Any:
    if value not in get_args(choices):
        raise UnknownNameError(kind, value, get_args(choices))
    return value


def _setup(
    wanted: MeasureOptions,
    described: "Architecture",
    model: Model | None,
    *,
    configuration: "Configuration",
    device: "Device",
    catalogue: "Catalogue",
) -> "tuple[Setup, Machine]":
    from data.catalogue import this_machine
    from data.catalogue.accelerator import accelerators, named_by_driver
    from data.measurements import Setup

    machine = this_machine(catalogue, wanted.machine, device=device)
    known = named_by_driver(machine.gpu) if machine.gpu else None
    if known and wanted.machine is None:
        machine = this_machine(catalogue, known.machine, device=device)
    if wanted.needs_peak and known is None:
        got = machine.gpu or f"a CPU ({machine.cpu})"
        raise HalflifeError(
            f"Expected an accelerator whose peak is known for --mfu ({', '.join(accelerators())}), got {got}. "
            "Leave out --mfu."
        )
    setup = Setup(
        model=described.id,
        revision=model.revision if model else "random",
        weights="catalogue" if model else "random",
        shape=described.shape(),
        configuration=configuration,
        accelerator=known.name if known else machine.gpu or "cpu",
        processor=machine.gpu or machine.cpu,
        repeats=1,
        versions=_versions(machine, device),
    )
    return setup, machine


def _versions(machine: "Machine", device: "Device") -> dict[str, str]:
    import torch

    from harness.profiling.energy import energy_meter

    held = {name: machine.software[name] for name in VERSIONS if name in machine.software}
    card = energy_meter(device).card
    if device == "cpu":
        held["torch threads"] = str(torch.get_num_threads())
    return held | ({"driver": card.driver()} if card else {})


def _subject(
    described: "Architecture", model: Model | None, configuration: "Configuration", device: "Device"
) -> "BenchmarkTarget":
    from harness.profiling.catalogue_pipeline import CataloguePipeline
    from harness.profiling.random_pipeline import RandomPipeline

    if model is None:
        return cast("BenchmarkTarget", RandomPipeline(described, configuration, device))
    return cast("BenchmarkTarget", CataloguePipeline(model, configuration, device))
