"""What the shipped catalogue says is true of diffusers, of the embedded weights, and of itself."""

import ast
import datetime as dt
import importlib.util
import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from data.catalogue import load_catalogue, make_embedded
from data.catalogue.library import FOLDER
from data.catalogue.list_price import ListPrice
from data.embedded.motion.contenders import VIDEO_CONTENDERS
from data.errors import InputFileError
from data.vocabulary import LocalSource, Model, RemoteSource

CATALOGUE = load_catalogue()
HUB = [m for m in CATALOGUE.models.values() if isinstance(m.source, LocalSource) and m.source.kind == "hub"]
REMOTE = [m for m in CATALOGUE.models.values() if isinstance(m.source, RemoteSource)]


@cache
def pipeline_parameters() -> dict[str, set[str]]:
    """Parameters of `__call__` of every pipeline in diffusers, read without importing it."""
    spec = importlib.util.find_spec("diffusers")
    if spec is None or spec.origin is None:
        pytest.skip("diffusers is not installed")
    names = {model.source.pipeline for model in HUB if isinstance(model.source, LocalSource)}
    parameters: dict[str, set[str]] = {}
    for path in (Path(spec.origin).parent / "pipelines").rglob("pipeline_*.py"):
        text = path.read_text(encoding="utf-8")
        if any(f"class {name}(" in text for name in names):
            for node in ast.parse(text).body:
                if isinstance(node, ast.ClassDef):
                    calls = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__call__"]
                    parameters[node.name] = {a.arg for call in calls for a in (*call.args.args, *call.args.kwonlyargs)}
    return parameters


@pytest.mark.parametrize("model", HUB, ids=lambda model: model.id)
def test_a_hub_models_pipeline_exists_and_takes_its_settings(model: Model) -> None:
    assert isinstance(model.source, LocalSource)
    takes = pipeline_parameters()[model.source.pipeline]
    wanted = {"prompt", "width", "height", "num_inference_steps", *model.settings.extra}
    wanted |= {"guidance_scale"} if model.settings.guidance is not None else set()
    wanted |= {"negative_prompt"} if model.settings.negative_prompt is not None else set()
    wanted |= {"num_frames"} if model.task == "text-to-video" else set()
    assert wanted <= takes


@pytest.mark.parametrize("model", HUB, ids=lambda model: model.id)
def test_a_pinned_hub_revision_is_a_commit(model: Model) -> None:
    assert bool(re.fullmatch(r"[0-9a-f]{40}", model.revision)) is model.revision_pinned
    assert isinstance(model.source, LocalSource)
    assert model.source.revision == model.revision
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model.source.repository)


def test_the_families_that_the_house_promises_are_there() -> None:
    wanted = {
        *("sdxl-1.0", "sd3.5-medium", "sd3.5-large", "flux.1-schnell", "flux.1-dev", "flux.2-klein-4b", "sana-1.6b"),
        *(
            "qwen-image",
            "z-image-turbo",
            "wan2.1-t2v-14b",
            "wan2.2-t2v-a14b",
            "ltx-video-2b",
            "hunyuanvideo",
            "cogvideox-5b",
        ),
    }
    assert wanted <= {model.id for model in HUB}
    assert {model.provider for model in REMOTE} == {"openai", "xai", "vllm-omni", "sglang"}


def test_a_video_says_how_many_frames_at_what_rate_and_an_image_is_one() -> None:
    for model in CATALOGUE.models.values():
        is_video = model.task.endswith("video")
        assert (model.settings.frames > 1, model.settings.fps is not None) == (is_video, is_video), model.id


@pytest.mark.parametrize("model", REMOTE, ids=lambda model: model.id)
def test_a_remote_model_has_a_sourced_price_or_none(model: Model) -> None:
    assert isinstance(model.source, RemoteSource)
    is_own_server = model.source.base_url.startswith("http://127.0.0.1:")
    assert (model.price is not None) is (is_own_server or model.id == "gpt-image-2.6-sunburst")
    assert (model.source.credential_env is None) is is_own_server


def test_two_catalogues_cannot_claim_one_model(tmp_path: Path) -> None:
    copy = shutil.copytree(FOLDER / "models", tmp_path / "models")
    with pytest.raises(InputFileError, match="Expected an id of its own"):
        load_catalogue([copy])
    assert load_catalogue([FOLDER / "models"]).models == load_catalogue().models


def test_the_embedded_contenders_are_what_their_script_writes() -> None:
    assert (FOLDER / "models" / "embedded.toml").read_text(encoding="utf-8") == make_embedded.content()


def test_the_embedded_video_contenders_are_what_their_script_writes() -> None:
    written = (FOLDER / "models" / "embedded-motion.toml").read_text(encoding="utf-8")
    assert written == make_embedded.motion_content()
    assert [model.id for model in CATALOGUE.select(["moving-*"], task="text-to-video")] == [
        contender.id for contender in VIDEO_CONTENDERS
    ]


def test_the_season_begins_with_three_contenders_and_its_hero_comes_late() -> None:
    start, end = make_embedded.SEASON
    released = {model.id: model.released for model in CATALOGUE.select(["shapes-*"])}
    assert (end - start).days == 89
    assert sum(day <= start for day in released.values()) == 3
    assert released["shapes-grand"] == max(released.values()) < end


def test_a_successor_is_released_before_its_predecessor_retires() -> None:
    for model in CATALOGUE.models.values():
        if model.successor is not None:
            assert model.released < CATALOGUE.model(model.successor).released
            assert model.retired is None or CATALOGUE.model(model.successor).released < model.retired


@pytest.mark.parametrize("price", CATALOGUE.list_prices, ids=lambda price: f"{price.model} {price.resolution}")
def test_a_list_price_names_its_page_its_day_and_a_price_that_can_be(price: ListPrice) -> None:
    assert price.source.startswith("https://")
    assert price.read_in
    assert price.as_of <= dt.date(2026, 11, 21)
    assert 0.001 <= price.usd <= 1.0


def test_list_prices_of_open_weights_are_of_the_models_that_they_say() -> None:
    same = {price.model.rsplit("/", 1)[-1]: price.architecture for price in CATALOGUE.list_prices if price.architecture}
    assert same == {
        "flux-dev": "flux.1-dev",
        "schnell": "flux.1-schnell",
        "sd3.5-large": "sd3.5-large",
        "sd3.5-medium": "sd3.5-medium",
    }
    assert {price.unit for price in CATALOGUE.list_prices} == {"image", "second-of-video"}
