"""What each finding means: the words beside its name on pages, in the terminal and in the docs.

Maths layer, without numpy. How a finding is recognised stands in `gan.diagnosis.findings`, what
helps in `gan.diagnosis.remedies`.
"""

from dataclasses import dataclass
from typing import Literal

from gan.errors import UnknownNameError

Severity = Literal["good", "notice", "trouble"]


@dataclass(frozen=True)
class FindingInfo:
    """One finding as a page explains it.

    Attributes:
        name: its slug, as in the records and on the command line.
        severity: `good` reassures, `notice` is worth a look, `trouble` wants a remedy.
        meaning: one sentence for a student.
        sign: which numbers show it, in words.
    """

    name: str
    title: str
    severity: Severity
    meaning: str
    sign: str


def get_finding_info(name: str) -> FindingInfo:
    """Look a finding's description up by name. Raises UnknownNameError."""
    try:
        return FINDINGS[name]
    except KeyError:
        raise UnknownNameError("finding", name, list(FINDINGS)) from None


FINDINGS: dict[str, FindingInfo] = {
    info.name: info
    for info in (
        FindingInfo(
            name="divergence",
            title="Divergence",
            severity="trouble",
            meaning="A number became infinite or undefined, so that nothing more can be learned "
            "from this state: the steps were too large for the slopes.",
            sign="A loss, a score or a gradient is not a finite number any more.",
        ),
        FindingInfo(
            name="exploding-gradient",
            title="Exploding gradients",
            severity="trouble",
            meaning="Gradients grow without end, so that each update is wilder than the one "
            "before; divergence is near.",
            sign="A gradient norm is far above what it was early in the run, and still climbs.",
        ),
        FindingInfo(
            name="mode-collapse",
            title="Mode collapse",
            severity="trouble",
            meaning="The generator draws nearly the same few pictures whatever z it is given, "
            "because these few fool the discriminator best at the moment; in a run's first epochs "
            "this may pass by itself.",
            sign="Samples differ much less among each other than real pictures do.",
        ),
        FindingInfo(
            name="vanishing-gradient",
            title="Vanishing gradient of G",
            severity="trouble",
            meaning="The discriminator is so sure that its opinion no longer changes with the "
            "picture, so the generator is told nothing about where to go.",
            sign="G's gradient norm is a tiny part of what it was early in the run.",
        ),
        FindingInfo(
            name="d-too-strong",
            title="D is too strong",
            severity="trouble",
            meaning="The discriminator tells every generated picture from every real one, and the "
            "generator does not catch up.",
            sign="D's scores of real and generated pictures lie many of their own widths apart "
            "for long, and quality is poor.",
        ),
        FindingInfo(
            name="d-too-weak",
            title="D is too weak",
            severity="trouble",
            meaning="The discriminator cannot tell real from generated pictures though they are "
            "poor, so the generator learns from noise.",
            sign="D's scores of real and generated pictures overlap, and quality is poor.",
        ),
        FindingInfo(
            name="oscillation",
            title="Oscillation",
            severity="trouble",
            meaning="The two networks chase each other in circles: what one learns undoes what the "
            "other just learned, and pictures change without becoming better.",
            sign="Scores swing slowly and widely to and fro.",
        ),
        FindingInfo(
            name="lr-too-high",
            title="Learning rate too high",
            severity="trouble",
            meaning="Steps are so long that they jump over what they look for: pictures change "
            "completely from grid to grid and quality does not settle.",
            sign="Pictures of the same z differ from grid to grid nearly as much as any two, or "
            "quality jumps.",
        ),
        FindingInfo(
            name="lr-too-low",
            title="Learning rate too low",
            severity="trouble",
            meaning="Steps are so short that the generator hardly moves: it would get there, but "
            "not in the planned time.",
            sign="Pictures of the same z hardly change from grid to grid though they are poor.",
        ),
        FindingInfo(
            name="stalled",
            title="Stalled learning",
            severity="trouble",
            meaning="Quality no longer improves although it is still poor.",
            sign="The distance to the real pictures is flat while precision or recall is low.",
        ),
        FindingInfo(
            name="memorising",
            title="Memorising",
            severity="trouble",
            meaning="The generator repeats training pictures instead of inventing new ones; there "
            "are too few of them for networks of this size.",
            sign="Samples lie nearer to training pictures than these lie to each other.",
        ),
        FindingInfo(
            name="near-equilibrium",
            title="Near equilibrium",
            severity="good",
            meaning="The discriminator can hardly tell the two kinds of pictures apart because "
            "they are good: the losses stand still for the best of reasons.",
            sign="Scores overlap while quality is good or still improves.",
        ),
        FindingInfo(
            name="g-loss-rises-quality-improves",
            title="G's loss rises, quality improves",
            severity="good",
            meaning="The discriminator becomes a better judge, so the generator's loss rises "
            "though its pictures become better: no reason to stop.",
            sign="G's loss climbs while the distance to the real pictures falls.",
        ),
    )
}
