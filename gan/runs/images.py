"""Where a run on this home would find its images.

Memory layer, without torch: pages, the command line and the worker must agree on it.
"""

from pathlib import Path

from gan.config import DataConfig
from gan.data.sources import Located, locate, search_roots
from gan.runs.folder import Home


def locate_images(home: Home, data: DataConfig) -> Located:
    """Say where the images come from, as a worker of this home will. Raises DataError."""
    return locate(data, search=[*search_roots(), download_folder(home)])


def download_folder(home: Home) -> Path:
    """Return where the workers of this home keep what they download."""
    return home.workspace_dir / "data"
