"""Which table is meant: by its id, a task and a category, a route or an alias, over one table and over several."""

import pytest

from data.errors import RoutingError, UnknownNameError
from leaderboard.routing.serving.publish import publish
from leaderboard.routing.serving.published import choose, published, table_ids
from leaderboard.routing.table.model import RoutingTable
from tests.leaderboard.routing.lasting import clips, lasting, renamed


def tables(folder, *contents):
    for content in contents:
        publish(RoutingTable.model_validate(content), folder)
    return published(folder)


@pytest.fixture
def two(tmp_path):
    """Pictures and clips."""
    return tables(tmp_path, lasting(), clips())


@pytest.fixture
def alike(tmp_path):
    """Two tables of the same routes and aliases."""
    return tables(tmp_path, lasting(), renamed("sketches.live"))


def test_the_only_table_needs_no_id(tmp_path):
    assert tables(tmp_path, lasting()).table().table_id == "pictures.live"


def test_of_several_the_id_is_asked_for(two):
    with pytest.raises(RoutingError, match=r"and 2 are published\. Give --table: clips\.live, pictures\.live\.$"):
        two.table()
    assert two.table("clips.live").table_id == "clips.live"


def test_an_unknown_id_is_answered_with_the_nearest(two):
    with pytest.raises(UnknownNameError, match=r"Did you mean 'clips\.live'\? Known: clips\.live, pictures\.live"):
        two.table("clip.live")


def test_before_the_first_table_the_sentence_says_what_to_run(tmp_path):
    none = published(tmp_path / "routing")
    for ask in (none.table, lambda: none.with_alias("a"), lambda: none.with_category("text-to-image", "overall")):
        with pytest.raises(RoutingError, match="Run `halflife routes publish` or `halflife demo`"):
            ask()


def test_a_task_picks_the_table(two):
    assert two.with_category("text-to-video", "pair").table_id == "clips.live"
    assert two.with_category("text-to-image", "photoreal").table_id == "pictures.live"


def test_an_alias_and_a_route_are_looked_up_over_all_tables(two):
    named = two.with_alias("video.pair.hero")
    assert (named.table.table_id, named.route.id, named.name) == ("clips.live", "text-to-video.pair", "hero")
    assert named.tier.alias == "video.pair.hero"
    table, route = two.with_route("text-to-image.photoreal")
    assert (table.table_id, route.category) == ("pictures.live", "photoreal")
    assert two.with_name("video.pair.hero") == two.with_name("text-to-video.pair") == two.table("clips.live")


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda found: found.with_alias("image.photoreal.hero"), "alias 'image.photoreal.hero'"),
        (lambda found: found.with_route("text-to-image.photoreal"), "route 'text-to-image.photoreal'"),
        (lambda found: found.with_name("image.photoreal.hero"), "route or alias 'image.photoreal.hero'"),
        (lambda found: found.with_category("text-to-image", "photoreal"), "category of text-to-image 'photoreal'"),
    ],
)
def test_what_stands_in_several_tables_needs_the_id_of_one(alike, ask, what):
    with pytest.raises(RoutingError, match=rf"{what} stands in several\. Give --table: pictures\.live, sketches\.live"):
        ask(alike)
    ask(alike.narrowed("sketches.live"))


def test_an_unknown_name_is_answered_with_the_nearest_of_all_tables(two):
    with pytest.raises(UnknownNameError, match=r"Unknown alias 'video\.pear\.hero'\. Did you mean 'video\.pair\.hero'"):
        two.with_alias("video.pear.hero")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'text-to-video\.overall'"):
        two.with_route("text-to-video.overal")
    with pytest.raises(UnknownNameError, match=r"Unknown task with routes 'upscale'\. Known: text-to-image, text-to-v"):
        two.with_category("upscale", "overall")


def test_a_broken_table_keeps_no_other_away_and_is_named_where_it_could_answer(two, tmp_path):
    (tmp_path / "clips.live" / "current.json").write_text("{")
    left = published(tmp_path)
    assert left.with_category("text-to-image", "photoreal").table_id == "pictures.live"
    for ask in (lambda: left.with_alias("video.pair.hero"), lambda: left.table("clips.live")):
        with pytest.raises(RoutingError, match=r"Expected JSON in .*clips\.live/current\.json"):
            ask()


def test_other_folders_are_no_tables(two, tmp_path):
    (tmp_path / "Not an id").mkdir()
    (tmp_path / "Not an id" / "current.json").write_text("{}")
    (tmp_path / "tables").mkdir()
    (tmp_path / "current.json").write_text("{}")
    assert table_ids(tmp_path) == ["clips.live", "pictures.live"]


def test_the_words_of_the_question_are_those_of_who_asks():
    with pytest.raises(RoutingError, match=r"Give `table`: a\.live, b\.live"):
        choose(["a.live", "b.live"], None, option="`table`")
