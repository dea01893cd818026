"""A surface answers any wish from the exact laws, with the shape it took, and its frames are what charts draw."""

from dataclasses import replace

import pytest

from data.architectures.shape import ShapeRequest
from data.catalogue.accelerator import accelerator
from leaderboard import formatting
from leaderboard.board import connection
from leaderboard.board.charts import compute, cost_frames, profile_frames
from leaderboard.board.charts.axes import round_numbers
from leaderboard.board.tables import cost_model
from leaderboard.cost_model import surface_tables as cost_surface
from leaderboard.cost_model.surface import OWN_STEPS, RESOLUTIONS, NamedResolution, Surface, SurfaceQuery
from leaderboard.cost_model.target import DeploymentTarget

WISH = SurfaceQuery(
    resolution=RESOLUTIONS[4],
    seconds=5.0,
    steps=OWN_STEPS,
    place=DeploymentTarget(accelerator=accelerator("h100"), software="eager", usd_per_hour=3.6),
)


@pytest.fixture(scope="module")
def surface() -> Surface:
    return connection.cost_surface()


def test_an_answer_is_the_atlass_count_at_the_nearest_shape_that_is_taken(surface: Surface) -> None:
    estimate = surface.answer("wan2.1-14b", replace(WISH, resolution=NamedResolution("odd", 1279, 721)))
    assert (estimate.shape.width, estimate.shape.height, estimate.shape.frames) == (1280, 720, 81)
    profile = surface.flops_model.profile("wan2.1-14b", estimate.shape)
    assert estimate.flops == profile.total.total
    assert estimate.usd == pytest.approx((estimate.seconds or 0) * 3.6 / 3600)
    assert estimate.video_seconds == pytest.approx(81 / 16)


def test_a_picture_model_ignores_seconds_and_steps_may_be_its_own(surface: Surface) -> None:
    assert surface.answer("flux.1-dev", WISH) == surface.answer("flux.1-dev", replace(WISH, seconds=30.0))
    assert surface.answer("flux.1-dev", WISH).shape.steps == 28
    assert surface.answer("flux.1-dev", replace(WISH, steps=4)).shape.steps == 4


def test_curves_have_a_line_a_model_and_none_of_pictures_by_duration(surface: Surface) -> None:
    models = ["flux.1-dev", "wan2.1-14b"]
    by_pixels = cost_surface.curves(surface, models, WISH, by="megapixels")
    assert by_pixels.groupby("model")["tflop"].apply(lambda tflop: tflop.is_monotonic_increasing).all()
    assert set(cost_surface.curves(surface, models, WISH, by="duration")["model"]) == {"wan2.1-14b"}
    assert cost_surface.curves(surface, ["flux.1-dev"], WISH, by="duration").empty


def test_attention_overtakes_where_the_law_says(surface: Surface) -> None:
    (row,) = cost_surface.crossings(surface, "flux.1-dev", WISH, by="megapixels").itertuples()
    profile = surface.flops_model.profile("flux.1-dev", surface.flops_model.shape("flux.1-dev", ShapeRequest()))
    assert profile.crossover_tokens == pytest.approx(13.6281e9 / 700_416, rel=1e-4)
    assert row.tokens >= profile.crossover_tokens


def test_a_map_covers_resolutions_and_seconds_and_names_them(surface: Surface) -> None:
    frame = cost_frames.labelled(cost_surface.heat(surface, "wan2.1-14b", WISH), cost_frames.QUANTITIES["flops"])
    assert len(frame) == len(RESOLUTIONS) * len(cost_surface.HEAT_SECONDS)
    assert frame["dark"].any()
    assert not frame["dark"].all()
    assert compute.heat_map(
        frame,
        x=compute.AxisScale("across", "s"),
        y=compute.AxisScale("resolution", "r"),
        value=compute.AxisScale("tflop", "T"),
    ).to_dict()["layer"]


def test_the_claim_of_a_hundred_prompts_holds_for_flux_and_not_for_all(surface: Surface) -> None:
    rows = {
        row["model"].text: row
        for row in cost_model.claims(cost_surface.claims(surface, ["flux.1-dev", "sdxl"], WISH)).rows
    }
    assert float(rows["FLUX.1 [dev]"]["times"].text) == pytest.approx(142, abs=1)
    assert float(rows["Stable Diffusion XL 1.0 (base)"]["times"].text) < 50


def test_a_profiles_stages_add_up_and_stand_under_the_roof(surface: Surface) -> None:
    profile = surface.flops_model.profile("sdxl", surface.flops_model.shape("sdxl", ShapeRequest()))
    frame, order = profile_frames.stages(profile)
    assert frame["tflop"].sum() == pytest.approx(profile.total.total / 1e12)
    assert frame["share"].sum() == pytest.approx(1.0)
    assert order == ["Text encoders", "Denoiser, all steps", "VAE decode"]
    points, roof = profile_frames.roofline(profile, accelerator("h100"))
    assert (points["tflops"] <= 989.0).all()
    assert roof["tflops"].iloc[0] == pytest.approx(roof["intensity"].iloc[0] * 3.35)


def test_answers_are_a_ledger_with_units(surface: Surface) -> None:
    (row,) = cost_model.answers([surface.answer("flux.1-dev", WISH)], WISH).rows
    assert row["seconds"].text.endswith(f"{formatting.GAP}s")
    assert "published" in row["seconds"].help
    assert row["usd_second"].text == formatting.DASH


def test_ten_thousand_shapes_are_answered(surface: Surface) -> None:
    shapes = [surface.flops_model.shape("flux.1-dev", ShapeRequest(width=16 * n, height=1024)) for n in range(8, 108)]
    assert len(surface.flops_model.totals("flux.1-dev", shapes * 100)) == 10_000


def test_round_numbers_lie_within_the_axis() -> None:
    assert round_numbers(0.7, 25.0) == [1.0, 2.0, 5.0, 10.0, 20.0]


def test_memory_stands_stage_by_stage_and_as_a_whole(surface: Surface) -> None:
    profile = surface.flops_model.profile("flux.1-dev", surface.flops_model.shape("flux.1-dev", ShapeRequest()))
    frame, order = profile_frames.memory(profile)
    memory = frame.groupby("stage")["gib"].sum()
    assert order == ["Text encoders", "Denoiser", "VAE decode", "All weights resident"]
    assert memory["Denoiser"] == pytest.approx(22.63, abs=0.05)
    assert memory["All weights resident"] > memory.drop("All weights resident").max()
    assert compute.memory(frame, profile_frames.cards(), order=order).to_dict()["layer"]
    assert "Model offload: 22.6 GiB, fits the GeForce RTX 4090 and larger." in profile_frames.smallest_cards(profile)
