"""An observatory of a million scores, the same every time: made by SQL in the warehouse, published by the store.

25 models × 2,000 prompts in 10 categories × 5 seeds × 4 metrics (two of them quality), 1 % of attempts refused. The
standings of the newest day are computed by `leaderboard.standings.daily`; the 89 days before repeat them.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from data.home import Home
from data.store.warehouse import Warehouse
from leaderboard.standings import daily

MODELS, PROMPTS, CATEGORIES, SEEDS = 25, 2000, 10, 5
DAY = dt.date(2026, 6, 1)
METRICS = ("accuracy", "clip_score", "integrity_ok", "sharpness")

TABLES = (
    "INSERT INTO ingested VALUES ('r', 1, 'c')",
    """
    INSERT INTO runs VALUES ('r', 'million', '1', 'd', 'A million scores', 'text-to-image', 'accuracy', 'live',
        DATE '2026-06-01', TIMESTAMP '2026-06-01 02:00', TIMESTAMP '2026-06-01 03:00', 'bench', 'cuda', 2.0, 'declared',
        '{}', $seeds, 'p', NULL)
    """,
    """
    INSERT INTO prompts (run_id, prompt, text, category, tags, held_out, expectation)
    SELECT 'r', format('p{:04}', p), format('prompt number {}', p),
        format('category-{}', p % $categories), [], false, NULL
    FROM range($prompts) AS t(p)
    """,
    """
    INSERT INTO models SELECT 'r', format('m{:02}', m), format('Model {}', m), 'family', 'text-to-image', 'bench',
        CASE WHEN m % 5 = 0 THEN 'remote' ELSE 'local' END, 'rev', true, 'MIT', DATE '2026-01-01' + m::INTEGER,
        NULL, NULL, 20, 3.0, 512, 512, 1, '{}', '{}', NULL, NULL, NULL
    FROM range($models) AS t(m)
    """,
    """
    INSERT INTO samples BY NAME
    SELECT 'r' AS run_id, format('{}-{}-{}', m, p, s) AS sample, format('m{:02}', m) AS model,
        format('p{:04}', p) AS prompt, format('category-{}', p % $categories) AS category, s AS seed,
        DATE '2026-06-01' AS day, CASE WHEN hash(m, p, s) % 100 = 0 THEN 'refused' ELSE 'ok' END AS status,
        TIMESTAMP '2026-06-01 02:00' AS started_at, CASE WHEN p = 0 AND s = 0 THEN 'first' ELSE 'steady' END AS call,
        0.05 * (m + 1) * (1 + (hash(p, s, m) % 1000) / 2000.0) AS seconds, 512 AS width_asked, 512 AS height_asked,
        1 AS frames_asked, 0.0001 * (m + 1) AS cost_usd, 'machine-seconds' AS cost_source, 'echoed' AS seed_support
    FROM range($models) AS a(m), range($prompts) AS b(p), range($seeds) AS c(s)
    """,
    """
    INSERT INTO scores BY NAME
    SELECT run_id, sample, model, prompt, category, metric,
        CASE metric
            WHEN 'accuracy' THEN (hash(sample, 1) % 1000 < 300 + 25 * substr(model, 2)::INTEGER)::DOUBLE
            WHEN 'clip_score' THEN 25 + 0.2 * substr(model, 2)::INTEGER + (hash(sample, 2) % 1000) / 200.0
            WHEN 'integrity_ok' THEN 1.0 ELSE (hash(sample, 3) % 1000)::DOUBLE END AS value,
        metric AS evaluator, '1' AS version, '' AS fingerprint
    FROM samples, unnest(['accuracy', 'clip_score', 'integrity_ok', 'sharpness']) AS m(metric)
    WHERE status = 'ok'
    """,
    """
    INSERT INTO declared_metrics VALUES
        ('r', 'accuracy', 'Accuracy', 'accuracy', 'share', true, 0, 1, 'quality', false, NULL),
        ('r', 'clip_score', 'CLIP score', 'clip_score', '100 × cosine', true, -100, 100, 'quality', false, NULL),
        ('r', 'integrity_ok', 'Whole', 'integrity_ok', 'share', true, 0, 1, 'gate', false, NULL),
        ('r', 'sharpness', 'Sharpness', 'sharpness', 'grey levels', false, 0, NULL, 'sensor', false, NULL)
    """,
)
DAYS_BEFORE = """
    INSERT INTO standings BY NAME
    SELECT standings.* REPLACE ((day - to_days(d::INTEGER))::DATE AS day) FROM standings, range(1, 90) AS t(d)
"""


SIZES = {"models": MODELS, "prompts": PROMPTS, "categories": CATEGORIES, "seeds": SEEDS}
SMALL = {"models": 3, "prompts": 6, "categories": 2, "seeds": 2}


def build(path: Path, sizes: Mapping[str, int] = SIZES) -> Home:
    """Make the observatory and publish it."""
    home = Home(path)
    home.prepare()
    with Warehouse.own(home) as warehouse:
        with warehouse.cursor() as cursor:
            for statement in TABLES:
                cursor.execute(statement, {name: size for name, size in sizes.items() if f"${name}" in statement})
        daily.update(warehouse)
        with warehouse.cursor() as cursor:
            cursor.execute(DAYS_BEFORE)
        warehouse.publish()
    return home
