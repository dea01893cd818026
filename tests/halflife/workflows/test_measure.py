"""`--measure` refuses in one sentence, before anything is loaded, what cannot be; and finds weights that are here."""

from pathlib import Path
from typing import Any

import pytest

from data.architectures.shape import ShapeRequest
from data.errors import HalflifeError
from data.home import Home
from data.measurements import measurement_journals
from halflife.workflows.measure import MeasureOptions, measured


class Silent:
    """A progress that nobody reads."""

    def begin(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def end(self) -> None: ...


def wanted(model: str, **fields: Any) -> MeasureOptions:
    return MeasureOptions(model=model, asked=ShapeRequest(), device="cpu", **fields)


@pytest.mark.parametrize(
    ("ordered", "words"),
    [
        (wanted("sdxll"), "Unknown architecture 'sdxll'. Did you mean 'sdxl'"),
        (MeasureOptions(model="sdxl", asked=ShapeRequest(), device="cud"), "Unknown device 'cud'"),
        (wanted("sdxl", grid="step=4"), "Unknown axis of the grid 'step'"),
        (wanted("sdxl", weights="mine"), "Unknown weights 'mine'"),
        (wanted("dit-xl-2", weights="catalogue"), "Unknown model with weights in the catalogue 'dit-xl-2'"),
        (wanted("sdxl", dtype="float8"), "Unknown dtype 'float8'"),
        (wanted("sdxl", attention="flash"), "Expected a CUDA device for attention 'flash'"),
        (wanted("sdxl", offload="sequential"), "Expected an accelerator to offload from"),
        (wanted("sdxl", cache="taylorseer"), "Expected a denoiser that takes caches"),
        (wanted("shapes-nano", needs_peak=True), "Expected an accelerator whose peak is known for --mfu"),
    ],
)
def test_what_cannot_be_measured_is_refused_and_nothing_is_written(
    tmp_path: Path, ordered: MeasureOptions, words: str
) -> None:
    with pytest.raises(HalflifeError, match=words):
        measured(Home(tmp_path), ordered, Silent())
    assert measurement_journals(Home(tmp_path)).paths() == []


def test_weights_that_are_here_are_taken_and_random_ones_where_it_is_said(tmp_path: Path) -> None:
    for weights, found in ((None, "catalogue"), ("random", "random")):
        ordered = wanted("shapes-nano", weights=weights, grid="steps=1", repeats=1)
        (cell,) = measured(Home(tmp_path), ordered, Silent())
        assert (cell.setup.weights, cell.status, cell.machine.name) == (found, "ok", "workstation-cpu")
        assert (cell.setup.revision == "random") == (weights == "random")
