"""Where a run on this home would find its images, and what they are.

Memory layer, without torch: pages, the command line and the worker must agree on it.
"""

from pathlib import Path

from gan.config import DataConfig
from gan.data.arrays import ImageArrays, default_cache, load_arrays
from gan.data.facts import DataFacts, describe
from gan.data.progress import Report
from gan.data.sources import Located, locate, search_roots
from gan.runs.folder import Home


def locate_images(home: Home, data: DataConfig) -> Located:
    """Say where the images come from, as a worker of this home will. Raises DataError."""
    return locate(data, search=_search(home))


def describe_images(home: Home, data: DataConfig) -> DataFacts:
    """Say what the images will be like, without reading them. Raises DataError."""
    return describe(data, search=_search(home), cache_folder=cache_folder(home))


def load_images(
    home: Home,
    data: DataConfig,
    *,
    progress: Report | None = None,
    may_download: bool = True,
) -> ImageArrays:
    """Return the images as arrays, as a worker of this home will see them.

    Raises:
        DataError: they cannot be had; without `may_download` also when they would be downloaded.
    """
    return load_arrays(
        data,
        download_folder=download_folder(home),
        cache_folder=cache_folder(home),
        progress=progress,
        may_download=may_download,
    )


def download_folder(home: Home) -> Path:
    """Return where the workers of this home keep what they download."""
    return home.workspace_dir / "data"


def cache_folder(home: Home) -> Path:
    """Return where this home keeps converted images; all of it can be made again."""
    return default_cache(download_folder(home))


def _search(home: Home) -> list[Path]:
    return [*search_roots(), download_folder(home)]
