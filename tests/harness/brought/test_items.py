"""One file for a contender, prompt and seed; whatever else is handed over is left out with a reason."""

import datetime as dt
from pathlib import Path

import pytest

from data.catalogue import load_catalogue
from data.errors import HalflifeError, UnknownNameError
from data.vocabulary import BroughtSource, Machine, Suite
from harness.brought.items import match_all
from harness.brought.listing import BroughtRow, Listing
from harness.brought.plan import brought_plan, identity_of

SOURCE = BroughtSource(origin="these tests", day=dt.date(2026, 3, 1))


def row(file: str, **changes: object) -> BroughtRow:
    return BroughtRow(**{"place": file, "file": file, "model": "Painter"} | changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("p0.png", "p0.jpg", "p1.png", "p1_1.png", "else.png"):
        (tmp_path / name).write_bytes(name.encode())
    return tmp_path


def test_a_second_file_of_a_prompt_and_seed_is_left_out(folder: Path, suite: Suite) -> None:
    matched = match_all(
        folder, Listing(rows=tuple(map(row, ("p0.jpg", "p0.png", "p1.png", "p1_1.png", "x.png")))), suite
    )
    assert [(item.row.file, item.prompt.id, item.seed) for item in matched.items] == [
        ("p0.jpg", "p0", 0),
        ("p1.png", "p1", 0),
        ("p1_1.png", "p1", 1),
    ]
    (second, first), (other, _) = matched.left_out
    assert (second, other) == ("p0.png", "x.png")
    assert "p0.jpg has seed 0 of p0" in first


def test_rows_without_a_seed_are_numbered_and_a_row_that_is_repeated_is_left_out(folder: Path, suite: Suite) -> None:
    files = ("p0.png", "else.png", "p0.png")
    rows = [row(file, prompt=("p0",), place=f"line {n}") for n, file in enumerate(files)]
    matched = match_all(folder, Listing(rows=tuple(rows)), suite)
    assert [(item.row.file, item.seed) for item in matched.items] == [("p0.png", 0), ("else.png", 1)]
    ((place, reason),) = matched.left_out
    assert place == "line 2"
    assert "line 0 has the same file of p0" in reason


def test_a_row_whose_file_is_missing_is_an_item_with_the_reason(folder: Path, suite: Suite) -> None:
    (item,) = match_all(folder, Listing(rows=(row("none.png", prompt=("p2",)),)), suite).items
    assert item.content == "Expected a file of that name in the folder, got none."


def test_two_names_of_one_id_are_refused(folder: Path, suite: Suite) -> None:
    rows = (row("p0.png"), row("p1.png", model="painter"))
    with pytest.raises(HalflifeError, match="'Painter' and 'painter', which both are 'painter'"):
        match_all(folder, Listing(rows=rows), suite)


def test_a_name_without_a_letter_is_left_out(folder: Path, suite: Suite) -> None:
    matched = match_all(folder, Listing(rows=(row("p0.png", model="模型"), row("p1.png"))), suite)
    assert [item.model for item in matched.items] == ["painter.brought"]
    assert "a model's name with a letter" in matched.left_out[0].reason


def test_the_identity_follows_content_and_not_the_day(folder: Path, suite: Suite) -> None:
    listing = Listing(rows=(row("p0.png"),))
    before = identity_of(match_all(folder, listing, suite).items, suite, "here")
    assert identity_of(match_all(folder, listing, suite).items, suite, "here") == before
    (folder / "p0.png").write_bytes(b"another picture")
    assert identity_of(match_all(folder, listing, suite).items, suite, "here") != before


def test_a_contender_without_a_deployment_is_of_nowhere(folder: Path, suite: Suite, machine: Machine) -> None:
    items = match_all(folder, Listing(rows=(row("p0.png"),)), suite).items
    plan = brought_plan(items, suite, SOURCE, folder=folder, catalogue=load_catalogue(), machine=machine).plan
    (model,) = plan.models
    assert (model.id, model.title, model.location, model.source) == ("painter.brought", "Painter", "brought", SOURCE)
    assert (plan.brought, plan.day) == (SOURCE, SOURCE.day)


def test_a_contender_with_a_deployment_is_called_like_it(folder: Path, suite: Suite, machine: Machine) -> None:
    catalogue = load_catalogue()
    items = match_all(folder, Listing(rows=(row("p0.png", deployment="shapes-flash"),)), suite).items
    plan = brought_plan(items, suite, SOURCE, folder=folder, catalogue=catalogue, machine=machine).plan
    (model,) = plan.models
    assert (model.id, model.location) == ("painter.brought", "local")
    assert model.source == catalogue.model("shapes-flash").source


@pytest.mark.parametrize(
    ("deployments", "error", "said"),
    [
        (("nobody", "nobody"), UnknownNameError, "Unknown model 'nobody'"),
        ((None, "shapes-flash"), HalflifeError, "one dep"),
    ],
)
def test_a_deployment_must_be_known_and_one(
    folder: Path, suite: Suite, machine: Machine, deployments: tuple[str, str], error: type[Exception], said: str
) -> None:
    rows = tuple(row(f"p{n}.png", deployment=name) for n, name in enumerate(deployments))
    items = match_all(folder, Listing(rows=rows), suite).items
    with pytest.raises(error, match=said):
        brought_plan(items, suite, SOURCE, folder=folder, catalogue=load_catalogue(), machine=machine)
