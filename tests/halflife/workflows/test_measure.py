"""`--measure` refuses in one sentence, before anything is loaded, what cannot be; and finds weights that are here."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import HalflifeError
from data.home import Home
from data.measurements import measurement_journals
from halflife.workflows.measure import measure
from halflife.workflows.measure_request import MeasureOptions, MeasureRequest


class Silent:
    """A progress that nobody reads."""

    def begin(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...

    def end(self) -> None: ...


def request(model: str, **options: Any) -> MeasureRequest:
    return MeasureRequest(model=model, options=MeasureOptions(**{"device": "cpu", **options}))


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (request("sdxll"), "Unknown architecture 'sdxll'. Did you mean 'sdxl'"),
        (request("sdxl", device="cud"), "Unknown device 'cud'"),
        (request("sdxl", grid="step=4"), "Unknown axis of the grid 'step'"),
        (request("sdxl", weights="mine"), "Unknown weights 'mine'"),
        (request("dit-xl-2", weights="catalogue"), "Unknown model with weights in the catalogue 'dit-xl-2'"),
        (request("sdxl", dtype="float8"), "Unknown dtype 'float8'"),
        (request("sdxl", attention="flash"), "Expected a CUDA device for attention 'flash'"),
        (request("sdxl", offload="sequential"), "Expected an accelerator to offload from"),
        (request("sdxl", cache="taylorseer"), "Expected a denoiser that takes caches"),
        (request("shapes-nano", needs_peak=True), "Expected an accelerator whose peak is known for --mfu"),
    ],
)
def test_what_cannot_be_measured_is_refused_and_nothing_is_written(
    tmp_path: Path, refused: MeasureRequest, words: str
) -> None:
    with pytest.raises(HalflifeError, match=words):
        measure(Home(tmp_path), refused, Silent())
    assert measurement_journals(Home(tmp_path)).paths() == []


def test_weights_that_are_here_are_taken_and_random_ones_where_it_is_said(tmp_path: Path) -> None:
    for weights, used in ((None, "catalogue"), ("random", "random")):
        options = request("shapes-nano", weights=weights, grid="steps=1", repeats=1)
        (cell,) = measure(Home(tmp_path), options, Silent())
        assert (cell.setup.weights, cell.status, cell.machine.name) == (used, "ok", "workstation-cpu")
        assert (cell.setup.revision == "random") == (weights == "random")
