"""The JSON of Artificial Analysis' media API (`/api/v2/data/media/<task>`), saved as a file.

One file is one day's arena: `{"status": 200, "data": [{"id", "name", "slug", "elo", "rank", "ci95": "-5/+5",
"appearances", "release_date", "categories": [{"style_category", "subject_matter_category", "elo", "ci95"}]}]}`. It
names no day, so the day on which it was fetched must be said. Use needs attribution to https://artificialanalysis.ai/.
Field names as public clients of the API read them in 2026; nothing was fetched from it here.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from data.errors import InputFileError
from data.formats.toml import parse_json, read_text
from data.history.interval_columns import interval_ends
from data.history.ratings import LONGEST_NAME, Rating, checked_name
from data.vocabulary import ALL_CATEGORIES

LABELS: Final = ("style_category", "subject_matter_category", "format_category")


def read_artificial_analysis(path: Path, day: dt.date) -> tuple[Rating, ...]:
    """Return the ratings of one saved answer as those of `day`: of all (`*`), and of each category it has.

    A model is named by its slug, else its id, and where two have one slug by both; one without an Elo is left out.
    Raises InputFileError that names the place for an answer of another shape, or a model that is there twice.
    """
    if day > (last := dt.datetime.now(dt.UTC).date()):
        raise InputFileError(path, f"Expected a day up to {last} on which it was fetched, got {day}.")
    answer = parse_json(read_text(path), path)
    models = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(models, list):
        problem = 'Expected an answer with a list "data", got none. Save the API\'s whole answer.'
        raise InputFileError(path, problem, key="data")
    ratings: dict[tuple[str, str], Rating] = {}
    slugs = Counter(str(model.get("slug")) for model in models if isinstance(model, dict))
    for place, model in enumerate(models):
        for rating in _of_model(path, f"data.{place}", model, day, slugs):
            if (rating.category, rating.model) in ratings:
                problem = f"Expected {rating.model!r} once in {rating.category!r}, got it twice. Remove one."
                raise InputFileError(path, problem, key=f"data.{place}")
            ratings[rating.category, rating.model] = rating
    if not ratings:
        raise InputFileError(path, "Expected at least one model with an Elo, got none.", key="data")
    return tuple(ratings.values())


def _of_model(path: Path, place: str, model: Any, day: dt.date, slugs: Mapping[str, int]) -> Iterator[Rating]:
    if not isinstance(model, dict):
        raise InputFileError(path, f"Expected a model, got {model!r:.60}. Correct the file.", key=place)
    name = model.get("slug") or model.get("id")
    if not isinstance(name, str) or not checked_name(name):
        raise InputFileError(path, f"Expected a slug or an id, got {name!r:.60}. Correct the file.", key=place)
    if slugs.get(name, 0) > 1:
        name = f"{name} ({model.get('id') or model.get('name')})"[:LONGEST_NAME]
    overall = _rating(path, place, model, (day, name, ALL_CATEGORIES))
    if overall is not None:
        yield overall
    for number, part in enumerate(model.get("categories") or ()):
        where = f"{place}.categories.{number}"
        if not isinstance(part, dict):
            raise InputFileError(path, f"Expected a category, got {part!r:.60}. Correct the file.", key=where)
        category = " / ".join(str(part[label]) for label in LABELS if part.get(label))
        rating = _rating(path, where, part, (day, name, category)) if checked_name(category) else None
        if rating is not None:
            yield rating


def _rating(path: Path, place: str, content: dict[str, Any], key: tuple[dt.date, str, str]) -> Rating | None:
    elo, ci95 = content.get("elo"), content.get("ci95")
    if elo is None:
        return None
    if isinstance(elo, bool) or not isinstance(elo, int | float):
        raise InputFileError(path, f"Expected a number, got {elo!r:.60}. Correct the file.", key=f"{place}.elo")
    ends = interval_ends(float(elo), ci95) if isinstance(ci95, str) else None
    day, model, category = key
    low, high = ends or (None, None)
    return Rating(day=day, model=model, rating=float(elo), category=category, low=low, high=high)
