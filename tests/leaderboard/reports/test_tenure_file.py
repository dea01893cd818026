"""Tenures of one's own: what a file may say, and the one sentence for what it may not."""

import pytest

from data.errors import InputFileError
from leaderboard.reports.tenure_file import read_tenures

HEADER = "subject,entered,left,observed_from,observed_until,ended_by"
GOOD = "m,2026-01-05,2026-02-02,,2026-03-30,overtaken"


@pytest.fixture
def file(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "tenures.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def test_a_row_says_from_when_to_when_and_how_it_ended(file):
    ended, going, truncated = read_tenures(
        file(GOOD, "n,2026-01-05,,,2026-03-30,", "o,2025-11-03,2026-02-02,2026-01-05,2026-03-30,retired")
    )
    assert (ended.left - ended.entered, ended.ended_by) == (28, "overtaken")
    assert (going.left, going.ended_by, going.observed_until - going.entered) == (None, "censored", 84)
    assert (truncated.ended_by, truncated.at_risk_from - truncated.entered) == ("withdrawn", 63)


def test_a_left_without_a_word_was_overtaken_and_a_censored_one_was_seen_until_then(file):
    plain, lost = read_tenures(file(GOOD.removesuffix("overtaken"), GOOD.replace("overtaken", "censored")))
    assert plain.ended_by == "overtaken"
    assert (lost.left, lost.observed_until - lost.entered) == (None, 28)


def test_days_may_be_times_or_numbers(file):
    (times,) = read_tenures(file("m,2026-01-05T00:00:00Z,2026-01-06T12:00:00Z,,2026-03-30,overtaken"))
    (numbers,) = read_tenures(file("m,0,1.5,,90,overtaken"))
    assert times.left - times.entered == numbers.left - numbers.entered == 1.5


def test_scopes_and_other_columns_may_stand_beside(file):
    (tenure,) = read_tenures(file(GOOD + ",text,mine", header=HEADER + ",category,note"))
    assert tenure.scope == {"category": "text"}


def test_a_spreadsheets_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n\r\n".encode())
    assert len(read_tenures(path)) == 1


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("m,yesterday,,,2026-03-30,", "entered", "a date such as 2026-01-31, got 'yesterday'"),
        ("m,,,,2026-03-30,", "entered", "got nothing"),
        ("m,2026-01-05,,,,", "observed_until", "got nothing"),
        (",2026-01-05,,,2026-03-30,", "subject", "a value, got nothing"),
        ("m,2026-01-05,2026-01-01,,2026-03-30,overtaken", "left", "not before 'entered'"),
        ("m,2026-01-05,2026-04-01,,2026-03-30,overtaken", "left", "not after 'observed_until'"),
        ("m,2026-01-05,2026-02-01,2026-02-10,2026-03-30,overtaken", "left", "not before 'observed_from'"),
        ("m,2026-04-05,,,2026-03-30,", "entered", "not after 'observed_until'"),
        ("m,2026-01-05,,2026-04-10,2026-03-30,", "observed_from", "not after 'observed_until'"),
        ("m,2026-01-05,,,2026-03-30,overtaken", "left", "the day of a tenure that ended by 'overtaken'"),
        ("m,2026-01-05,2026-02-01,,2026-03-30,bored", "ended_by", "overtaken, withdrawn or censored, got 'bored'"),
        ("m,12,,,90,", "entered", "a date as in the rows before"),
        ("m,nan,,,2026-03-30,", "entered", "a date such as"),
    ],
)
def test_what_does_not_hold_is_named_with_file_line_and_column(file, row, column, words):
    with pytest.raises(InputFileError, match=r"tenures\.csv, line 3, column") as caught:
        read_tenures(file(GOOD, row))
    assert f"column '{column}': Expected" in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_column_a_repeated_one_and_a_short_row_are_named(file):
    with pytest.raises(InputFileError, match=r"line 1, column 'ended_by': Expected a header"):
        read_tenures(file(GOOD, header=HEADER.removesuffix(",ended_by")))
    with pytest.raises(InputFileError, match=r"line 1, column 'left': Expected each column once"):
        read_tenures(file(GOOD + ",", header=HEADER + ",left"))
    with pytest.raises(InputFileError, match=r"line 3: Expected 6 cells as in the header, got 2"):
        read_tenures(file(GOOD, "m,2026-01-05"))
    with pytest.raises(InputFileError, match="Expected at least one tenure"):
        read_tenures(file())


def test_back_within_the_gap_never_left(file):
    rows = ("m,2026-01-05,2026-02-02,,2026-03-30,overtaken", "m,2026-02-06,2026-03-02,,2026-03-30,overtaken")
    (tenure,) = read_tenures(file(*rows), gap_days=7)
    assert tenure.left - tenure.entered == 56
    assert len(read_tenures(file(*rows), gap_days=3)) == len(read_tenures(file(*rows))) == 2
