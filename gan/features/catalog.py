"""Every network that gives features: what it is, and which one suits which pictures.

Maths layer, for pages and the terminal too: imports no torch. Figures in different features cannot
be compared, so whoever shows one names its features, by `FeatureInfo.title`.
"""

from dataclasses import dataclass

from gan.errors import UnknownNameError
from gan.features.weights import has_weights


@dataclass(frozen=True)
class FeatureInfo:
    """One network that turns a picture into features.

    Attributes:
        name: its slug, a key of `FEATURES`.
        title: its name for people, to stand beside every figure in its features.
        help_text: one or two plain sentences for a student.
        n_features: length of a picture's features.
        channels, size_px: the pictures it sees; others are brought to these.
        licence: under which terms its weights may be used.
        labels_of: data sets whose labels its classes are; empty if its classes mean nothing here.
        default_for: data sets whose quality is measured with it unless somebody says otherwise.
        n_classes: how many classes it tells apart; 0 if it is no classifier.
        n_parts: how many parts of a picture it classifies, each by itself: 3 for a network that
            looks at the colour planes one after the other, else 1.
        n_factors: how many numbers behind a drawn picture it estimates.
        accuracy: share of `tested_on` that it classifies rightly; None if that was not measured.
        tested_on: what its accuracy was measured on.
        judge: a second network for the same pictures, which chooses nothing and only judges.
        is_inception: a Fréchet distance in these features, and in no others, is called FID.
    """

    name: str
    title: str
    help_text: str
    n_features: int
    channels: int
    size_px: int
    licence: str
    labels_of: tuple[str, ...] = ()
    default_for: tuple[str, ...] = ()
    n_classes: int = 0
    n_parts: int = 1
    n_factors: int = 0
    accuracy: float | None = None
    tested_on: str = ""
    judge: str = ""
    is_inception: bool = False

    @property
    def distance_title(self) -> str:
        """What a Fréchet distance in these features may be called."""
        return "FID" if self.is_inception else f"Fréchet distance ({self.title})"

    def sees(self, channels: int, size_px: int) -> bool:
        """Say whether it sees such pictures' colours, and their details at half size or better."""
        return channels <= self.channels and size_px <= 2 * self.size_px


def get_feature_info(name: str) -> FeatureInfo:
    """Return what is known about a network. Raises UnknownNameError."""
    if name not in FEATURES:
        raise UnknownNameError("features", name, list(FEATURES))
    return FEATURES[name]


def default_features(dataset_name: str, channels: int, size_px: int) -> str:
    """Return the name of the network that measures such pictures unless somebody says otherwise.

    The classifier that was trained on these pictures, or on the like, if it sees their colours and
    details; else the ImageNet network; else, where that is not installed, the random one, which
    needs no file. Any data set's name will do.

    Args:
        dataset_name: a key of `gan.data.catalog.DATASETS`, as `ImageData.name` has it.
        channels: 1 for grey, 3 for RGB.
        size_px: height and width of the pictures.
    """
    for info in FEATURES.values():
        suits = dataset_name in info.default_for and info.sees(channels, size_px)
        if suits and has_weights(info.name):
            return info.name
    return "imagenet" if has_weights("imagenet") else "random"


def judge_features(dataset_name: str, channels: int, size_px: int) -> str:
    """Return the network that judges in the end, which is another one than the default's.

    Only Fashion-MNIST has a second network; elsewhere it is the default one.
    """
    default = default_features(dataset_name, channels, size_px)
    judge = FEATURES[default].judge
    return judge if judge and has_weights(judge) else default


def find_classifier(dataset_name: str) -> str | None:
    """Return the network whose classes are a data set's labels; None if there is none.

    It counts which classes a generator draws, at whatever size and in whatever colours.
    """
    names = [info.name for info in FEATURES.values() if dataset_name in info.labels_of]
    return next((name for name in names if has_weights(name)), None)


FEATURES: dict[str, FeatureInfo] = {
    "fashion-a": FeatureInfo(
        name="fashion-a",
        title="Fashion-MNIST classifier A",
        help_text="A small network that we taught to tell the ten kinds of clothes apart: what it "
        "looks at to do so is what the pictures are compared by.",
        n_features=128,
        channels=1,
        size_px=28,
        licence="MIT",
        labels_of=("fashion-mnist",),
        default_for=("fashion-mnist",),
        n_classes=10,
        accuracy=0.9194,
        tested_on="10,000 images of the official test split",
        judge="fashion-b",
    ),
    "fashion-b": FeatureInfo(
        name="fashion-b",
        title="Fashion-MNIST classifier B",
        help_text="A second network for the ten kinds of clothes, built and taught differently. It "
        "only judges: no setting was ever chosen by it, so it cannot have been pleased on purpose.",
        n_features=128,
        channels=1,
        size_px=28,
        licence="MIT",
        labels_of=("fashion-mnist",),
        n_classes=10,
        accuracy=0.9295,
        tested_on="10,000 images of the official test split",
    ),
    "mnist": FeatureInfo(
        name="mnist",
        title="MNIST classifier",
        help_text="A small network that we taught to read handwritten digits. It reads our drawn "
        "digits as well; letters and kana it compares by their strokes, without knowing them.",
        n_features=128,
        channels=1,
        size_px=28,
        licence="MIT; trained on MNIST, which is CC BY-SA 3.0",
        labels_of=("mnist", "drawn-digits"),
        default_for=("mnist", "drawn-digits", "kmnist", "emnist"),
        n_classes=10,
        accuracy=0.9931,
        tested_on="10,000 images of the official test split",
    ),
    "mnist-planes": FeatureInfo(
        name="mnist-planes",
        title="MNIST classifier on each plane",
        help_text="The network that reads handwritten digits, looking at the red, the green and "
        "the blue plane of a picture one after the other: for stacks of three digits.",
        n_features=384,
        channels=3,
        size_px=28,
        licence="MIT; trained on MNIST, which is CC BY-SA 3.0",
        labels_of=("stacked-digits", "drawn-stacks"),
        default_for=("stacked-digits", "drawn-stacks"),
        n_classes=10,
        n_parts=3,
    ),
    "faces": FeatureInfo(
        name="faces",
        title="Drawn-faces network",
        help_text="A small network that we taught to read every number behind a drawn face: smile, "
        "hair, glasses and eleven more.",
        n_features=128,
        channels=3,
        size_px=64,
        licence="MIT",
        labels_of=("drawn-faces",),
        default_for=("drawn-faces",),
        n_classes=4,
        n_factors=14,
        accuracy=0.9816,
        tested_on="5,000 faces of another seed at 64 px",
    ),
    "imagenet": FeatureInfo(
        name="imagenet",
        title="EfficientNet-Lite0 on ImageNet",
        help_text="A network that Google's authors taught to recognise 1,000 kinds of things on "
        "photographs. It serves pictures of any kind, more slowly than our small ones.",
        n_features=1280,
        channels=3,
        size_px=96,  # 224 as it was trained takes five times as long; smaller heeds noise too much
        licence="Apache 2.0",
        default_for=("cifar-10", "svhn", "celeba", "own-pictures"),
        n_classes=1000,
    ),
    "inception-v3": FeatureInfo(
        name="inception-v3",
        title="Inception-v3 on ImageNet",
        help_text="The network behind the FID of the papers. Its weights (104 MB) are used if they "
        "are on this machine; nothing is downloaded. With torchvision's weights, as here, figures "
        "come near the papers' but do not equal them.",
        n_features=2048,
        channels=3,
        size_px=299,
        licence="BSD 3-Clause (torchvision)",
        n_classes=1000,
        is_inception=True,
    ),
    "random": FeatureInfo(
        name="random",
        title="Untrained network",
        help_text="A small network that learned nothing: a rough measure that is always at hand, "
        "and a yardstick for what the learned ones add.",
        n_features=128,
        channels=3,
        size_px=32,
        licence="MIT",
    ),
}
"""Every network by name; of two that suit a data set, the first is its default."""
