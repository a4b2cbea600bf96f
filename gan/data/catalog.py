"""Every data set, as published: what it holds, in which files, under which terms.

Maths layer, for pages and the terminal too: imports neither torch nor numpy.
"""

from dataclasses import dataclass
from typing import Literal

from gan.errors import UnknownNameError

Format = Literal["idx", "cifar", "svhn", "photos", "drawn", "own"]
"""How a data set is stored: the files of MNIST, of CIFAR-10 or of SVHN, a pile of photos; drawn
here; whatever pictures a user has."""

IMAGES_FILE = "train-images-idx3-ubyte"
LABELS_FILE = "train-labels-idx1-ubyte"
CIFAR_ARCHIVE = "cifar-10-python.tar.gz"
CIFAR_FOLDER = "cifar-10-batches-py"
CIFAR_BATCHES = tuple(f"data_batch_{i}" for i in range(1, 6))
SVHN_FILE = "train_32x32.mat"
CELEBA_FOLDER = "img_align_celeba"
CELEBA_ARCHIVE = "img_align_celeba.zip"


@dataclass(frozen=True)
class DatasetInfo:
    """One data set, as published.

    Attributes:
        name: its slug, a value of `DataConfig.dataset`.
        title: its name for people.
        classes: names of the labels 0, 1, 2 …; empty if it has none, or each user others.
        size_px: height and width to which images are brought when nobody says otherwise.
        channels: 1 for grey, 3 for RGB.
        n_images: images in the training set; 0 if that is for the user's folder to say.
        licence: under which terms it may be used.
        homepage: where it comes from and who to cite, one line that begins with the address.
        torchvision_name: its class and folder in torchvision; empty if it has none.
        download_mb: size of the download; 0 if it has none.
        first_image_crc32: tells published sets apart, whose files have the same names.
        format: how it is stored.
        files: what a person has to fetch by hand, as published.
        is_transposed: rows and columns of its files are swapped.
        stand_in: the drawn set that takes its place when it is not to be had; empty if none does.
        made_of: the data set whose files it uses, its pictures three to one of ours; empty for all
            others.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    size_px: int
    channels: int
    n_images: int
    licence: str
    homepage: str
    torchvision_name: str = ""
    download_mb: int = 0
    first_image_crc32: int | None = None
    format: Format = "idx"
    files: tuple[str, ...] = ()
    is_transposed: bool = False
    stand_in: str = ""
    made_of: str = ""

    @property
    def kept_in(self) -> str:
        """The folder, below that of all downloads, where ours is kept: torchvision finds it."""
        if self.format == "photos":
            return self.name
        return f"{self.torchvision_name}/raw" if self.format == "idx" else self.torchvision_name

    @property
    def images_file(self) -> str:
        """An idx set's file of images, without `.gz`."""
        return self.files[0].removesuffix(".gz")

    @property
    def labels_file(self) -> str:
        """An idx set's file of labels, without `.gz`."""
        return self.files[1].removesuffix(".gz")


def get_dataset_info(name: str) -> DatasetInfo:
    """Return what is known about a data set. Raises UnknownNameError."""
    if name not in DATASETS:
        raise UnknownNameError("data set", name, list(DATASETS))
    return DATASETS[name]


_DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_STACKS = tuple(f"{number:03d}" for number in range(1000))
_MNIST_FILES = (f"{IMAGES_FILE}.gz", f"{LABELS_FILE}.gz")

DATASETS: dict[str, DatasetInfo] = {
    "fashion-mnist": DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        classes=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        size_px=28,
        channels=1,
        n_images=60_000,
        licence="MIT",
        homepage="https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf, 2017)",
        torchvision_name="FashionMNIST",
        download_mb=26,
        first_image_crc32=0xF270BEB5,
        files=_MNIST_FILES,
        stand_in="drawn-digits",
    ),
    "mnist": DatasetInfo(
        name="mnist",
        title="MNIST",
        classes=_DIGITS,
        size_px=28,
        channels=1,
        n_images=60_000,
        licence="CC BY-SA 3.0",
        homepage="http://yann.lecun.com/exdb/mnist/ (LeCun, Bottou, Bengio, Haffner, 1998)",
        torchvision_name="MNIST",
        download_mb=10,
        first_image_crc32=0x90A92752,
        files=_MNIST_FILES,
        stand_in="drawn-digits",
    ),
    "kmnist": DatasetInfo(
        name="kmnist",
        title="KMNIST",
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        size_px=28,
        channels=1,
        n_images=60_000,
        licence="CC BY-SA 4.0",
        homepage="https://github.com/rois-codh/kmnist (Clanuwat, Bober-Irizar, Kitamoto and "
        "others, 2018)",
        torchvision_name="KMNIST",
        download_mb=18,
        files=_MNIST_FILES,
        stand_in="drawn-digits",
    ),
    "emnist": DatasetInfo(
        name="emnist",
        title="EMNIST (balanced)",
        # Letters whose small and capital forms look alike are one class.
        classes=(*_DIGITS, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"abdefghnqrt"),
        size_px=28,
        channels=1,
        n_images=112_800,
        licence="no terms stated (NIST); cite the authors",
        homepage="https://www.nist.gov/itl/products-and-services/emnist-dataset (Cohen, Afshar, "
        "Tapson, van Schaik, 2017)",
        torchvision_name="EMNIST",
        download_mb=562,
        files=(
            "emnist-balanced-train-images-idx3-ubyte.gz",
            "emnist-balanced-train-labels-idx1-ubyte.gz",
        ),
        is_transposed=True,
        stand_in="drawn-digits",
    ),
    "stacked-digits": DatasetInfo(
        name="stacked-digits",
        title="Stacked MNIST",
        classes=_STACKS,
        size_px=28,
        channels=3,
        n_images=60_000,
        licence="CC BY-SA 3.0",
        homepage="http://yann.lecun.com/exdb/mnist/ (LeCun, Bottou, Bengio, Haffner, 1998), three "
        "digits to a picture (Metz, Poole, Pfau, Sohl-Dickstein, 2017)",
        torchvision_name="MNIST",
        download_mb=10,
        first_image_crc32=0x90A92752,
        files=_MNIST_FILES,
        stand_in="drawn-stacks",
        made_of="mnist",
    ),
    "cifar-10": DatasetInfo(
        name="cifar-10",
        title="CIFAR-10",
        classes=(
            "airplane", "automobile", "bird", "cat", "deer",
            "dog", "frog", "horse", "ship", "truck",
        ),
        size_px=32,
        channels=3,
        n_images=50_000,
        licence="no terms stated; cite the author",
        homepage="https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky, 2009)",
        torchvision_name="CIFAR10",
        download_mb=170,
        format="cifar",
        files=(CIFAR_ARCHIVE,),
        stand_in="drawn-faces",
    ),
    "svhn": DatasetInfo(
        name="svhn",
        title="SVHN",
        classes=_DIGITS,
        size_px=32,
        channels=3,
        n_images=73_257,
        licence="non-commercial use only",
        homepage="http://ufldl.stanford.edu/housenumbers/ (Netzer, Wang, Coates and others, 2011)",
        torchvision_name="SVHN",
        download_mb=182,
        format="svhn",
        files=(SVHN_FILE,),
        stand_in="drawn-faces",
    ),
    "celeba": DatasetInfo(
        name="celeba",
        title="CelebA",
        classes=(),
        size_px=64,
        channels=3,
        n_images=202_599,
        licence="non-commercial research only",
        homepage="https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html (Liu, Luo, Wang, Tang, 2015)",
        torchvision_name="CelebA",
        download_mb=1_443,
        format="photos",
        files=(CELEBA_ARCHIVE,),
        stand_in="drawn-faces",
    ),
    "drawn-digits": DatasetInfo(
        name="drawn-digits",
        title="Drawn digits",
        classes=_DIGITS,
        size_px=28,
        channels=1,
        n_images=20_000,
        licence="MIT",
        homepage="drawn by gan.data.drawn, part of GAN Workbench",
        format="drawn",
    ),
    "drawn-stacks": DatasetInfo(
        name="drawn-stacks",
        title="Drawn stacks of digits",
        classes=_STACKS,
        size_px=28,
        channels=3,
        n_images=20_000,
        licence="MIT",
        homepage="drawn by gan.data.drawn, part of GAN Workbench",
        format="drawn",
    ),
    "drawn-faces": DatasetInfo(
        name="drawn-faces",
        title="Drawn faces",
        classes=(
            "serious, short hair", "smiling, short hair",
            "serious, long hair", "smiling, long hair",
        ),
        size_px=32,
        channels=3,
        n_images=20_000,
        licence="MIT",
        homepage="drawn by gan.data.faces, part of GAN Workbench",
        format="drawn",
    ),
    "own-pictures": DatasetInfo(
        name="own-pictures",
        title="Own pictures",
        classes=(),
        size_px=32,
        channels=3,
        n_images=0,
        licence="yours to know",
        homepage="your own folder or zip",
        format="own",
    ),
}  # fmt: skip
"""Every data set by name."""
