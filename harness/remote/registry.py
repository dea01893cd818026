"""Opens the adapter that a remote model names, by the table that the run has (`data.catalogue.adapters`)."""

import importlib
from typing import cast

from data.catalogue.adapters import adapter_entry
from data.errors import HalflifeError, MissingExtraError, ServiceError
from data.vocabulary import Model, RemoteSource
from harness.generator import Generator
from harness.remote.context import RemoteContext


def open_adapter(model: Model, context: RemoteContext) -> Generator:
    """Return the generator of a remote model: what `generator_for(context)` of its adapter's module makes.

    The module that speaks by specs gets that of the provider too, as `generator_for(context, spec)`.

    Raises UnknownNameError with the nearest adapter, HalflifeError for a task that it does not serve, ServiceError for
    a variable of the environment that is not set, MissingExtraError with the command that installs what it needs.
    """
    if not isinstance(model.source, RemoteSource):
        raise TypeError(f"Expected a remote model, got {model.id!r}, which is local.")
    entry = adapter_entry(model.source.adapter, context.adapters)
    if model.task not in entry.tasks:
        raise HalflifeError(
            f"Expected a task that adapter {entry.name!r} serves ({', '.join(sorted(entry.tasks))}), got "
            f"{model.task!r} for model {model.id!r}. Choose another model, or another adapter in its catalogue file."
        )
    for variable in entry.environment:
        if not context.environment.environ.get(variable, "").strip():
            raise ServiceError(f"Expected the environment variable {variable}, got none. Set it and try again.")
    try:
        module = importlib.import_module(entry.module)
    except ImportError as error:
        if entry.extra is None:
            raise
        raise MissingExtraError(f"The adapter {entry.name!r}", entry.extra) from error
    given = (context,) if entry.spec is None else (context, entry.spec)
    return cast(Generator, module.generator_for(*given))
