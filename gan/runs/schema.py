"""The tables of a run's database, as numbered migrations of plain SQL.

Memory layer; read by `gan.runs.database` alone. Migration n is the n-th entry of `MIGRATIONS`; one
that was released is never edited, a change of the schema is a new entry at the end.

Times are seconds since 1970, JSON is text (NaN and infinities in Python's spelling, `NaN`,
`Infinity`, `-Infinity`). `superseded_by` is the attempt that went on from before such a row.
"""

Migration = tuple[str, ...]

MIGRATIONS_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    version INTEGER PRIMARY KEY,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)"""

_FIRST: Migration = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # One row. attempt 0: never started. superseded_generation: how often rows were superseded.
    """
    CREATE TABLE status (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        pid INTEGER,
        heartbeat REAL,
        step INTEGER NOT NULL DEFAULT 0,
        n_steps INTEGER NOT NULL DEFAULT 0,
        tick INTEGER NOT NULL DEFAULT 0,
        epoch REAL NOT NULL DEFAULT 0,
        elapsed_s REAL NOT NULL DEFAULT 0,
        message TEXT NOT NULL DEFAULT '',
        last_metrics TEXT NOT NULL DEFAULT '{}',
        live TEXT NOT NULL DEFAULT '{}',
        changed_at REAL NOT NULL,
        superseded_generation INTEGER NOT NULL DEFAULT 0
    )""",
    """
    CREATE TABLE attempts (
        number INTEGER PRIMARY KEY,
        started_at REAL NOT NULL,
        pid INTEGER NOT NULL,
        info TEXT NOT NULL,
        ended_at REAL,
        state TEXT,
        message TEXT NOT NULL DEFAULT ''
    )""",
    # One row is a chunk: steps as little-endian int64 [n], numbers as little-endian float32 [n, k].
    """
    CREATE TABLE metrics (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL REFERENCES attempts(number),
        first_step INTEGER NOT NULL,
        last_step INTEGER NOT NULL,
        tick INTEGER NOT NULL,
        keys TEXT NOT NULL,
        steps BLOB NOT NULL,
        numbers BLOB NOT NULL,
        superseded_by INTEGER
    )""",
    """
    CREATE INDEX metrics_by_step ON metrics (last_step, first_step)
    WHERE superseded_by IS NULL""",
    # Events may come before the first attempt (attempt 0), so they do not refer to one.
    """
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL,
        step INTEGER NOT NULL,
        tick INTEGER NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        payload TEXT NOT NULL,
        marks INTEGER NOT NULL,
        superseded_by INTEGER
    )""",
    """
    CREATE TABLE commands (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL REFERENCES attempts(number),
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        sent_at REAL NOT NULL,
        outcome TEXT NOT NULL DEFAULT 'pending'
            CHECK (outcome IN ('pending', 'done', 'refused', 'expired')),
        note TEXT NOT NULL DEFAULT '',
        finished_at REAL
    )""",
    "CREATE INDEX commands_pending ON commands (attempt, id) WHERE outcome = 'pending'",
    """
    CREATE TABLE samples (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL REFERENCES attempts(number),
        step INTEGER NOT NULL,
        tick INTEGER NOT NULL,
        at REAL NOT NULL,
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT NOT NULL,
        superseded_by INTEGER
    )""",
    "CREATE INDEX samples_by_kind ON samples (kind, id) WHERE superseded_by IS NULL",
    # Rows stay when a file is dropped: the id counts checkpoints, and retention depends on it.
    """
    CREATE TABLE checkpoints (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        attempt INTEGER NOT NULL REFERENCES attempts(number),
        step INTEGER NOT NULL,
        tick INTEGER NOT NULL,
        at REAL NOT NULL,
        path TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        dropped INTEGER NOT NULL DEFAULT 0,
        superseded_by INTEGER
    )""",
    "CREATE INDEX checkpoints_kept ON checkpoints (tick, id) WHERE dropped = 0",
)

MIGRATIONS: tuple[Migration, ...] = (_FIRST,)
