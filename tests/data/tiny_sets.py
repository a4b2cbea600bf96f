"""Tiny data sets in the published formats, byte for byte as their authors' programs write them."""

import gzip
import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from gan.data.catalog import CIFAR_BATCHES, IMAGES_FILE, LABELS_FILE

N_IDX, N_BATCH, N_SVHN, N_PHOTOS = 12, 4, 11, 6


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an idx file, gzipped if its name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    raw = header + array.tobytes()
    path.write_bytes(gzip.compress(raw, 1) if path.suffix == ".gz" else raw)


def write_mnist(
    folder: Path, n_images: int = N_IDX, *, size_px: int = 8, with_labels: bool = True
) -> np.ndarray:
    """Write a set of MNIST's kind; return its images `[N, H, W]`."""
    images = noise(n_images, size_px, size_px)
    write_idx(folder / f"{IMAGES_FILE}.gz", images)
    if with_labels:
        write_idx(folder / LABELS_FILE, np.arange(n_images, dtype=np.uint8) % 10)
    return images


def write_emnist(folder: Path) -> np.ndarray:
    """Write EMNIST's balanced split, its images lying on their side; return them upright."""
    upright = noise(N_IDX, 28, 28)
    name = "emnist-balanced-train-{}-ubyte"
    write_idx(folder / name.format("images-idx3"), upright.transpose(0, 2, 1))
    write_idx(folder / name.format("labels-idx1"), np.arange(N_IDX, dtype=np.uint8) + 35)
    return upright


def cifar_batch(images: np.ndarray, labels: list[int]) -> bytes:
    """Return a batch as Python 2 pickled it: protocol 2, byte strings, numpy's old module names."""
    data = images.reshape(len(images), -1)

    def short(text: bytes) -> bytes:
        return b"U" + bytes([len(text)]) + text

    def integer(value: int) -> bytes:
        return b"J" + struct.pack("<i", value)

    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n"
        b"cnumpy\nndarray\n" + integer(0) + b"\x85" + short(b"b") + b"\x87R("
        + integer(1) + integer(data.shape[0]) + integer(data.shape[1]) + b"\x86"
        b"cnumpy\ndtype\n" + short(b"u1") + integer(0) + integer(1) + b"\x87R("
        + integer(3) + short(b"|") + b"NNN" + integer(-1) + integer(-1) + integer(0) + b"tb"
        b"\x89T" + struct.pack("<i", data.size) + data.tobytes() + b"tb"
    )  # fmt: skip
    listed = b"](" + b"".join(integer(label) for label in labels) + b"e"
    return (
        b"\x80\x02}(" + short(b"batch_label") + short(b"training batch 1 of 5")
        + short(b"labels") + listed + short(b"data") + array + b"u."
    )  # fmt: skip


def write_cifar(folder: Path) -> tuple[np.ndarray, list[int]]:
    """Write five batches into `cifar-10-batches-py`; return images `[N, 3, 32, 32]` and labels."""
    images = noise(5 * N_BATCH, 3, 32, 32)
    labels = [i % 10 for i in range(len(images))]
    batches = folder / "cifar-10-batches-py"
    batches.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(CIFAR_BATCHES):
        part = slice(i * N_BATCH, (i + 1) * N_BATCH)
        raw = cifar_batch(images[part], labels[part])
        if i == 1:  # as a later Python would
            content = {b"data": images[part].reshape(N_BATCH, -1), b"labels": labels[part]}
            raw = pickle.dumps(content, protocol=2)
        (batches / name).write_bytes(raw)
    return images, labels


def write_cifar_archive(folder: Path) -> tuple[np.ndarray, list[int]]:
    """Write `cifar-10-python.tar.gz`."""
    made = write_cifar(folder / "unpacked")
    with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(folder / "unpacked" / "cifar-10-batches-py", "cifar-10-batches-py")
    for file in (folder / "unpacked" / "cifar-10-batches-py").iterdir():
        file.unlink()
    return made


def write_svhn(folder: Path) -> tuple[np.ndarray, list[int]]:
    """Write `train_32x32.mat`; return images `[N, 3, 32, 32]` and the digits shown."""
    from scipy.io import savemat

    folder.mkdir(parents=True, exist_ok=True)
    images = noise(N_SVHN, 3, 32, 32)
    labels = np.array([[1 + i % 10] for i in range(N_SVHN)], dtype=np.uint8)
    content = {"X": images.transpose(2, 3, 1, 0), "y": labels}
    savemat(folder / "train_32x32.mat", content, do_compression=True)
    return images, [(1 + i % 10) % 10 for i in range(N_SVHN)]


def photo(i: int) -> bytes:
    """Return a small JPEG of 178 × 218 in one colour."""
    colour = (40 * i % 256, 200 - 20 * i, 90)
    file = io.BytesIO()
    Image.new("RGB", (178, 218), colour).save(file, "JPEG", quality=95)
    return file.getvalue()


def write_celeba(folder: Path, *, as_zip: bool = False) -> None:
    """Write photos named as CelebA's."""
    folder.mkdir(parents=True, exist_ok=True)
    photos = {f"img_align_celeba/{i:06d}.jpg": photo(i) for i in range(1, N_PHOTOS + 1)}
    if as_zip:
        with zipfile.ZipFile(folder / "img_align_celeba.zip", "w") as archive:
            for name, raw in photos.items():
                archive.writestr(name, raw)
        return
    (folder / "img_align_celeba").mkdir()
    for name, raw in photos.items():
        (folder / name).write_bytes(raw)


def write_own(folder: Path) -> None:
    """Write pictures of two classes, and a file that is no picture whatever its name says."""
    for name, i in (("cats/a.jpg", 1), ("cats/b.jpg", 2), ("dogs/c.jpg", 3)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(photo(i))
    (folder / "dogs" / "broken.jpg").write_bytes(b"no picture")


WRITERS = {
    "fashion-mnist": write_mnist,
    "mnist": write_mnist,
    "kmnist": write_mnist,
    "emnist": write_emnist,
    "stacked-digits": write_mnist,
    "cifar-10": write_cifar,
    "svhn": write_svhn,
    "celeba": write_celeba,
    "own-pictures": write_own,
}
"""How the files of each set that has some are written into a folder."""
