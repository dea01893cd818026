"""What is never loaded: pickles, half files, folders that bring code."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from data.errors import InputFileError, WeightsError
from harness.local.weights import check_folder, pipeline_class


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    index = {"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet2DModel"], "safety_checker": [None, None]}
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    (tmp_path / "unet").mkdir()
    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "unet" / "diffusion_pytorch_model.safetensors")
    return tmp_path


def test_safetensors_are_accepted(folder: Path) -> None:
    check_folder(folder)
    assert pipeline_class(folder) == "DDPMPipeline"


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.ckpt", "model.PT", "model.pkl"])
def test_pickled_weights_are_refused(folder: Path, name: str) -> None:
    (folder / "vae").mkdir()
    (folder / "vae" / name).write_bytes(pickle.dumps({}))
    with pytest.raises(WeightsError, match=f"Expected safetensors in .*vae, got {name}"):
        check_folder(folder)


def test_pickled_weights_beside_safetensors_are_left_alone(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps({}))
    check_folder(folder)


def test_a_pickle_named_safetensors_is_refused(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(pickle.dumps({"weight": 1}))
    with pytest.raises(WeightsError, match="got something else or half of it"):
        check_folder(folder)


def test_half_of_a_file_is_refused(folder: Path) -> None:
    place = folder / "unet" / "diffusion_pytorch_model.safetensors"
    place.write_bytes(place.read_bytes()[:-4])
    with pytest.raises(WeightsError, match="Fetch or convert it again"):
        check_folder(folder)


def test_code_beside_the_weights_is_refused(folder: Path) -> None:
    (folder / "unet" / "my_unet.py").write_text("print('hello')")
    with pytest.raises(WeightsError, match=r"got code of its own \(my_unet.py\)"):
        check_folder(folder)


def test_a_component_of_another_library_is_refused(folder: Path) -> None:
    index = {"_class_name": "DDPMPipeline", "unet": ["my_package.models", "Net"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError, match=r"got code of its own \(my_package.models\)"):
        check_folder(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"unet": []}'])
def test_a_folder_that_is_no_pipeline_is_refused(folder: Path, text: str) -> None:
    (folder / "model_index.json").write_text(text)
    with pytest.raises(InputFileError, match=r"model_index\.json"):
        check_folder(folder)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="expected a diffusers pipeline"):
        check_folder(tmp_path)
