"""Pictures drawn with a run's generator by another process, for pages, which import no torch.

Memory layer.
"""

import tempfile
from pathlib import Path

from gan.runs.calling import call_gan
from gan.runs.folder import Home, RunFolder

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
        words = ["sample", folder.id, "--n", str(n), "--seed", str(seed), "--out", str(out)]
        # One word: a class's name may begin with a dash.
        words += [f"--class={class_name}"] if class_name is not None else []
        words += ["--step", str(step)] if step is not None else []
        call_gan(home, words, timeout_s=_TIMEOUT_S)
        return out.read_bytes()
