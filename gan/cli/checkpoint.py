"""Which checkpoint a command draws from or measures.

Door. Torch is imported when it reads.
"""

from typing import Any

from gan.cli.output import complain
from gan.errors import CheckpointError
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore

_N_LISTED = 8  # checkpoints that an error message shows


def read_state(folder: RunFolder, step: int | None) -> dict[str, Any]:
    """Read the checkpoint of a step, or the one that the run keeps, else the newest readable."""
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
            for problem in problems:
                complain(problem)
            if state is None:
                raise CheckpointError(f"No checkpoint of the run {folder.id} can be read.")
            return state
    fitting = [checkpoint for checkpoint in checkpoints if checkpoint.step == step]
    if not fitting:
        steps = [str(checkpoint.step) for checkpoint in checkpoints]
        some = ", ".join((["…"] if len(steps) > _N_LISTED else []) + steps[-_N_LISTED:])
        raise CheckpointError(f"There is no checkpoint at step {step}: choose one of {some}.")
    return load_checkpoint(folder.path / fitting[-1].path)
