"""The architecture files: every one can be read, says where it has its facts from, and takes its own conventions."""

import json
from pathlib import Path

import pytest

from data.architectures import library
from data.architectures.library import FOLDER, PARTS, architecture, load_architectures, names
from data.catalogue import load_catalogue, make_architectures
from data.embedded.contenders import CONTENDERS
from data.embedded.motion.contenders import VIDEO_CONTENDERS
from data.errors import InputFileError, UnknownNameError
from data.formats.toml import read_toml
from data.vocabulary import LocalSource

WEIGHTS = Path(__file__).resolve().parents[3] / "data" / "embedded" / "weights"
LISTED = """sd1.5 sdxl sd3-medium sd3.5-medium sd3.5-large flux.1-dev flux.1-schnell flux.2-dev flux.2-klein-4b
flux.2-klein-9b pixart-sigma-xl sana-1.6b qwen-image z-image wan2.1-1.3b wan2.1-14b wan2.2-ti2v-5b hunyuanvideo
ltx-video-2b ltx-video-13b ltx-2 cogvideox-2b cogvideox-5b mochi-1 sana-video-2b dit-s-2 dit-b-2 dit-l-2 dit-xl-2"""


def test_every_model_of_the_field_is_described() -> None:
    assert set(LISTED.split()) <= set(load_architectures())


@pytest.mark.parametrize("name", sorted(load_architectures()))
def test_an_architecture_takes_its_own_conventions_and_names_its_sources(name: str) -> None:
    described = architecture(name)
    shape, conventions = described.shape(), described.conventions
    assert (shape.width, shape.height, shape.frames) == (conventions.width, conventions.height, conventions.frames)
    assert all(component.network.sources for component in described.components())


def test_a_name_may_be_written_in_any_case_and_as_catalogues_write_it() -> None:
    assert architecture("FLUX.1-Dev").id == "flux.1-dev"
    assert architecture("wan2.1-t2v-14b").id == "wan2.1-14b"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown architecture 'flux\.1-def'\. Did you mean 'flux\.1-dev'\?"):
        architecture("flux.1-def")


def test_a_name_is_never_a_path() -> None:
    with pytest.raises(UnknownNameError, match="Unknown architecture"):
        architecture("../models/sdxl")


def test_local_models_of_the_catalogue_answer_by_their_ids() -> None:
    local = {model.id for model in load_catalogue().models.values() if isinstance(model.source, LocalSource)}
    assert local <= set(names())


@pytest.mark.parametrize("folder", ["nano", "draft", "small", "mini", "base", "grand"])
@pytest.mark.parametrize("network", ["unet", "text_encoder"])
def test_embedded_networks_are_those_of_their_weights(folder: str, network: str) -> None:
    part = f"shapes-{'nano' if folder == 'nano' else 'main'}-{network.replace('_', '-')}"
    declared = read_toml(PARTS / f"{part}.toml")["config"]
    written = json.loads((WEIGHTS / folder / network / "config.json").read_text())
    assert declared == {key: written[key] for key in declared}


def test_embedded_contenders_have_their_own_steps_and_guidance() -> None:
    for contender in CONTENDERS:
        conventions = architecture(contender.id).conventions
        assert (conventions.steps, conventions.guidance) == (contender.steps, contender.guidance)


def test_the_embedded_video_contenders_are_described_by_what_their_script_writes() -> None:
    described = make_architectures.contents()
    assert {name: (FOLDER / name).read_text(encoding="utf-8") for name in described} == described
    assert {f"models/{contender.id}.toml" for contender in VIDEO_CONTENDERS} <= set(described)


def test_a_class_of_pipelines_that_is_not_in_the_table_is_answered_with_the_nearest(tmp_path: Path) -> None:
    content = (FOLDER / "models" / "mochi-1.toml").read_text(encoding="utf-8")
    (tmp_path / "film.toml").write_text(content.replace("MochiPipeline", "MochaPipeline", 1), encoding="utf-8")
    with pytest.raises(InputFileError, match=r"Unknown video pipeline 'MochaPipeline'\. Did you mean 'MochiPipeline'"):
        library._read(tmp_path / "film.toml")
