"""Pictures drawn with a run's generator by another process, for pages, which import no torch.

Memory layer.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from gan.errors import GanError, StoreError
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import child_environment

_TIMEOUT_S = 120.0


def draw_pictures(
    home: Home,
    folder: RunFolder,
    *,
    n: int,
    seed: int,
    class_name: str | None = None,
    step: int | None = None,
) -> bytes:
    """Return a PNG with `n` pictures, drawn by `python -m gan sample`.

    Args:
        home: where the run is.
        folder: the run; its newest checkpoint draws unless `step` names another.
        n: how many pictures.
        seed: for z.
        class_name: what to draw, if the run knows classes.
        step: of a saved checkpoint.

    Raises:
        GanError: the command refused, with its sentence; or it took too long.
    """
    with tempfile.TemporaryDirectory(prefix="gan-draw-") as scratch:
        out = Path(scratch) / "grid.png"
        command = [sys.executable, "-m", "gan", "sample", folder.id, "--n", str(n)]
        command += ["--seed", str(seed), "--out", str(out), "--home", str(home.root)]
        # One word: the name of a class, a folder's, may begin with a dash.
        command += [f"--class={class_name}"] if class_name is not None else []
        command += ["--step", str(step)] if step is not None else []
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
                stdin=subprocess.DEVNULL,
                env=child_environment(),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StoreError(f"The pictures could not be drawn ({error}).") from error
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines()
            raise GanError(lines[-1] if lines else "The pictures could not be drawn.")
        return out.read_bytes()
