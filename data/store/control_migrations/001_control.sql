-- Times are text, RFC 3339 in UTC with a Z: they sort as they follow one another.

-- A due slot: one row for a schedule and a nominal time, whoever sees it first. `fence` grows with every claim.
CREATE TABLE slots (
    schedule TEXT NOT NULL,
    due TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'claimed', 'done', 'failed', 'skipped')),
    attempt INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    lease_until TEXT,
    run_id TEXT,
    reason TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (schedule, due)
) WITHOUT ROWID;

CREATE TABLE attempts (
    schedule TEXT NOT NULL,
    due TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    owner TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT,
    reason TEXT,
    PRIMARY KEY (schedule, due, attempt),
    FOREIGN KEY (schedule, due) REFERENCES slots (schedule, due)
) WITHOUT ROWID;

-- Money is reserved before a call that costs and settled after it; what is neither settled nor released counts in full.
-- A tick is 1e-10 dollars. Several runs may share a budget.
CREATE TABLE reservations (
    id INTEGER PRIMARY KEY,
    budget TEXT NOT NULL,
    run TEXT NOT NULL,
    request TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'settled', 'released')),
    reserved_ticks INTEGER NOT NULL CHECK (reserved_ticks >= 0),
    settled_ticks INTEGER CHECK (settled_ticks >= 0),
    source TEXT,
    reserved_at TEXT NOT NULL,
    resolved_at TEXT
);
CREATE INDEX reservations_of_budget ON reservations (budget);
CREATE INDEX reservations_of_run ON reservations (run, request);

CREATE TABLE progress (
    run_id TEXT PRIMARY KEY,
    suite TEXT NOT NULL,
    phase TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    pid INTEGER,
    updated_at TEXT NOT NULL
) WITHOUT ROWID;
