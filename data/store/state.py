"""What a warehouse was made from: two files of one state show readers the same."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

STATE = """
    SELECT md5(string_agg(part, chr(10) ORDER BY part)) FROM (
        SELECT concat_ws(' ', 'run', run_id, commit_digest) AS part FROM ingested
        UNION ALL SELECT concat_ws(' ', 'files', name, files) FROM mirrors
        UNION ALL SELECT concat_ws(' ', 'standings', calendar, suite_digest, day, digest) FROM standings_inputs
        UNION ALL SELECT concat_ws(' ', 'migration', number) FROM schema_migrations
    )
"""


def content_state(connection: "duckdb.DuckDBPyConnection") -> str:
    """Return 32 hex digits of the runs, files, standings and migrations that are in a warehouse or a snapshot.

    Raises duckdb.Error where the file is of an older shape, or damaged.
    """
    row = connection.execute(STATE).fetchone()
    return str(row[0]) if row else ""
