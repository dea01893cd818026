"""External ratings: CSV, Parquet and the media API's JSON, kept by source and found again by a rebuild."""

import datetime as dt
import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputFileError
from data.history import Imported, read_artificial_analysis, read_ratings, save_import
from data.history.ratings import interval_ends
from data.history.store import import_files, read_import
from data.home import Home
from data.store.rebuild import rebuild
from data.store.warehouse import Warehouse

DAY = dt.date(2026, 1, 5)
HEADER = "date,model,category,rating,interval"
ANSWER = {
    "status": 200,
    "include_categories": True,
    "data": [
        {
            "id": "x1",
            "name": "Painter",
            "slug": "painter",
            "model_creator": {"id": "c", "name": "C"},
            "elo": 1246,
            "rank": 1,
            "ci95": "-11/+12",
            "appearances": 5980,
            "release_date": "2025-12",
            "categories": [
                {"style_category": "Anime", "subject_matter_category": "Nature", "elo": 1300, "ci95": "-20/20"}
            ],
        },
        {"id": "x2", "name": "Sketcher", "slug": None, "elo": 1178.5, "ci95": None},
        {"id": "x3", "name": "New", "slug": "new", "elo": None},
    ],
}


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def imported(ratings, *, source="arena", at=1):
    moment = dt.datetime(2026, 2, at, tzinfo=dt.UTC)
    return Imported(source=source, task="text-to-image", origin="r.csv", imported_at=moment, ratings=tuple(ratings))


def csv(tmp_path, *rows, header=HEADER):
    path = tmp_path / "r.csv"
    path.write_text("\n".join([header, *rows]))
    return path


def test_csv_and_parquet_say_the_same(tmp_path):
    from_csv = read_ratings(csv(tmp_path, "2026-01-05,a,text,1200.5,-5/+7", "2026-01-05,b,,1100,"))
    table = pd.DataFrame(
        {
            "date": [DAY, DAY],
            "model": ["a", "b"],
            "category": ["text", None],
            "rating": [1200.5, 1100.0],
            "low": [1195.5, None],
            "high": [1207.5, None],
        }
    )
    table.to_parquet(tmp_path / "r.parquet")
    assert read_ratings(tmp_path / "r.parquet") == from_csv
    assert (from_csv[0].low, from_csv[0].high, from_csv[1].category) == (1195.5, 1207.5, "*")


@given(st.floats(0, 3000), st.floats(0, 100), st.floats(0, 100))
def test_an_interval_apart_lies_around_its_rating(rating, below, above):
    low, high = interval_ends(rating, f"-{below:.3f}/+{above:.3f}")
    assert low <= rating <= high
    assert interval_ends(rating, f"[{low!r}, {high!r}]") == (low, high) or "e" in f"{low!r}{high!r}"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-13-05,a,,1200,", "column 'date': Expected a date"),
        ("12,a,,1200,", "column 'date': Expected a date"),
        ("2026-01-05,,,1200,", "column 'model': Expected a name"),
        ("2026-01-05,a,,high,", "column 'rating': Expected a number, got 'high'"),
        ("2026-01-05,a,,1200,maybe", "column 'interval': Expected an interval such as"),
        ('2026-01-05,a,,1200,"[1300, 1400]"', "column 'interval': Expected an interval around the rating"),
        ("2026-01-04,a,,1200,", "Expected one rating a day, model and category, got a second after line 2"),
    ],
)
def test_what_does_not_hold_is_named_with_file_and_line(tmp_path, row, words):
    with pytest.raises(InputFileError, match=r"r\.csv, line 3") as caught:
        read_ratings(csv(tmp_path, "2026-01-04,a,,1200,", row))
    assert words in str(caught.value)


def test_a_file_that_is_no_parquet_and_one_without_a_column_are_refused(tmp_path):
    (tmp_path / "r.parquet").write_bytes(b"not this")
    with pytest.raises(InputFileError, match="Expected a Parquet file"):
        read_ratings(tmp_path / "r.parquet")
    pd.DataFrame({"date": [DAY], "model": ["a"]}).to_parquet(tmp_path / "s.parquet")
    with pytest.raises(InputFileError, match="column 'rating': Expected the columns"):
        read_ratings(tmp_path / "s.parquet")


def test_the_media_apis_answer_is_one_days_arena_with_its_categories(tmp_path):
    path = tmp_path / "t2i.json"
    path.write_text(json.dumps(ANSWER))
    ratings = {(rating.model, rating.category): rating for rating in read_artificial_analysis(path, DAY)}
    assert set(ratings) == {("painter", "*"), ("painter", "Anime / Nature"), ("x2", "*")}
    assert (ratings["painter", "*"].low, ratings["painter", "*"].high) == (1235, 1258)
    assert (ratings["x2", "*"].rating, ratings["x2", "*"].low) == (1178.5, None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 401}, "key 'data'"),
        ({"data": ["painter"]}, r"key 'data\.0'"),
        ({"data": [{"slug": "a", "elo": "high"}]}, r"key 'data\.0\.elo'"),
        ({"data": [{"slug": "a"}]}, "at least one model with an Elo"),
    ],
)
def test_another_answer_is_refused_with_the_place(tmp_path, answer, words):
    path = tmp_path / "t2i.json"
    path.write_text(json.dumps(answer))
    with pytest.raises(InputFileError, match=words):
        read_artificial_analysis(path, DAY)


def test_the_same_ratings_are_kept_once_and_sources_apart(home, tmp_path):
    ratings = read_ratings(csv(tmp_path, "2026-01-05,a,,1200,-5/+5"))
    assert save_import(home, imported(ratings))
    assert not save_import(home, imported(ratings, at=2))
    assert save_import(home, imported(ratings, source="other"))
    assert [read_import(path).source for path in import_files(home)] == ["arena", "other"]


def test_a_rebuild_finds_them_and_the_later_import_counts(home, tmp_path):
    save_import(home, imported(read_ratings(csv(tmp_path, "2026-01-05,a,,1200,", "2026-01-05,b,,900,"))))
    save_import(home, imported(read_ratings(csv(tmp_path, "2026-01-05,a,,1250,")), at=2))
    with Warehouse.own(home) as warehouse:
        assert warehouse.ingest_ratings()
        assert not warehouse.ingest_ratings()
    rebuild(home)
    with Warehouse.own(home) as warehouse, warehouse.cursor() as cursor:
        rows = cursor.execute("SELECT model, rating FROM ratings ORDER BY model").fetchall()
    assert rows == [("a", 1250.0), ("b", 900.0)]


def test_a_damaged_file_is_left_out_and_named(home, tmp_path):
    save_import(home, imported(read_ratings(csv(tmp_path, "2026-01-05,a,,1200,"))))
    (place,) = home.history.glob("*/*.json")
    place.write_text(place.read_text().replace("1200", "1300"))
    with Warehouse.own(home) as warehouse:
        warehouse.ingest_ratings()
        (refused,) = warehouse.refused
    with pytest.raises(InputFileError, match="Expected the ratings that its name stands for"):
        raise refused


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("+3/-3", (97, 103)),
        ("+4/-5", (95, 104)),
        ("+4 / −5", (95, 104)),
        ("(+4, -5)", (95, 104)),
        ("-5/+4", (95, 104)),
        ("±3", (97, 103)),
        ("± 3.5", (96.5, 103.5)),
        ("(95, 104)", (95, 104)),
        ("95 – 104", (95, 104)),
    ],
)
def test_intervals_are_read_as_arenas_print_them(tmp_path, text, ends):
    path = csv(tmp_path, f'2026-01-05,a,*,100,"{text}"')
    (rating,) = read_ratings(path)
    assert (rating.low, rating.high) == ends


@pytest.mark.parametrize(
    "names",
    [
        "rating_lower,rating_upper",
        "rating_q025,rating_q975",
        "low,high",
        "Lower,Upper",
        "elo_ci_lower,elo_ci_upper",
        "ci95_low,ci95_high",
        "lower_bound,upper_bound",
        "2.5%,97.5%",
    ],
)
def test_both_ends_are_read_under_the_names_of_arenas(tmp_path, names):
    (rating,) = read_ratings(csv(tmp_path, "2026-01-05,a,100,95,104", header=f"date,model,rating,{names}"))
    assert (rating.low, rating.high) == (95, 104)


@pytest.mark.parametrize("name", ["95% CI", "ci95", "confidence_interval", "±", "±95", "Elo +/-", "rating_ci", "CI"])
def test_one_text_is_read_under_the_names_of_arenas(tmp_path, name):
    (rating,) = read_ratings(csv(tmp_path, "2026-01-05,a,100,+4/-5", header=f"date,model,rating,{name}"))
    assert (rating.low, rating.high) == (95, 104)


@pytest.mark.parametrize("name", ["stderr", "90_ci_halfwidth", "uncertainty", "rating_std", "moe", "conf", "p90"])
@pytest.mark.parametrize("parquet", [False, True])
def test_a_column_about_certainty_that_is_not_known_is_refused_by_name(tmp_path, name, parquet):
    path = csv(tmp_path, "2026-01-05,a,100,4", header=f"date,model,rating,{name}")
    if parquet:
        pd.read_csv(path).to_parquet(tmp_path / "r.parquet")
        path = tmp_path / "r.parquet"
    with pytest.raises(InputFileError, match=f"got the column '{name}'"):
        read_ratings(path)


def test_parquet_has_its_ends_under_other_names_too(tmp_path):
    frame = pd.DataFrame({"date": ["2026-01-05"], "model": ["a"], "rating": [100.0]})
    frame = frame.assign(rating_lower=95.0, rating_upper=104.0, variance=2.0, vote_count=900, rank_ub=1)
    frame.to_parquet(tmp_path / "r.parquet")
    (rating,) = read_ratings(tmp_path / "r.parquet")
    assert (rating.low, rating.high) == (95.0, 104.0)


def test_one_end_alone_is_refused(tmp_path):
    path = csv(tmp_path, "2026-01-05,a,100,95", header="date,model,rating,rating_lower")
    with pytest.raises(InputFileError, match="got the column 'rating_lower' alone"):
        read_ratings(path)


def test_an_interval_that_is_given_twice_must_be_the_same(tmp_path):
    header = "date,model,rating,ci,low,high"
    (rating,) = read_ratings(csv(tmp_path, "2026-01-05,a,100,+4/-5,95.4,104.2", header=header))
    assert (rating.low, rating.high) == (95.4, 104.2)
    with pytest.raises(InputFileError, match="the interval that its ends say, 90 to 110"):
        read_ratings(csv(tmp_path, "2026-01-05,a,100,+4/-5,90,110", header=header))


def test_a_rating_of_the_future_is_refused(tmp_path):
    path = csv(tmp_path, "2026-01-06,a,*,100,")
    assert len(read_ratings(path, DAY + dt.timedelta(days=1))) == 1
    with pytest.raises(InputFileError, match="Expected a day up to 2026-01-05"):
        read_ratings(path, DAY)
    with pytest.raises(InputFileError, match="on which it was fetched, got 9999-01-01"):
        read_artificial_analysis(path, dt.date(9999, 1, 1))


def test_two_models_of_one_slug_are_kept_apart_and_said(tmp_path, halflife):
    first, second = ({"id": name, "slug": "painter", "elo": elo} for name, elo in (("x1", 1200), ("x2", 1100)))
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"data": [first, second]}))
    assert [rating.model for rating in read_artificial_analysis(path, DAY)] == ["painter (x1)", "painter (x2)"]
    done = halflife(tmp_path / "home", "history", "import", str(path), "--source", "arena", "--date", "2026-01-05")
    assert done.returncode == 0
    assert "their names may mean one model: painter (x1), painter (x2)." in done.stdout


def test_a_model_that_is_there_twice_is_refused(tmp_path):
    model = {"id": "x1", "slug": "painter", "elo": 1200}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"data": [model, model]}))
    with pytest.raises(InputFileError, match=r"data.1.*'painter \(x1\)' once"):
        read_artificial_analysis(path, DAY)
