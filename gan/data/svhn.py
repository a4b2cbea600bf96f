"""Reading SVHN's cropped digits as published: `train_32x32.mat`, a file of MATLAB 5.

Maths layer: numpy and scipy, no torch.

Source: http://ufldl.stanford.edu/housenumbers/, "Format 2"; the digit 0 has the label 10 there.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.errors import DataError

CHANNELS, SIZE_PX, N_CLASSES = 3, 32, 10


def read_svhn(path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Read the images and labels.

    Returns:
        images `[N, 3, 32, 32]` uint8 and labels `[N]` int64, 0 to 9, the digit that is shown.

    Raises:
        DataError: the file is missing, damaged or of another kind.
    """
    from scipy.io import loadmat  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to import)

    try:
        with path.open("rb") as file:
            content = loadmat(file, variable_names=["X", "y"])
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except NotImplementedError:  # a MATLAB 7.3 file, which is HDF5
        raise DataError(
            f"{path} is of another MATLAB version than SVHN's: fetch it again."
        ) from None
    except Exception as error:  # scipy fails in many ways on a damaged file
        raise DataError(
            f"{path} is damaged or no MATLAB file ({type(error).__name__}): fetch it again."
        ) from None
    if "X" not in content or "y" not in content:
        raise DataError(f"{path} has no X and y: it is not SVHN's {path.name}.")
    images, labels = np.asarray(content["X"]), np.asarray(content["y"]).reshape(-1)
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[:3] != (32, 32, 3):
        shape = " × ".join(map(str, images.shape))
        raise DataError(f"{path} holds {shape} {images.dtype}, not 32 × 32 × 3 × images of uint8.")
    if len(labels) != images.shape[3]:
        raise DataError(f"{path} has {len(labels)} labels for {images.shape[3]} images.")
    if len(labels) == 0:
        raise DataError(f"{path} holds no images: fetch it again.")
    if labels.dtype.kind not in "iu" or labels.min() < 1 or labels.max() > N_CLASSES:
        raise DataError(
            f"{path} has labels {labels.min()} to {labels.max()}, and SVHN has 1 to 10."
        )
    digits = np.where(labels == N_CLASSES, 0, labels).astype(np.int64)
    return np.ascontiguousarray(images.transpose(3, 2, 0, 1)), digits
