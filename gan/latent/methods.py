"""The ways in which directions are found: what each is, in words.

Maths layer, without torch: pages show the texts; `gan.latent.directions` does it.
"""

from dataclasses import dataclass

from gan.errors import UnknownNameError


@dataclass(frozen=True)
class MethodInfo:
    """One way of finding directions.

    Attributes:
        name: its slug, a key of `METHODS`.
        title: its name for people.
        why: how it finds directions, in a plain sentence or two.
        share_title: what the share beside a direction says.
        is_orthogonal: whether its directions are at right angles to each other.
        source: where it comes from.
    """

    name: str
    title: str
    why: str
    share_title: str
    is_orthogonal: bool
    source: str


def get_method(name: str) -> MethodInfo:
    """Return what is known about a way of finding directions. Raises UnknownNameError."""
    if name not in METHODS:
        raise UnknownNameError("way of finding directions", name, list(METHODS))
    return METHODS[name]


METHODS: dict[str, MethodInfo] = {
    "ganspace": MethodInfo(
        name="ganspace",
        title="Principal components (GANSpace)",
        why="We looked at what the generator's first layer makes of thousands of z: these are the "
        "directions along which that varies most.",
        share_title="share of what varies in the first layer's features",
        is_orthogonal=True,
        source="Härkönen et al., GANSpace, 2020 (arXiv:2004.02546)",
    ),
    "sefa": MethodInfo(
        name="sefa",
        title="First weights (SeFa)",
        why="No picture was drawn: these are the directions that the generator's first weights "
        "amplify most.",
        share_title="share of what varies behind the first weights",
        is_orthogonal=True,
        source="Shen and Zhou, Closed-Form Factorization of Latent Semantics in GANs, 2021 "
        "(arXiv:2007.06600)",
    ),
    "classes": MethodInfo(
        name="classes",
        title="Towards a class",
        why="A network that knows the classes looked at thousands of drawn pictures: each "
        "direction is the one along which its score for one class rises fastest.",
        share_title="how much of the score a straight direction explains",
        is_orthogonal=False,
        source="Denton et al., Image Counterfactual Sensitivity Analysis, 2019 (arXiv:1906.06439), "
        "in the simplest form: a linear regression",
    ),
    "factors": MethodInfo(
        name="factors",
        title="Towards a feature of faces",
        why="A network that reads smile, hair, glasses and the like looked at thousands of drawn "
        "faces: each direction is the one along which one of them rises fastest.",
        share_title="how much of it a straight direction explains",
        is_orthogonal=False,
        source="as `classes`, with numbers in the place of scores",
    ),
}
"""By name, as `Studio.directions` takes them."""
