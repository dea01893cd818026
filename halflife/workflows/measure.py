"""`halflife profile --measure`, from names to measurements: what runs, with which weights, where and how."""

from typing import Any, Final, cast, get_args

from data.architectures.architecture import Architecture
from data.architectures.library import architecture, names
from data.catalogue import this_machine
from data.catalogue.accelerator import accelerators, named_by_driver
from data.catalogue.library import Catalogue, load_catalogue
from data.errors import HalflifeError, UnknownNameError
from data.flops.flops_model import load_flops_model
from data.home import Home
from data.measurements import (
    Attention,
    Cache,
    Compiled,
    Configuration,
    Measurement,
    Offload,
    Quantisation,
    Setup,
    Weights,
)
from data.vocabulary import Dtype, LocalSource, Machine, Model, Progress
from halflife.workflows.measure_request import MeasureOptions, MeasureRequest
from harness.devices import Device, choose
from harness.profiling.benchmark_target import BenchmarkTarget
from harness.profiling.catalogue_pipeline import CataloguePipeline
from harness.profiling.configuring import check_device, check_network
from harness.profiling.energy import energy_meter
from harness.profiling.grid import shapes
from harness.profiling.measuring import MeasurementGrid, measure_grid
from harness.profiling.random_pipeline import RandomPipeline

VERSIONS: Final = ("torch", "diffusers", "transformers")


def measure(home: Home, request: MeasureRequest, progress: Progress) -> list[Measurement]:
    """Measure what the home does not hold yet and return the measurements of the grid.

    Raises HalflifeError for a name, shape, device or configuration that cannot be, before anything is loaded.
    """
    described, catalogue = architecture(request.model), load_catalogue(request.catalogue)
    flops_model, options = load_flops_model(), request.options
    grid_shapes = shapes(described, options.grid, request.asked)
    model = _model(request, described, catalogue)
    device = choose(options.device)
    configuration = _configuration(options, model, device)
    check_device(configuration, device, "catalogue" if model else "random")
    check_network(configuration, described)
    machine, accelerator = _machine(request, catalogue, device)
    setup = Setup(
        model=described.id,
        revision=model.revision if model else "random",
        weights="catalogue" if model else "random",
        shape=described.shape(),
        configuration=configuration,
        accelerator=accelerator or machine.gpu or "cpu",
        processor=machine.gpu or machine.cpu,
        repeats=1,
        versions=_versions(machine, device),
    )
    grid = MeasurementGrid(
        setup=setup,
        shapes=grid_shapes,
        repeats=options.repeats,
        seed=options.seed,
        machine=machine,
        flops=lambda shape: flops_model.totals(described.id, [shape])[0],
    )
    return measure_grid(home, grid, _target(described, model, configuration, device), progress)


def _model(request: MeasureRequest, described: Architecture, catalogue: Catalogue) -> Model | None:
    """Return the model of the catalogue whose weights are measured; None stands for random weights.

    Without `--weights`, weights that are here already are taken and nothing is downloaded.
    """
    weights = request.options.weights
    if weights is not None:
        _one_of("weights", weights, Weights)
    if weights == "random":
        return None
    local = [model for model in catalogue.models.values() if model.location == "local"]
    fitting = [model for model in local if described.id in (model.id, names().get(model.id))]
    if weights is None:
        fitting = [model for model in fitting if isinstance(model.source, LocalSource) and model.source.kind != "hub"]
    elif not fitting:
        raise UnknownNameError("model with weights in the catalogue", request.model, [model.id for model in local])
    return fitting[0] if fitting else None


def _configuration(options: MeasureOptions, model: Model | None, device: Device) -> Configuration:
    of_model = model.source.dtype if model and isinstance(model.source, LocalSource) else None
    dtype = options.dtype or of_model or ("float32" if device == "cpu" else "bfloat16")
    return Configuration(
        dtype=_one_of("dtype", dtype, Dtype),
        compiled=_one_of("way to compile", options.compiled, Compiled),
        attention=_one_of("attention backend", options.attention, Attention),
        offload=_one_of("offload", options.offload, Offload),
        quantisation=_one_of("quantisation", options.quantisation, Quantisation),
        cache=_one_of("cache", options.cache, Cache),
    )


def _one_of(kind: str, value: str, choices: Any) -> Any:
    if value not in get_args(choices):
        raise UnknownNameError(kind, value, get_args(choices))
    return value


def _machine(request: MeasureRequest, catalogue: Catalogue, device: Device) -> tuple[Machine, str | None]:
    """Return this machine as the catalogue has it, and its accelerator's name where that is known."""
    machine = this_machine(catalogue, request.machine, device=device)
    accelerator = named_by_driver(machine.gpu) if machine.gpu else None
    if accelerator and request.machine is None:
        machine = this_machine(catalogue, accelerator.machine, device=device)
    if request.options.needs_peak and accelerator is None:
        processor = machine.gpu or f"a CPU ({machine.cpu})"
        raise HalflifeError(
            f"Expected an accelerator whose peak is known for --mfu ({', '.join(accelerators())}), got {processor}. "
            "Leave out --mfu."
        )
    return machine, accelerator.name if accelerator else None


def _versions(machine: Machine, device: Device) -> dict[str, str]:
    import torch

    versions = {name: machine.software[name] for name in VERSIONS if name in machine.software}
    card = energy_meter(device).card
    if device == "cpu":
        versions["torch threads"] = str(torch.get_num_threads())
    return versions | ({"driver": card.driver()} if card else {})


def _target(
    described: Architecture, model: Model | None, configuration: Configuration, device: Device
) -> BenchmarkTarget:
    if model is None:
        return cast("BenchmarkTarget", RandomPipeline(described, configuration, device))
    return cast("BenchmarkTarget", CataloguePipeline(model, configuration, device))
