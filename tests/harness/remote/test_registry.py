"""Adapters are opened by the table, and whatever is missing is one sentence."""

import sys
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from data.catalogue.adapters import ADAPTERS, AdapterEntry
from data.errors import HalflifeError, MissingExtraError, ServiceError, UnknownNameError
from data.media import MediaStore
from data.runs import RunFolder
from data.store.control import Control
from harness.remote.adapters.openai_images.adapter import OpenAIImages
from harness.remote.context import RemoteContext
from harness.remote.registry import open_adapter
from harness.remote.transport.environment import Environment
from harness.request_log import RequestLog


@pytest.fixture
def context(run: RunFolder, home: Any, studio: Any) -> RemoteContext:
    media, log = MediaStore(home.media), RequestLog(run)
    made = RemoteContext.of(run, Control(home.control), cap_usd=1.0, media=media, request_log=log)
    return replace(made, environment=Environment(environ=studio.environ))


def entry(**changes: Any) -> AdapterEntry:
    return replace(ADAPTERS["openai_images"], **changes)


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_every_adapter_of_the_table_opens(name: str, context: RemoteContext, studio: Any) -> None:
    model = studio.contender("https://studio.example/v1", adapter=name)
    model = replace(model, task=min(ADAPTERS[name].tasks))
    assert ADAPTERS[name].name == name
    assert callable(open_adapter(model, context).generate)


def test_an_adapter_costs_one_row_and_one_module(
    context: RemoteContext, studio: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("another_provider")
    module.generator_for = lambda context: ("a generator", context)
    monkeypatch.setitem(sys.modules, "another_provider", module)
    table = {**ADAPTERS, "another": entry(name="another", module="another_provider", extra=None)}
    model = studio.contender("https://studio.example/v1", adapter="another")
    context = replace(context, adapters=table)
    assert open_adapter(model, context) == ("a generator", context)


def test_the_adapter_of_openai_is_the_generator_of_its_module(context: RemoteContext, studio: Any) -> None:
    assert isinstance(open_adapter(studio.contender("https://studio.example/v1"), context), OpenAIImages)


@pytest.mark.parametrize(
    ("row", "error", "message"),
    [
        ({"tasks": frozenset({"text-to-video"})}, HalflifeError, "serves .text-to-video., got 'text-to-image'"),
        ({"environment": ("STUDIO_REGION",)}, ServiceError, "environment variable STUDIO_REGION, got none"),
        ({"module": "no_such_module"}, MissingExtraError, r"openai_images' needs the extra 'openai'.*Run: uv pip"),
    ],
)
def test_what_is_missing_is_one_sentence(
    context: RemoteContext, studio: Any, row: Any, error: type[Exception], message: str
) -> None:
    model = studio.contender("https://studio.example/v1")
    with pytest.raises(error, match=message):
        open_adapter(model, replace(context, adapters={"openai_images": entry(**row)}))


def test_an_unknown_adapter_is_answered_with_the_nearest(context: RemoteContext, studio: Any) -> None:
    model = studio.contender("https://studio.example/v1", adapter="openai_image")
    with pytest.raises(UnknownNameError, match=r"Unknown adapter 'openai_image'\. Did you mean 'openai_images'"):
        open_adapter(model, context)
