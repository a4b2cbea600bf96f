"""A SQLite file that is opened, migrated and read with care: the ground under the run store.

Memory layer; the only module that imports sqlite3. It knows connections, transactions, migrations
and what goes wrong with them, and no table but `migrations`. The file is in WAL mode, so that
readers never wait for the writer nor the writer for them. Reference: https://sqlite.org/wal.html
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from gan.errors import StoreError
from gan.runs.schema import MIGRATIONS, MIGRATIONS_TABLE, Migration

Row = Sequence[Any]
T = TypeVar("T")

_BUSY_TIMEOUT_S = 5.0


class Database:
    """One open database file; also a context manager that closes it.

    It belongs to the thread that opened it: a second thread opens its own. Every method raises
    StoreError, in one sentence, when the file cannot be read or written.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `create_file` or `open`."""
        self.path = path
        self._connection = connection

    @classmethod
    def create_file(cls, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """Make a new database file with its tables, still empty.

        Raises:
            StoreError: the file exists already, or the drive cannot hold such a database.
        """
        if path.exists():
            raise StoreError(f"{path} exists already.")
        database = cls(path, _connect(path, "rwc"))
        with database._closed_on_error():
            with database._errors():
                (mode,) = database._connection.execute("PRAGMA journal_mode = WAL").fetchone()
                database._connection.execute(MIGRATIONS_TABLE)
            if mode != "wal":
                raise StoreError(f"{path.parent} is on a drive without WAL: use a local one.")
            database._migrate(migrations)
        return database

    @classmethod
    def open(cls, path: Path, *, migrations: Sequence[Migration] = MIGRATIONS) -> Self:
        """Open an existing database and bring its tables up to date.

        Raises:
            StoreError: it is missing, damaged, or written by a newer version of this program.
        """
        if not path.is_file():
            raise StoreError(f"There is no run database at {path}.")
        database = cls(path, _connect(path, "rw"))
        with database._closed_on_error():
            database._migrate(migrations)
        return database

    def close(self) -> None:
        """Close the database; every later call raises StoreError."""
        with self._errors():
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Write everything inside the `with` block together, or nothing when it raises.

        Inside another batch it is a part of that one.
        """
        with self._errors():
            if self._connection.in_transaction:
                yield
                return
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield

    def copy_to(self, target: Path) -> None:
        """Copy the database, which others may be writing, to a new file, as it is at one moment.

        Raises:
            StoreError: the target exists already.
        """
        if target.exists():
            raise StoreError(f"{target} exists already.")
        with self._errors(), closing(_connect(target, "rwc")) as copy:
            self._connection.backup(copy)

    def _execute(self, sql: str, args: Sequence[Any] = ()) -> sqlite3.Cursor:
        with self._errors():
            return self._connection.execute(sql, args)

    def _insert(self, sql: str, args: Sequence[Any]) -> int:
        new_id = self._execute(sql, args).lastrowid
        assert new_id is not None
        return new_id

    def _read(self, make: Callable[[Row], T], sql: str, args: Sequence[Any] = ()) -> list[T]:
        with self._errors():
            rows = self._connection.execute(sql, args).fetchall()
        try:
            return [make(row) for row in rows]
        except ValueError as error:
            raise StoreError(f"{self.path} is damaged: a row cannot be read ({error}).") from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(_explain(self.path, error)) from error

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            with suppress(StoreError):
                self.close()
            raise

    def _migrate(self, migrations: Sequence[Migration]) -> None:
        version = self._schema_version()
        if version > len(migrations):
            raise StoreError(
                f"{self.path} was written by a newer version of this program (schema {version}, "
                f"known up to {len(migrations)}): update the program."
            )
        for number in range(version + 1, len(migrations) + 1):
            with self.batch():
                if self._schema_version() >= number:  # another process was quicker
                    continue
                for statement in migrations[number - 1]:
                    self._execute(statement)
                self._execute("INSERT INTO migrations (version) VALUES (?)", (number,))

    def _schema_version(self) -> int:
        sql = "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'"
        if self._read(only_column, sql) == [0]:
            raise StoreError(f"{self.path} is not a run's database.")
        (version,) = self._read(only_column, "SELECT max(version) FROM migrations")
        return int(version or 0)


def _connect(path: Path, mode: Literal["rw", "rwc"]) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,  # statements commit by themselves, or in `Database.batch`
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error as error:
        raise StoreError(_explain(path, error)) from error
    return connection


def _explain(path: Path, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{path} is damaged ({error}): restore it from a copy."
    if code == sqlite3.SQLITE_BUSY:
        return f"{path} is in use: another process kept it for over {_BUSY_TIMEOUT_S:g} s."
    if code == sqlite3.SQLITE_FULL:
        return f"{path} cannot grow: the disk is full."
    return f"{path} cannot be read or written ({error})."


def only_column(row: Row) -> Any:
    """Return the value of a row that has just one, for `_read`."""
    (value,) = row
    return value
