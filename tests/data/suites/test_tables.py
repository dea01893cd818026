"""Tables of any columns become suites: the forms of public suites, of spreadsheets, and what is wrong with them."""

import codecs
from pathlib import Path

import pytest

from data.errors import HalflifeError, InputFileError, UnknownNameError
from data.suites import load_suite, read_suite
from data.suites.suite_file import write
from data.suites.tables.columns import named_columns
from data.suites.tables.reader import TableOptions

DPG = (
    "item_id,text,keywords,proposition_id,dependency,question_natural_language\n"
    '0,"A table, with cups.",,1,0,Is there a table?\n'
    '0,"A table, with cups.",,2,1,Is it of wood?\n'
    "1,A street.,,1,0,Is there a street?\n"
)
FORMS = {
    "t2i_val.txt": "a red bench\na green bowl\n",
    "drawbench.csv": 'Prompts,Category\nA red bench.,Colors\n"A cup, and no bowl.",Conflicting\n',
    "evalcrafter.json": '{"0000": {"prompt": "two cups", "attributes": {"count": "2 cup"}}}',
    "genai.json": '{"00000": {"id": "00000", "prompt": "a cup", "prompt in Chinese": "", "models": {}}}',
    "geneval2.jsonl": '{"prompt": "two cups", "atom_count": 3, "vqa_list": [["How many?", "two"]], "skill": ["count"]}',
    "hpdv2.json": '["a cup, ink drawing", "a bowl, ink drawing"]',
}
HEADER = "Prompt,Category\n"


def table(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return f"table:{path}"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("t2i_val.txt", ("t2i-val-0001", "a red bench", "t2i-val", None)),
        ("drawbench.csv", ("drawbench-0001", "A red bench.", "colors", None)),
        ("evalcrafter.json", ("0000", "two cups", "evalcrafter", {"attributes": {"count": "2 cup"}})),
        ("genai.json", ("00000", "a cup", "genai", None)),
        (
            "geneval2.jsonl",
            (
                "geneval2-0001",
                "two cups",
                "count",
                {"atom_count": 3, "questions": [{"question": "How many?", "answer": "two"}]},
            ),
        ),
        ("hpdv2.json", ("hpdv2-0001", "a cup, ink drawing", "hpdv2", None)),
    ],
)
def test_the_forms_of_public_suites_need_no_columns_named(tmp_path: Path, name: str, first: tuple[object, ...]) -> None:
    prompt = load_suite(table(tmp_path, name, FORMS[name])).prompts[0]
    assert (prompt.id, prompt.text, prompt.category, prompt.expectation) == first


def test_a_question_a_row_stays_with_its_prompt_and_with_what_it_depends_on(tmp_path: Path) -> None:
    suite = load_suite(table(tmp_path, "dpg_bench.csv", DPG))
    assert [prompt.id for prompt in suite.prompts] == ["0", "1"]
    assert suite.prompts[0].expectation == {
        "questions": [
            {"question": "Is there a table?", "proposition_id": "1", "dependency": "0"},
            {"question": "Is it of wood?", "proposition_id": "2", "dependency": "1"},
        ]
    }


def test_a_folder_of_one_line_files_takes_its_questions_from_the_table_beside_them(tmp_path: Path) -> None:
    for name, text in (("0", "A table, with cups."), ("1", "A street."), ("10", "A tree.")):
        table(tmp_path / "dpg", f"{name}.txt", text)
    assert [prompt.id for prompt in load_suite(f"table:{tmp_path / 'dpg'}").prompts] == ["0", "1", "10"]
    table(tmp_path / "dpg", "dpg_bench.csv", DPG)
    first, _, last = load_suite(f"table:{tmp_path / 'dpg'}").prompts
    assert (len(first.expectation["questions"]), last.text, last.expectation) == (2, "A tree.", None)


def test_a_folder_of_longer_files_has_a_category_a_file(tmp_path: Path) -> None:
    table(tmp_path / "t2i", "color_val.txt", "a red cup\n\na blue cup\n")
    table(tmp_path / "t2i", "shape_val.txt", "a round cup\n")
    suite = load_suite(f"table:{tmp_path / 't2i'}")
    assert [(prompt.text, prompt.category) for prompt in suite.prompts] == [
        ("a red cup", "color-val"),
        ("a blue cup", "color-val"),
        ("a round cup", "shape-val"),
    ]


def test_columns_are_named_or_guessed_and_it_is_said_which(tmp_path: Path) -> None:
    given = table(tmp_path, "ours.csv", "text,brief,kind,note\nA,a cup,mugs,x\n")
    guessed, notes = read_suite(given)
    assert guessed.prompts[0].text == "A"
    assert notes[0].startswith("Read ours.csv as text-to-image; prompt: 'text'; not used: 'brief', 'kind', 'note'.")
    columns = named_columns(["prompt=brief", "category=kind", "keep=note"])
    suite, _ = read_suite(given, TableOptions(columns=columns, task="text-to-video"))
    prompt = suite.prompts[0]
    assert (prompt.text, prompt.category, prompt.expectation) == ("a cup", "mugs", {"note": "x"})
    assert (suite.task, suite.primary_metric) == ("text-to-video", "video_clip_score")


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + (HEADER + "a cät,x\n").encode(),
        (HEADER + "a cät,x\n").encode("utf-16"),
        codecs.BOM_UTF16_BE + (HEADER + "a cät,x\n").encode("utf-16-be"),
        (HEADER + "a cät,x\n").replace("\n", "\r\n").encode(),
        (HEADER + "a cät,x\n").replace("\n", "\r").encode(),
        (HEADER + "a cät,x\n").replace(",", ";").encode(),
        (HEADER + "a cät,x\n").replace(",", "\t").encode("utf-16"),
        "Prompt,Category,,\na cät,x,,\n,,,\n".encode(),
    ],
)
def test_what_spreadsheets_write_is_one_suite(tmp_path: Path, content: bytes) -> None:
    plain = load_suite(table(tmp_path, "a.csv", HEADER + "a cät,x\n"))
    assert load_suite(table(tmp_path, "a.csv", content)) == plain


def test_quoted_cells_keep_line_ends_and_the_next_row_its_line(tmp_path: Path) -> None:
    content = HEADER + '"a cat,\non a mat",x\n"say ""hi""",y\n'
    assert [prompt.text for prompt in load_suite(table(tmp_path, "a.csv", content)).prompts] == [
        "a cat,\non a mat",
        'say "hi"',
    ]
    with pytest.raises(InputFileError, match=r"a\.csv, line 5, column 'Prompt': Expected a text, got nothing"):
        load_suite(table(tmp_path, "a.csv", content + ",z\n"))


def test_in_tab_separated_files_a_quotation_mark_may_be_text(tmp_path: Path) -> None:
    given = table(tmp_path, "q.tsv", 'Prompt\tCategory\n"HELLO" in sand\tx\n"open\ty\n')
    assert [prompt.text for prompt in load_suite(given).prompts] == ['"HELLO" in sand', '"open']


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "", "Expected a header and prompts, got an empty file"),
        ("a.csv", HEADER, "Expected at least one prompt, got none"),
        ("a.csv", HEADER + ",x\n", "line 2, column 'Prompt': Expected a text, got nothing"),
        ("a.csv", HEADER + "a cat\n", "line 2: Expected 2 cells as in the header, got 1"),
        ("a.csv", HEADER + '"a cat,x\n', "Expected cells that CSV can hold"),
        ("a.csv", HEADER + "a" * 140_000 + ",x\n", "Expected cells that CSV can hold, got: field larger"),
        ("a.csv", HEADER + "a" * 9_000 + ",x\n", "line 2: Expected a text of at most 8,000 characters, got 9,000"),
        ("a.csv", HEADER + "a c\0at,x\n", r"line 2: Expected text, got the character U\+0000"),
        ("a.csv", (HEADER + "a,x\n").encode("utf-16-le"), r"line 1: Expected text, got the character U\+0000"),
        ("a.csv", (HEADER + "caf\xe9,x\n").encode("latin-1"), "line 2: Expected UTF-8, got the byte 0xe9"),
        ("a.csv", "Prompt,Prompt\na,b\n", "line 1, column 'Prompt': Expected each column once"),
        ("a.csv", "id,prompt\n1,a\n1,b\n", "line 3: Expected unique prompt ids, got '1' again after line 2"),
        ("a.csv", DPG + "0,Another.,,3,0,Is it?\n", "line 5: Expected the text of line 2, which has the same id"),
        ("a.csv", "a red cat,animals\na dog,animals\n", "Expected a column of prompts, got 'a red cat', 'animals'"),
        ("a.json", "[]", "Expected at least one prompt, got none"),
        ("a.json", "[1]", "line 1: Expected an object or a text, got a number"),
        ("a.json", "3", "Expected a list or an object of prompts"),
        ("a.json", '{"a": 1}', "Expected objects or texts by their ids"),
        ("a.jsonl", '{"prompt": 5}', "line 1, column 'prompt': Expected a text, got 5"),
        ("a.txt", "\n \n", "Expected at least one prompt, got none"),
        ("a.xlsx", "PK", r"Expected a name that ends in \.csv, .* got '\.xlsx'"),
        ("a.json", '[{"prompt_en": "x", "dimension": ["a"], "image_name": "x.jpg"}]', "got VBench-I2V"),
    ],
)
def test_a_table_that_does_not_hold_is_answered_in_a_sentence(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(InputFileError, match=message):
        load_suite(table(tmp_path, name, content))


def test_a_folder_is_no_file_and_an_empty_one_no_suite(tmp_path: Path) -> None:
    for name, message in (("a.csv", "Is a directory"), ("empty", "Expected text files")):
        (tmp_path / name).mkdir()
        with pytest.raises(InputFileError, match=message):
            load_suite(f"table:{tmp_path / name}")


def test_a_column_that_is_not_there_and_a_use_that_is_none_are_named(tmp_path: Path) -> None:
    given = table(tmp_path, "a.csv", HEADER + "a cat,x\n")
    with pytest.raises(InputFileError, match="Expected the column 'caption' as prompt, got 'Prompt', 'Category'"):
        read_suite(given, TableOptions(columns=named_columns(["prompt=caption"])))
    with pytest.raises(UnknownNameError, match="Did you mean 'prompt'"):
        named_columns(["promt=a"])
    for pairs in (["prompt"], ["prompt="], ["prompt=a", "prompt=b"]):
        with pytest.raises(HalflifeError, match="Expected "):
            named_columns(pairs)
    with pytest.raises(HalflifeError, match="Expected table:FILE with --column or --task, got 'shapes'"):
        read_suite("shapes", TableOptions(task="text-to-video"))
    with pytest.raises(HalflifeError, match="Expected the task text-to-image or text-to-video of a table"):
        read_suite(given, TableOptions(task="image-to-video"))


@pytest.mark.parametrize("name", FORMS)
def test_a_table_written_as_a_suite_file_reads_as_the_same_suite(tmp_path: Path, name: str) -> None:
    suite, out = load_suite(table(tmp_path, name, FORMS[name])), tmp_path / "out" / "suite.jsonl"
    out.parent.mkdir()
    write(suite, out)
    assert load_suite(out) == suite
    with pytest.raises(InputFileError, match="Expected a new file to write, got one that exists"):
        write(suite, out)
