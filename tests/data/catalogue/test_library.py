"""The catalogue: the project's files and the user's, as contenders, chosen by patterns."""

from pathlib import Path

import pytest

from data.catalogue import load_catalogue
from data.errors import InputFileError, UnknownNameError
from data.vocabulary import LocalSource, RemoteSource

MODEL = """
family = "mine"
provider = "diffusers"
licence = "MIT"

[[models]]
id = "mine-1"
title = "Mine"
released = 2026-10-01
revision = "abc"
revision_pinned = true
local = { kind = "directory", pipeline = "FluxPipeline", repository = "/weights/mine" }
settings = { width = 64, height = 64, steps = 4 }
"""
MACHINE = """
[[machines]]
name = "cellar"
title = "The box in the cellar"
usd_per_hour = 0.05
source = "declared"
"""

LISTED = """
as_of = 2026-11-20
read_in = "a newspaper"

[[list_prices]]
provider = "Somebody"
model = "reel-1"
title = "Reel 1"
architecture = "wan2.1-14b"
unit = "second-of-video"
usd = { "720p" = 0.1, "1080p" = 0.25 }
source = "https://reel.example/prices"

[[list_prices]]
provider = "Somebody"
model = "still-1"
title = "Still 1"
unit = "image"
usd = 0.02
source = "https://reel.example/prices"
as_of = 2026-11-21
note = "In winter."
"""


def written(tmp_path: Path, content: str, name: str = "mine.toml") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def test_a_users_file_adds_to_the_catalogue(tmp_path: Path) -> None:
    model = load_catalogue([written(tmp_path, MODEL)]).model("mine-1")
    assert (model.family, model.licence, model.location, model.task) == ("mine", "MIT", "local", "text-to-image")
    assert model.source == LocalSource(
        kind="directory", pipeline="FluxPipeline", repository="/weights/mine", revision="abc"
    )
    assert model.price is None


def test_a_users_folder_adds_every_file_below_it(tmp_path: Path) -> None:
    written(tmp_path, MODEL)
    written(tmp_path, MACHINE, "deeper/machines.toml")
    catalogue = load_catalogue([tmp_path])
    assert catalogue.model("mine-1").title == "Mine"
    assert catalogue.machine("cellar").usd_per_hour == 0.05


def test_a_users_file_adds_list_prices_one_for_each_resolution(tmp_path: Path) -> None:
    prices = load_catalogue([written(tmp_path, LISTED)]).list_prices[-3:]
    assert [
        (price.title, price.resolution, price.usd, price.as_of.day, price.read_in, price.note) for price in prices
    ] == [
        ("Reel 1", "720p", 0.1, 20, "a newspaper", None),
        ("Reel 1", "1080p", 0.25, 20, "a newspaper", None),
        ("Still 1", None, 0.02, 21, "a newspaper", "In winter."),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0.02", "0.0", r"key 'list_prices\.1\.usd.*': Expected greater than 0, got 0"),
        ("0.02", "nan", r"key 'list_prices\.1\.usd.*': Expected a finite number"),
        ("0.02", "{}", r"key 'list_prices\.1\.usd"),
        ('"image"', '"request"', r"key 'list_prices\.1\.unit': Expected 'image' or 'second-of-video'"),
        ("wan2.1-14b", "wan2.1-15b", r"Unknown architecture 'wan2\.1-15b'\. Did you mean 'wan2\.1-14b'\?"),
        ("note =", "nota =", r"key 'list_prices\.1\.nota': .*Did you mean 'note'\?"),
        ("as_of = 2026-11-20", "", r"key 'as_of'"),
        (
            'provider = "Somebody"\nmodel = "still-1"',
            'provider = "xAI"\nmodel = "grok-imagine-image"',
            r"xAI's grok-imag",
        ),
    ],
)
def test_list_prices_that_do_not_hold_name_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputFileError, match=rf"mine\.toml.*({message})"):
        load_catalogue([written(tmp_path, LISTED.replace(old, new, 1))])


@pytest.mark.parametrize(
    "value", ["99999999999999999999", "07:32:00", "2026-01-01T00:00:00", "-inf", "[[1, nan]]", "{ b = { c = inf } }"]
)
def test_what_json_cannot_hold_is_refused_in_further_settings(value: str, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"key 'models\.0\.settings\.extra': Expected what JSON holds"):
        load_catalogue([written(tmp_path, MODEL.replace("steps =", f"extra = {{ a = {value} }}, steps ="))])


def test_a_remote_model_names_its_credential_and_never_holds_it(tmp_path: Path) -> None:
    remote = 'remote = { adapter = "openai_images", base_url = "http://127.0.0.1:1/v1", model = "m"'
    named = MODEL.replace(
        'local = { kind = "directory", pipeline = "FluxPipeline", repository = "/weights/mine" }', remote
    )
    source = (
        load_catalogue([written(tmp_path, named.replace('"m"', '"m", credential_env = "MY_KEY" }'))])
        .model("mine-1")
        .source
    )
    assert isinstance(source, RemoteSource)
    assert source.credential_env == "MY_KEY"
    for key in ("sk-abc123", "AKIA1234567890ABCDEF", "0123456789abcdef"):
        with pytest.raises(
            InputFileError, match=r"key 'models\.0\.remote\.credential_env': Expected the name"
        ) as caught:
            load_catalogue([written(tmp_path, named.replace('"m"', f'"m", credential_env = "{key}" }}'))])
        assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("width = 64", "widht = 64", r"key 'models\.0\.settings\.widht': .*Did you mean 'width'\?"),
        ('title = "Mine"', 'titel = "Mine"', r"key 'models\.0\.titel': .*Did you mean 'title'\?"),
        ('licence = "MIT"', 'license = "MIT"', r"key 'license': .*Did you mean 'licence'\?"),
        ('licence = "MIT"', "", r"Expected a licence for model 'mine-1' or its family, got none"),
        ("width = 64", "width = 0", r"key 'models\.0\.settings\.width': Expected greater than or equal to 1, got 0"),
        ("2026-10-01", '"soon"', r"key 'models\.0\.released': Expected a valid date"),
        ('id = "mine-1"', 'id = "Mine/1"', r"key 'models\.0\.id': Expected a model id of 1 to 63 characters"),
        ('id = "mine-1"', 'id = "flux.1-dev"', r"Expected an id of its own, got 'flux\.1-dev'.*flux\.toml"),
        ('revision = "abc"', 'revision = "abc"\nsuccessor = "mine-2"', r"key 'successor': Unknown model 'mine-2'"),
        (
            'revision = "abc"',
            'revision = "abc"\nretired = 2020-01-01',
            r"Expected 'mine-1' to retire on or",
        ),
        ("local = {", "#", r"Expected one of 'local' and 'remote' for model 'mine-1', got both or none"),
        (
            'kind = "directory"',
            'kind = "pickle"',
            r"key 'models\.0\.local\.kind': Expected 'embedded', 'directory'",
        ),
        ("[[models]]", "[[models", r"line 6: Expected TOML"),
        ("steps = 4", "seconds = 5", r"Expected 'frames' and 'fps' for 'mine-1', got 'seconds'.*known for AnimateDiff"),
    ],
)
def test_a_file_that_does_not_hold_names_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(InputFileError, match=rf"mine\.toml.*({message})"):
        load_catalogue([written(tmp_path, MODEL.replace(old, new, 1))])


def test_seconds_of_a_local_video_become_the_nearest_frames_that_its_class_makes(tmp_path: Path) -> None:
    film = MODEL.replace("FluxPipeline", "WanPipeline").replace("steps = 4", "seconds = 5")
    settings = load_catalogue([written(tmp_path, film)]).model("mine-1").settings
    assert (settings.frames, settings.fps, settings.video_seconds) == (81, 16.0, 5)
    slower = load_catalogue([written(tmp_path, film.replace("seconds = 5", "seconds = 5, fps = 24.0"))])
    assert slower.model("mine-1").settings.frames == 121


def test_seconds_and_frames_exclude_each_other(tmp_path: Path) -> None:
    film = MODEL.replace("FluxPipeline", "WanPipeline").replace("steps = 4", "seconds = 5, frames = 81")
    with pytest.raises(InputFileError, match=r"mine\.toml.*Expected one of 'seconds' and 'frames' for 'mine-1'"):
        load_catalogue([written(tmp_path, film)])


def test_a_local_video_plays_at_the_rate_of_its_class_where_it_names_none(tmp_path: Path) -> None:
    film = MODEL.replace("FluxPipeline", "MochiPipeline").replace("steps = 4", "frames = 19")
    assert load_catalogue([written(tmp_path, film)]).model("mine-1").settings.fps == 30.0


def test_a_path_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match=r"none\.toml: Expected a readable file"):
        load_catalogue([tmp_path / "none.toml"])


def test_patterns_select_each_model_once_in_catalogue_order() -> None:
    catalogue = load_catalogue()
    chosen = [model.id for model in catalogue.select(["flux.1-dev", "flux.1-*"])]
    assert chosen == ["flux.1-schnell", "flux.1-dev"]


def test_a_task_keeps_the_models_that_can_do_it() -> None:
    chosen = load_catalogue().select(["*"], task="text-to-video")
    assert {model.task for model in chosen} == {"text-to-video"}
    with pytest.raises(UnknownNameError, match=r"Unknown text-to-video model 'flux\*'"):
        load_catalogue().select(["flux*"], task="text-to-video")


def test_an_unknown_model_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown model 'flux\.1-dv'\. Did you mean 'flux\.1-dev'\?"):
        load_catalogue().model("flux.1-dv")


def test_an_unknown_machine_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown machine 'h101'\. Did you mean 'h100'\?"):
        load_catalogue().machine("h101")


def test_an_unknown_adapter_is_answered_with_the_nearest(tmp_path: Path) -> None:
    local = 'local = { kind = "directory", pipeline = "FluxPipeline", repository = "/weights/mine" }'
    remote = 'remote = { adapter = "openai_image", base_url = "http://127.0.0.1:1/v1", model = "m" }'
    with pytest.raises(InputFileError, match=r"models\.0\.remote\.adapter': Unknown adapter 'openai_image'\. Did you"):
        load_catalogue([written(tmp_path, MODEL.replace(local, remote))])
