"""Which checkpoint of a run is meant, read: of a step, or the one that the run keeps.

Memory layer; torch is imported when it reads.
"""

from typing import Any

from gan.errors import CheckpointError
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore

_N_LISTED = 8  # checkpoints that an error message shows


def read_saved(folder: RunFolder, step: int | None) -> tuple[dict[str, Any], list[str]]:
    """Read the checkpoint of a step, or the one that the run keeps, else the newest readable.

    Returns:
        the state, and a sentence for each newer checkpoint that could not be read.

    Raises:
        CheckpointError: there is none, or it is damaged. StoreError: the run cannot be read.
    """
    with RunStore.open(folder.db_path) as store:
        checkpoints = store.list_checkpoints()
        if not checkpoints:
            raise CheckpointError(
                f"The run {folder.id} has no checkpoint to draw from yet: train it for a minute, "
                "or stop it, which saves one."
            )
        from gan.runs.checkpoints import load_checkpoint  # noqa: PLC0415
        from gan.runs.recorder import result_checkpoint  # noqa: PLC0415

        if step is None:
            state, problems = result_checkpoint(folder, store)
            if state is None:
                raise CheckpointError(
                    f"No checkpoint of the run {folder.id} can be read: restore its files, or "
                    "choose another run."
                )
            return state, problems
    fitting = [checkpoint for checkpoint in checkpoints if checkpoint.step == step]
    if not fitting:
        steps = [str(checkpoint.step) for checkpoint in checkpoints]
        some = ", ".join((["…"] if len(steps) > _N_LISTED else []) + steps[-_N_LISTED:])
        raise CheckpointError(f"There is no checkpoint at step {step}: choose one of {some}.")
    return load_checkpoint(folder.path / fitting[-1].path), []


def saved_steps(folder: RunFolder) -> tuple[int, ...]:
    """Return the steps that a run has checkpoints of, ascending. Raises StoreError."""
    with RunStore.open(folder.db_path) as store:
        return tuple(sorted({checkpoint.step for checkpoint in store.list_checkpoints()}))
