"""Images that a run never saw: the test split, what was left out, new drawings, or a sentence."""

import gzip
import struct

import numpy as np
import pytest
from tiny_sets import write_idx_set

from gan.config import DataConfig
from gan.data.arrays import load_arrays
from gan.data.held_out import MIN_IMAGES, load_held_out
from gan.data.wanted import Shape
