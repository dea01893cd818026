"""Reasons hold what the fault is and nothing that changes from run to run."""

import pytest

from evaluators.reasons import brief, steady, unexpected


@pytest.mark.parametrize(
    "words",
    ["no <object object at 0x7f1271a5ef40> here", "at 0x7f1271a5ef40", "<function f at 0x7FfF12> and <B at 0x1>"],
)
def test_addresses_of_memory_are_left_out(words):
    assert "0x" not in steady(ValueError(words)).lower()


def test_other_words_stay():
    assert steady(ValueError("Expected <b> at\n most 3 × 4 pixels")) == "Expected <b> at most 3 × 4 pixels"


def test_a_brief_reason_is_short():
    assert len(brief(OSError("long " * 100))) <= 160


def test_of_what_was_not_expected_only_type_and_place_are_told():
    with pytest.raises(RuntimeError, match="GB free") as caught:
        raise RuntimeError("17.3 GB free")
    said = unexpected("clip_score", caught.value)
    assert (
        said
        == "clip_score could not score it: RuntimeError in test_of_what_was_not_expected_only_type_and_place_are_told."
    )
