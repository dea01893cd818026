"""A provider's spec: what does not hold is one sentence with its key; models take their address from it."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.catalogue import load_catalogue
from data.catalogue.library import FOLDER, read_spec
from data.errors import InputFileError
from data.vocabulary import RemoteSource

SPEC = """
name = "studio"
title = "Studio"
tasks = ["text-to-image"]
base_url = "https://api.studio.example/v1"
source = "https://studio.example/docs"
as_of = 2026-11-28
seed_support = "echoed"
aspect_ratios = ["1:1"]
[key]
environment = "STUDIO_API_KEY"
header = "x-key"
[submit]
path = "/{model}"
id = ["id"]
[submit.body]
prompt = "{prompt}"
[status]
path = "/jobs/{id}"
at = "status"
[status.words]
completed = ["done"]
[result]
url = ["output.0"]
"""
MODEL = """
family = "studio"
provider = "studio"
licence = "terms"
[[models]]
id = "studio-1"
title = "Studio 1"
released = 2026-10-01
revision = "1"
revision_pinned = true
settings = { width = 64, height = 64 }
remote = { adapter = "studio", model = "one" }
"""


def change(old: str, new: str) -> Callable[[], dict[str, Any]]:
    assert old in SPEC
    return lambda: tomllib.loads(SPEC.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ('path = "/{model}"', 'path = "/{modle}"', "submit.path", r"Expected a path such as .*'/\{modle\}'"),
        ('path = "/{model}"', 'path = "//other.example/"', "submit.path", "Expected a path such as"),
        ('"{prompt}"', '"{promt}"', "submit.body", r"got 'promt'\. Did you mean 'prompt'\?"),
        ('id = ["id"]', "", None, r"Expected submit.id with a status"),
        ('id = ["id"]', 'id = ["jobs[0]"]', "submit.id.0", r"Expected a path such as data\.0\.url"),
        ('"STUDIO_API_KEY"', '"sk-1234567890"', "key.environment", "what came is not shown"),
        ('"x-key"', '"host"', "key.header", "Expected the header of a key"),
        ('completed = ["done"]', 'completed = ["done"]\nfailed = ["Done"]', "status.words", "one meaning of 'Done'"),
        ('completed = ["done"]', "completed = []", "status.words.completed", "at least 1 item"),
        ('path = "/jobs/{id}"', "", None, r"Expected status.path or submit.status_url, got neither"),
        ('url = ["output.0"]', "", "result", "Expected 'url' or 'base64' of the result"),
        ('url = ["output.0"]', 'urls = ["output.0"]', "result.urls", r"Did you mean 'url'\?"),
        ('["1:1"]', '["square"]', "aspect_ratios", "Expected ratios such as 16:9"),
        ('name = "studio"', 'name = "Studio!"', "name", "Expected a provider name"),
        ('"https://api.studio.example/v1"', '"https://api.studio.example/v1?key=1"', "base_url", "a query"),
        ("[status]", '[cancel]\nmethod = "POST"\n[status]', None, r"Expected cancel.path or submit.cancel_url"),
        ("[submit.body]", 'headers = { authorization-token = "x" }\n[submit.body]', "submit.headers", "and no key"),
    ],
)
def test_what_does_not_hold_is_one_sentence_with_its_key(old: str, new: str, key: str | None, message: str) -> None:
    with pytest.raises(InputFileError, match=message) as raised:
        read_spec(Path("studio.toml"), change(old, new)())
    assert raised.value.key == key
    assert "sk-1234567890" not in str(raised.value)


def test_a_mark_says_which_values_it_means() -> None:
    tables = {**tomllib.loads(SPEC), "reply": {"refused": [{"at": "code"}]}}
    with pytest.raises(InputFileError, match=r"reply\.refused\.0': Expected 'words' or 'other_than'"):
        read_spec(Path("studio.toml"), tables)


def test_a_spec_beside_models_is_their_adapter_and_their_address(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(SPEC)
    (tmp_path / "models.toml").write_text(MODEL)
    catalogue = load_catalogue([tmp_path])
    source = catalogue.model("studio-1").source
    assert isinstance(source, RemoteSource)
    assert (source.adapter, source.base_url) == ("studio", "https://api.studio.example/v1")
    assert (source.credential_env, source.key_header, source.seed_support) == ("STUDIO_API_KEY", "x-key", "echoed")
    assert catalogue.adapters["studio"].tasks == {"text-to-image"}


def test_what_a_model_says_itself_stands(tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(SPEC)
    mine = 'model = "one", base_url = "http://127.0.0.1:9", credential_env = "MY_KEY"'
    (tmp_path / "models.toml").write_text(MODEL.replace('model = "one"', mine))
    source = load_catalogue([tmp_path]).model("studio-1").source
    assert isinstance(source, RemoteSource)
    assert (source.base_url, source.credential_env) == ("http://127.0.0.1:9", "MY_KEY")


@pytest.mark.parametrize("name", ["openai_images", "bfl"])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "spec.toml").write_text(SPEC.replace('name = "studio"', f'name = "{name}"'))
    with pytest.raises(InputFileError, match=r"a provider name|of its own"):
        load_catalogue([tmp_path])


@pytest.mark.parametrize("path", sorted((FOLDER / "providers").glob("*.toml")), ids=lambda path: path.stem)
def test_each_shipped_spec_has_a_document_and_the_name_of_its_file(path: Path) -> None:
    spec = read_spec(path, tomllib.loads(path.read_text()))
    assert spec.name == path.stem
    assert spec.source.startswith("https://")
    assert spec.key is not None
