"""The gates: what is blank, what is a duplicate, what came in another size, what is no picture."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.vocabulary import Prompt
from evaluators.blank import is_blank
from evaluators.eval_input import RunContext
from evaluators.integrity import Integrity, repeated


def evaluate(lab, data: bytes, **changes) -> dict:
    return dict(Integrity().evaluate([lab.eval_input(data, **changes)], lab.context)[0])


@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 64), st.integers(1, 64))
@settings(max_examples=30, deadline=None)
def test_a_picture_of_one_colour_is_blank(colour, height, width):
    assert is_blank(np.full((height, width, 3), colour, np.uint8))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_noise_is_not_blank(lab, seed):
    assert not is_blank(lab.noise(seed))


@pytest.mark.parametrize(("dots", "blank"), [(10, True), (11, False)])
def test_one_colour_on_99_percent_is_blank(dots, blank):
    pixels = np.full((25, 40, 3), (250, 0, 10), np.uint8)
    pixels.reshape(-1, 3)[:dots] = (0, 255, 0)
    assert is_blank(pixels) is blank


def test_a_spread_under_two_levels_is_blank():
    checks = np.indices((20, 20)).sum(0) % 2
    grey = np.repeat(checks[..., None], 3, -1)
    assert is_blank((100 + 3 * grey).astype(np.uint8))
    assert not is_blank((100 + 5 * grey).astype(np.uint8))


def test_a_sound_picture_passes_every_gate(lab):
    results = evaluate(lab, lab.encoded(lab.noise(0)))
    assert {name: each.value for name, each in results.items()} == {
        "integrity_ok": 1,
        "blank": 0,
        "duplicate": 0,
        "size_as_asked": 1,
    }
    assert results["integrity_ok"].detail == {"format": "PNG", "mode": "RGB", "decoding": []}


def test_another_size_than_asked_is_found_and_told(lab):
    results = evaluate(lab, lab.encoded(lab.noise(0, 16, 24)))
    assert results["size_as_asked"].value == results["integrity_ok"].value == 0
    assert results["size_as_asked"].detail == {"delivered": [24, 16], "asked": [32, 32]}


def test_what_does_not_decode_is_not_sound_and_the_other_gates_say_why(lab):
    results = evaluate(lab, b"<html>rate limited</html>")
    assert results["integrity_ok"].value == 0
    assert results["blank"].value is results["size_as_asked"].value is None
    assert "got HTML" in results["blank"].reason


def test_the_same_file_for_another_prompt_is_a_duplicate(lab):
    same = [lab.sample(id=f"s{i}", prompt=f"p{i}", media="a" * 64) for i in range(3)]
    alone = lab.sample(id="s9", prompt="p9", media="b" * 64)
    assert repeated(RunContext((), (*same, alone))) == {"s0": "s1", "s1": "s0", "s2": "s0"}


def test_the_same_file_for_the_same_prompt_or_another_model_is_no_duplicate(lab):
    seeds = [lab.sample(id=f"s{i}", seed=i, media="a" * 64) for i in range(2)]
    other = lab.sample(id="t", model="other", prompt="p1", media="a" * 64)
    assert repeated(RunContext((), (*seeds, other))) == {}


def test_a_duplicate_names_its_twin_and_is_not_sound(lab):
    data = lab.encoded(lab.noise(0))
    samples = tuple(lab.sample(id=f"s{i}", prompt=f"p{i}", media="a" * 64) for i in range(2))
    eval_input = lab.eval_input(data, id="s0", prompt="p0", media="a" * 64)
    results = Integrity().evaluate([eval_input], RunContext((), samples))[0]
    assert results["duplicate"].value == 1
    assert results["duplicate"].detail == {"same_as": "s1"}
    assert results["integrity_ok"].value == 0


def test_the_same_file_for_two_entries_of_one_text_is_no_duplicate(lab):
    prompts = tuple(Prompt(id=f"p{i}", text="a red circle" if i < 2 else "a cup", category="c") for i in range(3))
    samples = tuple(lab.sample(id=f"s{i}", prompt=f"p{i}", media="a" * 64) for i in range(3))
    assert repeated(RunContext(prompts, samples[:2])) == {}
    assert repeated(RunContext(prompts, samples)) == {"s0": "s2", "s1": "s2", "s2": "s0"}
