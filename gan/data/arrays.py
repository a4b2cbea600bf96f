"""The one door to every data set's images, as numpy arrays: for pages, and for `gan.data.dataset`.

Maths layer, without torch. `load_arrays` reads what `gan.data.sources` locates, downloads it, or
draws pictures in its place, and always says which. Whatever takes long to read or to convert is
kept in a cache folder and mapped from there the next time.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.config import DataConfig
from gan.data.cache import Cached, CacheKey, find_cached, fingerprint, keep, make_key
from gan.data.catalog import DatasetInfo, get_dataset_info
from gan.data.convert import RESIZER, Images, convert
from gan.data.fetch import Downloader, obtain
from gan.data.painted import draw_pictures, drawing_stamp
from gan.data.photos import load_photos
from gan.data.progress import Gauge, Note, Report, to_log
from gan.data.published import OwnShape, Published, own_shape, read_published
from gan.data.shapes import check_count, wanted_channels
from gan.data.sources import Located, find_files, locate, search_roots
from gan.errors import DataError

_CHUNK = 1000  # images converted between two notes
