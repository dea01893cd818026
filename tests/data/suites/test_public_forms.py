"""Readers of public suites' files: small ones of the same form, and the real ones where they are."""

from pathlib import Path

import pytest

from data.errors import InputFileError
from data.suites import load_suite

REAL = Path(__file__).parents[4] / "shared" / "suites"

PARTI = (
    "Prompt\tCategory\tChallenge\tNote\n"
    "a kite\tOutdoor Scenes\tBasic\t\n"
    '"HELLO" in the sand\tFood & Beverage\tWriting & Symbols\tquotes stay\n'
)
GENEVAL = (
    '{"tag": "counting", "include": [{"class": "dog", "count": 3}], "exclude": [{"class": "dog", "count": 4}], '
    '"prompt": "a photo of three dogs"}\n'
    '{"tag": "color_attr", "include": [{"class": "bus", "count": 1, "color": "red"}], "prompt": "a red bus"}\n'
)
VBENCH = """[
 {"prompt_en": "a still lake", "dimension": ["temporal_flickering"]},
 {"prompt_en": "a dog left of a car", "dimension": ["spatial_relationship", "overall_consistency"],
  "auxiliary_info": {"spatial_relationship": {"object_a": "dog"}}}
]"""


def written(tmp_path: Path, form: str, content: str) -> str:
    path = tmp_path / f"{form}.txt"
    path.write_text(content, encoding="utf-8")
    return f"{form}:{path}"


def test_partiprompts_keeps_quotation_marks_and_slugs_categories(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, "partiprompts", PARTI))
    assert [(p.id, p.text, p.category, p.tags) for p in suite.prompts] == [
        ("p2-0001", "a kite", "outdoor-scenes", ("basic",)),
        ("p2-0002", '"HELLO" in the sand', "food-and-beverage", ("writing-and-symbols",)),
    ]


def test_partiprompts_with_windows_line_ends_is_the_same_suite(tmp_path: Path) -> None:
    unix = load_suite(written(tmp_path, "partiprompts", PARTI))
    path = tmp_path / "dos.tsv"
    path.write_bytes(PARTI.replace("\n", "\r\n").encode())
    assert load_suite(f"partiprompts:{path}") == unix


def test_geneval_keeps_what_must_and_must_not_be_there(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, "geneval", GENEVAL))
    first, second = suite.prompts
    assert (first.id, first.category) == ("geneval-0001", "counting")
    assert first.expectation == {"include": [{"class": "dog", "count": 3}], "exclude": [{"class": "dog", "count": 4}]}
    assert (second.category, second.expectation) == (
        "color-attr",
        {"include": [{"class": "bus", "count": 1, "color": "red"}], "exclude": []},
    )


def test_vbench_takes_the_first_dimension_as_category_and_all_as_tags(tmp_path: Path) -> None:
    suite = load_suite(written(tmp_path, "vbench", VBENCH))
    assert suite.task == "text-to-video"
    assert suite.prompts[0].expectation is None
    assert (suite.prompts[1].category, suite.prompts[1].tags) == (
        "spatial-relationship",
        ("spatial-relationship", "overall-consistency"),
    )


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        (
            "partiprompts",
            "Prompt,Category\n",
            "line 1: Expected the tab-separated columns Prompt, Category",
        ),
        ("partiprompts", PARTI + "only\ttwo\n", "line 4: Expected 4 tab-separated cells, got 2"),
        ("partiprompts", PARTI + "\tArts\tBasic\t\n", "line 4: Expected a text in prompt 'p2-0003', got an empty one"),
        ("partiprompts", PARTI.split("\n")[0], "Expected at least one prompt, got none"),
        ("geneval", GENEVAL + '{"tag": "x"', "line 3: Expected JSON"),
        ("geneval", '{"tag": "x", "prompt": "y"}', "line 1, key 'include': Expected a value, got none"),
        ("vbench", '{"prompt_en": "x"}', "Expected a JSON array of prompts, got dict"),
        ("vbench", '[{"prompt_en": "x", "dimension": []}]', "line 1, key 'dimension'"),
        ("vbench", "[1,\n2", "line 2: Expected JSON"),
        ("vbench", '[{"prompt_en": "", "dimension": ["a"]}]', "line 1: Expected a text in prompt 'vbench-0001'"),
    ],
)
def test_a_file_that_does_not_hold_is_named_with_its_line(
    tmp_path: Path, form: str, content: str, message: str
) -> None:
    with pytest.raises(InputFileError, match=rf"{form}\.txt.*{message}"):
        load_suite(written(tmp_path, form, content))


@pytest.mark.skipif(not (REAL / "PartiPrompts.tsv").is_file(), reason="no real PartiPrompts.tsv here")
def test_the_real_partiprompts_are_read_whole() -> None:
    suite = load_suite(f"partiprompts:{REAL / 'PartiPrompts.tsv'}")
    challenges = {prompt.tags[0] for prompt in suite.prompts}
    assert (len(suite.prompts), len(suite.categories), len(challenges)) == (1632, 12, 11)


@pytest.mark.skipif(not (REAL / "VBench_full_info.json").is_file(), reason="no real VBench file here")
def test_the_real_vbench_is_read_whole() -> None:
    suite = load_suite(f"vbench:{REAL / 'VBench_full_info.json'}")
    dimensions = {tag for prompt in suite.prompts for tag in prompt.tags}
    assert (len(suite.prompts), len(dimensions)) == (946, 16)


def test_vbench_2_names_itself_and_keeps_what_is_asked_in_each_of_its_forms(tmp_path: Path) -> None:
    content = """[
     {"prompt_en": "A pier, zoom in.", "dimension": ["Camera_Motion"], "auxiliary_info": "zoom_in"},
     {"prompt_en": "He lifts it, then drops it.", "dimension": ["Motion_Order_Understanding"],
      "auxiliary_info": ["lifts", "drops"]},
     {"prompt_en": "A cloth burns.", "dimension": ["Thermotics"], "auxiliary_info": {"q": "burns?"}},
     {"prompt_en": "A city.", "dimension": ["Complex_Landscape"]}
    ]"""
    suite = load_suite(written(tmp_path, "vbench", content))
    assert (suite.name, suite.task) == ("vbench-2.0", "text-to-video")
    assert [prompt.expectation for prompt in suite.prompts] == [
        {"auxiliary_info": "zoom_in"},
        {"auxiliary_info": ["lifts", "drops"]},
        {"q": "burns?"},
        None,
    ]


def test_vbench_i2v_is_refused_as_what_it_is(tmp_path: Path) -> None:
    content = '[{"prompt_en": "it rises", "dimension": ["i2v_subject"], "image_type": "s", "image_name": "it.jpg"}]'
    with pytest.raises(InputFileError, match="got VBench-I2V: its clips start from pictures"):
        load_suite(written(tmp_path, "vbench", content))
