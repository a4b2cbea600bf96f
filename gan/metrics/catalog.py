"""What each measure means: the words beside the numbers on pages, in the terminal and in reports.

Maths layer, without numpy and without torch.
"""

from dataclasses import dataclass

from gan.errors import UnknownNameError


@dataclass(frozen=True)
class MeasureInfo:
    """One figure as a page explains it.

    Attributes:
        name: `frechet`, as in the records and on the command line.
        group: `quality`, `variety`, `modes` or `copying`.
        unit: what it counts in, or '' for a plain number.
        low, high: its range; None where there is no end.
        better: `lower`, `higher`, or `level` where `ideal` is best and both sides are worse.
        ideal: what a perfect generator gets, where that is one number.
        meaning: one sentence for a student.
        bias: how the number of samples moves it.
        source: paper and equation.
        caveat: what it does not see.
        depends_on_features: whether figures of different features must be kept apart.
    """

    name: str
    title: str
    group: str
    unit: str
    low: float | None
    high: float | None
    better: str
    ideal: float | None
    meaning: str
    bias: str
    source: str
    caveat: str
    depends_on_features: bool = True


def get_measure(name: str) -> MeasureInfo:
    """Look a measure up by name. Raises UnknownNameError."""
    try:
        return MEASURES[name]
    except KeyError:
        raise UnknownNameError("measure", name, list(MEASURES)) from None


_KYNKAANNIEMI = "Kynkäänniemi et al., Improved precision and recall metric, 2019"
_NAEEM = "Naeem et al., Reliable fidelity and diversity metrics, 2020"
_MEEHAN = "Meehan et al., A test to detect data-copying in generative models, 2020, section 3.1"

MEASURES: dict[str, MeasureInfo] = {
    info.name: info
    for info in (
        MeasureInfo(
            name="frechet",
            title="Fréchet distance",
            group="quality",
            unit="squared feature units",
            low=0.0,
            high=None,
            better="lower",
            ideal=0.0,
            meaning="How far the cloud of generated features is from the cloud of real ones, in "
            "its centre and in its shape.",
            bias="Too high for few samples, by about 1 / n: compare equal counts only.",
            source="Heusel et al., GANs trained by a two time-scale update rule, 2017, equation 6",
            caveat="Sees means and covariances only; called FID only with Inception's features.",
        ),
        MeasureInfo(
            name="frechet_corrected",
            title="Fréchet distance, corrected",
            group="quality",
            unit="squared feature units",
            low=None,
            high=None,
            better="lower",
            ideal=0.0,
            meaning="The Fréchet distance that infinitely many generated samples would get, as far "
            "as these ones tell.",
            bias="Free of the number of generated samples to first order; few real samples still "
            "raise it.",
            source="Jackknife (Quenouille, 1956) in place of the line of Chong and Forsyth, "
            "Effectively unbiased FID, 2020, section 3",
            caveat="May fall slightly below 0; fewer samples than features leave it uncertain.",
        ),
        MeasureInfo(
            name="kernel",
            title="Kernel distance",
            group="quality",
            unit="",
            low=None,
            high=None,
            better="lower",
            ideal=0.0,
            meaning="How much more alike samples are within each set than between real and "
            "generated ones.",
            bias="None: values of different sample counts may be compared.",
            source="Bińkowski et al., Demystifying MMD GANs, 2018, section 4",
            caveat="Falls slightly below 0 by chance; called KID only with Inception's features.",
        ),
        MeasureInfo(
            name="precision",
            title="Precision",
            group="quality",
            unit="share",
            low=0.0,
            high=1.0,
            better="higher",
            ideal=None,
            meaning="The share of generated images that look like real ones.",
            bias="Rises with the number of real samples.",
            source=f"{_KYNKAANNIEMI}, equations 1 and 2",
            caveat="One odd real image has a huge ball in which anything passes: see density.",
        ),
        MeasureInfo(
            name="recall",
            title="Recall",
            group="variety",
            unit="share",
            low=0.0,
            high=1.0,
            better="higher",
            ideal=None,
            meaning="The share of real images that the generator could have made.",
            bias="Rises with the number of generated samples.",
            source=f"{_KYNKAANNIEMI}, equations 1 and 2",
            caveat="Scattered bad images raise it too: see coverage.",
        ),
        MeasureInfo(
            name="density",
            title="Density",
            group="quality",
            unit="",
            low=0.0,
            high=None,
            better="level",
            ideal=1.0,
            meaning="How crowded with real images the places are where generated ones lie; 1 is "
            "as crowded as real images have it.",
            bias="None for a given real set.",
            source=f"{_NAEEM}, equation 3",
            caveat="Above 1 if the generator keeps to the commonest images.",
        ),
        MeasureInfo(
            name="coverage",
            title="Coverage",
            group="variety",
            unit="share",
            low=0.0,
            high=1.0,
            better="higher",
            ideal=None,
            meaning="The share of real images with a generated one in their neighbourhood.",
            bias="Rises with the number of generated samples; a perfect generator gets "
            "1 − 2⁻ᵏ at equal counts, 0.97 for k = 5.",
            source=f"{_NAEEM}, equation 4",
            caveat="Does not see that rare images are made too often.",
        ),
        MeasureInfo(
            name="modes_covered",
            title="Classes covered",
            group="modes",
            unit="classes",
            low=0.0,
            high=None,
            better="higher",
            ideal=None,
            meaning="How many of the data's classes the generator makes at least once.",
            bias="Too low for few samples of many classes; the record says what to expect.",
            source="Metz et al., Unrolled GANs, 2017, section 3.3.1",
            caveat="The classifier puts nonsense into some class too.",
        ),
        MeasureInfo(
            name="modes_missing",
            title="Classes missing",
            group="modes",
            unit="classes",
            low=0.0,
            high=None,
            better="lower",
            ideal=0.0,
            meaning="How many of the data's classes the generator never makes: the plainest sign "
            "of mode collapse.",
            bias="Too high for few samples of many classes.",
            source="Metz et al., Unrolled GANs, 2017, section 3.3.1",
            caveat="A class that is made once in a thousand does not count as missing.",
        ),
        MeasureInfo(
            name="modes_kl",
            title="Class imbalance (KL)",
            group="modes",
            unit="nats",
            low=0.0,
            high=None,
            better="lower",
            ideal=0.0,
            meaning="How far the mix of generated classes is from the data's mix.",
            bias="Too high by about (classes − 1) / 2n.",
            source="Srivastava et al., VEEGAN, 2017, section 4",
            caveat="Infinite if a class is made that the data lacks; blind to variety in a class.",
        ),
        MeasureInfo(
            name="class_agreement",
            title="Asked class is the class seen",
            group="modes",
            unit="share",
            low=0.0,
            high=1.0,
            better="higher",
            ideal=None,
            meaning="How often the classifier sees the class that the generator was asked for.",
            bias="None.",
            source="Plain count; as in Odena et al., Auxiliary classifier GANs, 2017, section 4.1",
            caveat="The classifier errs too: on real images its accuracy is the most to hope for.",
        ),
        MeasureInfo(
            name="mean_distance",
            title="Mean distance between samples",
            group="variety",
            unit="feature units",
            low=0.0,
            high=None,
            better="level",
            ideal=None,
            meaning="How different two generated images are on average; as different as two real "
            "ones is right.",
            bias="None.",
            source="Plain average over random pairs",
            caveat="Two far-away clumps have a high mean distance and no variety.",
        ),
        MeasureInfo(
            name="exact_duplicates",
            title="Exact duplicates",
            group="variety",
            unit="share",
            low=0.0,
            high=1.0,
            better="lower",
            ideal=0.0,
            meaning="The share of generated images of which there is a second, identical one.",
            bias="Rises with the number of samples.",
            source="Plain count",
            caveat="A continuous generator never repeats exactly, collapsed or not: see near "
            "duplicates.",
        ),
        MeasureInfo(
            name="near_duplicates",
            title="Near duplicates",
            group="variety",
            unit="share",
            low=0.0,
            high=1.0,
            better="level",
            ideal=0.01,
            meaning="The share of generated images with a twin nearer than 99 of 100 real images "
            "have one.",
            bias="Rises with the number of samples: take the threshold from as many real ones.",
            source="Plain count of nearest neighbours",
            caveat="Simple classes, such as the digit 1, have many near twins in the data as well.",
        ),
        MeasureInfo(
            name="effective_n",
            title="Effective number of samples",
            group="variety",
            unit="samples",
            low=1.0,
            high=None,
            better="higher",
            ideal=None,
            meaning="How many entirely different images the generated ones are worth.",
            bias="Too low for few samples; never above the number of features.",
            source="Friedman and Dieng, The Vendi score, 2023, equation 3",
            caveat="Noise is various too: compare with the real set's value.",
        ),
        MeasureInfo(
            name="near_training",
            title="Suspiciously near to training images",
            group="copying",
            unit="share",
            low=0.0,
            high=1.0,
            better="level",
            ideal=0.05,
            meaning="The share of generated images nearer to a training image than 95 of 100 real "
            "images that were held out.",
            bias="None for given held-out images.",
            source=f"{_MEEHAN}, as a share",
            caveat="A blurry or narrow generator may keep to places where training images are "
            "dense, which looks like copying: look at the pairs.",
        ),
        MeasureInfo(
            name="copying",
            title="Copying test C_T",
            group="copying",
            unit="standard deviations",
            low=None,
            high=None,
            better="level",
            ideal=0.0,
            meaning="Whether generated images lie nearer to the training images than held-out "
            "ones do: below −3 says yes, above 3 that they lie farther off.",
            bias="None without copying; with it, it grows with the number of samples.",
            source=_MEEHAN,
            caveat="Bad images lie far away and hide copies among them.",
        ),
    )
}
