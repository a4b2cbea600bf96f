"""What stands over and under the walls of an evaluation, on the page and in the report.

Door layer, without Streamlit.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WALLS = {
    "best_score": "Best by D's score",
    "worst_score": "Worst by D's score",
    "best_density": "In the densest places",
    "worst_density": "Farthest off the data",
}
"""The walls by their names in an evaluation, with their titles."""


def wall_caption(name: str, answer: Mapping[str, Any]) -> str:
    """Return how a wall was chosen, from how many samples, and from where to where it reaches."""
    badges = wall_badges(name, answer) or ["–"]
    if name.endswith("_score"):
        which = "most" if name == "best_score" else "least"
        return (
            f"What the discriminator takes {which} for real, of {answer['score']['n']:,} samples: "
            f"scores from {badges[0]} to {badges[-1]}. D may be fooled, or hold a grudge: compare "
            "with the density."
        )
    if name == "best_density":
        return (
            f"The samples with most real pictures around them, of {answer['n_fake']:,}: each lies "
            f"in the neighbourhoods of {badges[-1]} to {badges[0]} real pictures."
        )
    return (
        f"The samples that are least like any real picture, of {answer['n_fake']:,}: each lies in "
        f"the neighbourhoods of {badges[0]} to {badges[-1]} real pictures."
    )


def wall_badges(name: str, answer: Mapping[str, Any]) -> list[str]:
    """Return what is written on each picture of a wall."""
    values: Sequence[float] = answer["walls"][name]["values"]
    if not name.endswith("_score"):
        return [f"{value:,.0f}" for value in values]
    if answer["score"]["is_probability"]:
        return [f"{100 / (1 + math.exp(-max(-60.0, min(60.0, v)))):.0f} %" for v in values]
    return [f"{value:.2g}" for value in values]


def about_pairs(answer: Mapping[str, Any]) -> str:
    """Return how suspicious samples were found, and what they were compared with."""
    about = answer["copying"]
    some = "" if about["n_train"] == about["n_trained"] else f" {about['n_train']:,} of"
    return (
        f"The samples that lie nearest to a training picture, each left of that picture: an equal "
        f"pair is a copy. Searched were{some} the {about['n_trained']:,} pictures that the run "
        f"trained on. The figures compare with {about['held_out']}, which it never saw: typically "
        f"{about['sample_median']:.3g} from the nearest training picture for samples, "
        f"{about['held_out_median']:.3g} for those."
    )
