"""The index that everybody queries, built from the record and always buildable again.

    sealing, ingest, warehouse    a run's journals as Parquet; loaded into the one DuckDB file that one process owns
    ratings, lifecycle, measurements, table_refresh   tables of what the home holds beside runs, loaded when it changed
    snapshot, export              the read-only copies that pages read; the same tables as plain files
    rebuild                       the warehouse built again from the record
    control                       the control database: slots, leases, reservations
    database, lock, migration     how DuckDB is opened, the one owner, numbered migrations

Does not belong here: what results mean (leaderboard), and anything that exists nowhere else.
"""
