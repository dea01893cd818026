"""The observatory of the board's benchmark can be made in the store as it is now."""

from pathlib import Path

from benchmarks.million_scores import build
from data.store.snapshot import current

SMALL = {"models": 3, "prompts": 6, "categories": 2, "seeds": 2}


def test_it_is_built_and_published_with_all_its_scores(tmp_path: Path) -> None:
    snapshot = current(build(tmp_path / "home", SMALL))
    assert snapshot is not None
    with snapshot.connect() as connection:
        (ok,) = connection.execute("SELECT count(*) FROM samples WHERE status = 'ok'").fetchone()
        (scores,) = connection.execute("SELECT count(*) FROM scores").fetchone()
        (standings,) = connection.execute("SELECT count(DISTINCT model) FROM standings").fetchone()
    assert 0 < ok <= 36
    assert (scores, standings) == (4 * ok, 3)
