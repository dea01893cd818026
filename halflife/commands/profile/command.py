"""The command `halflife profile`: it checks the options and calls one of the four actions."""

from data.errors import HalflifeError
from halflife.commands.profile.options import ProfileOptions
from halflife.commands.profile.show import ShowOptions, list_all, show
from halflife.options import takes_options
from halflife.workflows.measure_request import MeasureRequest


@takes_options
def profile(options: ProfileOptions) -> None:
    """Say what one call of a model computes at a shape, what it would take and cost, and the memory that it needs.

    The shape is the model's usual one where no option says otherwise. FLOPs are exact, from polynomials; seconds are
    predicted from the rate that measured or published calls reached. Nothing is downloaded or run, except with
    --measure, which times the pipeline at every shape of a grid.
    """
    _check_options(options)
    if options.rebuild_atlas:
        _rebuild(options)
    elif options.holdout:
        _holdout(options)
    elif options.model is None:
        list_all(as_json=options.as_json)
    elif options.measure:
        _measure(options.model, options)
    else:
        _show(options.model, options)


def _rebuild(options: ProfileOptions) -> None:
    # Imports torch and diffusers.
    from halflife.commands.profile.rebuild import RebuildOptions, rebuild

    models = (*([options.model] if options.model else []), *(options.only or []))
    rebuild(RebuildOptions(models=models))


def _holdout(options: ProfileOptions) -> None:
    from halflife.commands.profile.holdout import HoldoutOptions, holdout

    holdout(HoldoutOptions(home=options.home), as_json=options.as_json)


def _measure(model: str, options: ProfileOptions) -> None:
    # Imports numpy and scipy, without which `halflife profile MODEL` starts.
    from halflife.commands.profile.measure import MeasureCommand, measure

    request = MeasureRequest(
        model=model,
        asked=options.shape.request(),
        options=options.measurement,
        machine=options.deployment.machine,
        catalogue=tuple(map(str, options.catalogue or ())),
    )
    command = MeasureCommand(request=request, target=options.deployment.target(), home=options.home)
    measure(command, as_json=options.as_json)


def _show(model: str, options: ProfileOptions) -> None:
    unused = options.measurement
    if unused.grid or unused.needs_peak or unused.repeats is not None:
        raise HalflifeError("Expected --measure beside --grid, --repeats or --mfu, got none. Add --measure.")
    chosen = ShowOptions(
        model=model,
        asked=options.shape.request(),
        target=options.deployment.target(),
        home=options.home,
        catalogue=tuple(options.catalogue or ()),
        recount=options.recount,
    )
    show(chosen, as_json=options.as_json)


def _check_options(options: ProfileOptions) -> None:
    """Raise HalflifeError where an option was given that has no effect beside the others."""
    where, has_model = options.deployment, options.model is not None
    if options.only and not options.rebuild_atlas:
        raise HalflifeError(
            "Expected --rebuild-atlas beside --only, got --only alone. Add it, or name the model alone."
        )
    if (where.on or where.software) and (options.measure or not has_model):
        raise HalflifeError(
            "Expected --on and --software beside a model to predict for, got them without. "
            "Name the model alone; with --measure say --device and --compile."
        )
    if not has_model and (where.usd_per_hour, where.usd_per_kwh) != (None, None):
        raise HalflifeError("Expected a model beside --usd-per-hour and --usd-per-kwh, got none. Name one.")
    if options.measure and not has_model and not (options.rebuild_atlas or options.holdout):
        raise HalflifeError("Expected a model to measure, got none. Give one: halflife profile MODEL --measure")
