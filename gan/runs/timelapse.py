"""How a run's pictures came to be, as one moving picture: GIF, WebP or MP4.

Memory layer, without torch. Each frame is a saved sample grid, enlarged by whole factors with
nearest neighbour, above a line that names its step; `gan.runs.moving` writes the file.
"""

from pathlib import Path

from gan.errors import ConfigError
from gan.runs.film import open_film, saved_grids
from gan.runs.folder import RunFolder
from gan.runs.moving import Progress, check_film, write_film
from gan.runs.store import RunStore


def write_timelapse(
    folder: RunFolder,
    path: Path,
    *,
    raw: bool = False,
    n_tiles: int = 36,
    fps: float = 10.0,
    hold_s: float = 1.5,
    max_frames: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Write all sample grids of a run in the order of training, and return how many there are.

    Args:
        folder: the run, which may be at work.
        path: the file; its ending says of which kind it is: .gif, .webp or .mp4.
        raw: pictures of the generator itself instead of its average, where there is one.
        n_tiles: the first so many pictures of each grid, as a square.
        fps: grids in a second; a GIF's times are whole hundredths of a second.
        hold_s: how much longer the last grid is shown.
        max_frames: of more grids than this, evenly spaced ones, with the first and the last.
        progress: is told how many grids of how many are written.

    Raises:
        ConfigError: a setting is not legal.
        DataError: there is no grid, or one cannot be read.
        StoreError: the run cannot be read or the file cannot be written.
    """
    check_film(path, fps=fps, hold_s=hold_s)
    if n_tiles < 1:
        raise ConfigError(f"A timelapse of {n_tiles} pictures: it needs at least 1.")
    if max_frames is not None and max_frames < 2:
        raise ConfigError(f"At most {max_frames} grids: it must be 2 or more.")
    film = open_film(folder, raw=raw, n_tiles=n_tiles, max_frames=max_frames)
    write_film(film, path, fps=fps, hold_s=hold_s, progress=progress)
    return len(film)


def n_grids(folder: RunFolder, *, raw: bool = False) -> int:
    """Return how many grids a timelapse of a run would show. Raises StoreError."""
    with RunStore.open(folder.db_path) as store:
        return len(saved_grids(store, raw=raw))
