"""What a run is called and what it is doing: its facts, state, attempts and commands.

Memory layer, on `gan.runs.database`; used through `gan.runs.store.RunStore`. Every change that
depends on the present state reads that state in the same transaction, so of two processes that
want to start a run one gets it.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from gan.errors import StoreError
from gan.runs.database import Database, Row
from gan.runs.rows import Attempt, Command, Status, encode_json
from gan.runs.states import RunState, check_move, is_live, is_over


class RunLifecycle(Database):
    """The part of a run's database by which it is started, watched and commanded."""

    # What the run is called and what people wrote about it.

    def get_meta(self) -> dict[str, Any]:
        """Return all of the run's own facts (name, note, tags, labels …)."""
        pairs = self._read(_key_and_value, "SELECT key, value FROM meta ORDER BY key")
        return dict(pairs)

    def set_meta(self, key: str, value: Any) -> None:
        """Set one fact; `value` is plain JSON-like data."""
        self._execute(
            "INSERT INTO meta (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, encode_json(value)),
        )

    # Where the run stands.

    def get_status(self) -> Status:
        """Return state, progress and heartbeat in one cheap read."""
        (status,) = self._read(Status.from_row, f"SELECT {Status.columns} FROM status")
        return status

    def set_state(self, new: RunState, *, message: str = "", now: float) -> None:
        """Move the run to another state.

        Raises:
            StoreError: the move is not legal from the state that the database holds.
        """
        with self.batch():
            check_move(self.get_status().state, new)
            self._execute(
                "UPDATE status SET state = ?, message = ?, changed_at = ?, "
                "pid = CASE WHEN ? THEN pid END",
                (new, message, now, is_live(new)),
            )

    def update_progress(
        self,
        *,
        step: int | None = None,
        n_steps: int | None = None,
        tick: int | None = None,
        epoch: float | None = None,
        elapsed_s: float | None = None,
        last_metrics: Mapping[str, float] | None = None,
        live: Mapping[str, Any] | None = None,
    ) -> None:
        """Write how far the run is; what is None stays as it was."""
        self._execute(
            "UPDATE status SET step = coalesce(?, step), n_steps = coalesce(?, n_steps), "
            "tick = coalesce(?, tick), epoch = coalesce(?, epoch), "
            "elapsed_s = coalesce(?, elapsed_s), last_metrics = coalesce(?, last_metrics), "
            "live = coalesce(?, live)",
            (
                step,
                n_steps,
                tick,
                epoch,
                elapsed_s,
                None if last_metrics is None else encode_json(last_metrics),
                None if live is None else encode_json(live),
            ),
        )

    def beat(self, now: float) -> None:
        """Write that the worker is alive."""
        self._execute("UPDATE status SET heartbeat = ?", (now,))

    # Attempts: the numbered starts of the run.

    def begin_attempt(self, *, now: float, pid: int, info: Mapping[str, Any]) -> int:
        """Claim the queued run, which is running from here on, and return the attempt's number.

        Of two that try, one gets it. Commands to older attempts expire, and an older attempt that
        never ended (its process was killed) is closed as interrupted.

        Raises:
            StoreError: the run is not queued.
        """
        with self.batch():
            status = self.get_status()
            if status.state is not RunState.QUEUED:
                raise StoreError(f"The run is {status.state}, and only a queued run can start.")
            attempt = status.attempt + 1
            self._execute(
                "UPDATE attempts SET state = ?, ended_at = ? WHERE ended_at IS NULL",
                (RunState.INTERRUPTED, status.heartbeat),
            )
            self._expire_commands(before=attempt, now=now)
            self._execute(
                "INSERT INTO attempts (number, started_at, pid, info) VALUES (?, ?, ?, ?)",
                (attempt, now, pid, encode_json(info)),
            )
            self._execute(
                "UPDATE status SET state = ?, attempt = ?, pid = ?, heartbeat = ?, message = '', "
                "changed_at = ?",
                (RunState.RUNNING, attempt, pid, now, now),
            )
        return attempt

    def end_attempt(self, attempt: int, *, now: float, state: RunState, message: str = "") -> None:
        """Close the newest attempt and move the run to the state in which it ended.

        Raises:
            StoreError: it is not the newest attempt, or `state` is no ending or not legal.
        """
        if not is_over(state):
            raise StoreError(f"An attempt cannot end as {state}.")
        with self.batch():
            status = self.get_status()
            if attempt != status.attempt:
                raise StoreError(f"Attempt {attempt} is not the newest, {status.attempt} is.")
            if status.state is not state:
                check_move(status.state, state)
            self._execute(
                "UPDATE status SET state = ?, message = ?, pid = NULL, changed_at = ?",
                (state, message, now),
            )
            self._execute(
                "UPDATE attempts SET ended_at = ?, state = ?, message = ? WHERE number = ?",
                (now, state, message, attempt),
            )
            self._expire_commands(before=attempt + 1, now=now)

    def list_attempts(self) -> list[Attempt]:
        """Return all starts of the run, oldest first."""
        return self._read(
            Attempt.from_row, f"SELECT {Attempt.columns} FROM attempts ORDER BY number"
        )

    # Commands: orders to the worker, named after its attempt.

    def send_command(
        self, kind: str, payload: Mapping[str, Any] | None = None, *, now: float
    ) -> int:
        """Write an order to the worker of the current attempt and return its id.

        Raises:
            StoreError: the run is not live, so that nobody would read the order.
        """
        with self.batch():
            status = self.get_status()
            if not is_live(status.state):
                raise StoreError(f"The run is {status.state} and takes no command {kind!r}.")
            return self._insert(
                "INSERT INTO commands (attempt, kind, payload, sent_at) VALUES (?, ?, ?, ?)",
                (status.attempt, kind, encode_json(payload or {}), now),
            )

    def pending_commands(self, attempt: int) -> list[Command]:
        """Return the orders to this attempt that wait, oldest first; cheap enough for each step."""
        return self._read(
            Command.from_row,
            f"SELECT {Command.columns} FROM commands "
            "WHERE attempt = ? AND outcome = 'pending' ORDER BY id",
            (attempt,),
        )

    def finish_command(
        self, command_id: int, *, outcome: Literal["done", "refused"], note: str = "", now: float
    ) -> None:
        """Write what became of an order.

        Raises:
            StoreError: there is no such order, or it is finished or expired.
        """
        changed = self._execute(
            "UPDATE commands SET outcome = ?, note = ?, finished_at = ? "
            "WHERE id = ? AND outcome = 'pending'",
            (outcome, note, now, command_id),
        )
        if changed.rowcount == 0:
            raise StoreError(f"Command {command_id} is {self.command(command_id).outcome} already.")

    def command(self, command_id: int) -> Command:
        """Return one order, finished or not. Raises StoreError when there is none."""
        found = self._read(
            Command.from_row,
            f"SELECT {Command.columns} FROM commands WHERE id = ?",
            (command_id,),
        )
        if not found:
            raise StoreError(f"There is no command {command_id}.")
        return found[0]

    def _expire_commands(self, *, before: int, now: float) -> None:
        self._execute(
            "UPDATE commands SET outcome = 'expired', finished_at = ? "
            "WHERE outcome = 'pending' AND attempt < ?",
            (now, before),
        )


def _key_and_value(row: Row) -> tuple[str, Any]:
    key, value = row
    return key, json.loads(value)
