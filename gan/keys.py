"""Every metric key that a run can report: its label, unit, meaning and healthy range.

Vocabulary layer: imports nothing of ours. Pages, the command line and the documentation show
these texts; a run never reports a key that is not in the table (a test holds it).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricKey:
    """One reported number."""

    key: str
    label: str
    unit: str
    meaning: str
    healthy: str


METRIC_KEYS: dict[str, MetricKey] = {
    entry.key: entry
    for entry in (
        MetricKey(
            "loss/d_real", "D on real", "nats",
            "How badly the discriminator recognises real images.",
            "Moves, neither at 0 nor climbing for long.",
        ),
        MetricKey(
            "loss/d_fake", "D on fake", "nats",
            "How badly the discriminator recognises generated images.",
            "Moves; near 0 for long means that no fake passes any more.",
        ),
        MetricKey(
            "loss/d", "D total", "nats",
            "The discriminator's whole loss, penalties left out: the sum of its parts, or their "
            "mean where real and generated images have an update each.",
            "Between 0 and 2 log 2 ≈ 1.39 with cross-entropy; 1.39 is a coin toss.",
        ),
        MetricKey(
            "loss/g", "G", "nats",
            "How badly the generator fools the discriminator.",
            "May rise while pictures improve: judge it beside the samples.",
        ),
        MetricKey(
            "score/real", "D(x)", "probability",
            "How probable the discriminator finds it that a real image is real, on average.",
            "Above 0.5, drifting down towards it; stuck near 1 means D is winning.",
        ),
        MetricKey(
            "score/fake", "D(G(z))", "probability",
            "How probable the discriminator finds it that a generated image is real, on average.",
            "Below 0.5, drifting up towards it; stuck near 0 starves the generator.",
        ),
        MetricKey(
            "logit/real", "Score of real", "",
            "The discriminator's raw score of real images, on average, where it is no probability.",
            "Above the score of generated images, by a gap that shrinks slowly.",
        ),
        MetricKey(
            "logit/fake", "Score of fake", "",
            "The discriminator's raw score of generated images, on average.",
            "Below the score of real images; a gap that only grows means that D is winning.",
        ),
        MetricKey(
            "balance/separation", "Separation", "spreads",
            "How far apart D's scores of real and generated pictures lie, counted in the spread "
            "that these scores have within a batch: comparable whatever the objective.",
            "From about 0.5 to 3; near 0 D is guessing, and above 5 for long it is too sure.",
        ),
        MetricKey(
            "penalty/r1", "R1 penalty", "",
            "What the discriminator's slope at real images adds to its loss.",
            "Small beside D's loss; a climb means that D becomes steep.",
        ),
        MetricKey(
            "penalty/r2", "R2 penalty", "",
            "What the discriminator's slope at generated images adds to its loss.",
            "Small beside D's loss; a climb means that D becomes steep.",
        ),
        MetricKey(
            "penalty/gp", "Gradient penalty", "",
            "What the distance of D's slope from 1, between real and generated, adds to its loss.",
            "Falls early, then stays small.",
        ),
        MetricKey(
            "lr/g", "Learning rate of G", "",
            "The generator's learning rate in this step, where a schedule moves it.",
            "Follows the schedule.",
        ),
        MetricKey(
            "lr/d", "Learning rate of D", "",
            "The discriminator's learning rate in this step, where a schedule moves it.",
            "Follows the schedule.",
        ),
        MetricKey(
            "quality/distance", "Fréchet distance", "",
            "How far samples and real images are apart in a network's features; 0 is best.",
            "Falls, fast at first; a rise means that pictures become worse or less varied.",
        ),
        MetricKey(
            "quality/precision", "Precision", "share",
            "The share of samples that lie among the real images: how believable they are.",
            "Rises towards 1.",
        ),
        MetricKey(
            "quality/recall", "Recall", "share",
            "The share of real images that lie among the samples: how varied they are.",
            "Rises; a fall beside high precision is mode collapse.",
        ),
        MetricKey(
            "quality/diversity", "Diversity", "of real",
            "How far two samples are apart in a network's features on average, as a share of how "
            "far two real images are.",
            "Rises to 1; a fall is mode collapse.",
        ),
        MetricKey(
            "quality/classes_missing", "Classes missing", "classes",
            "How many of the data's classes no sample shows, where a classifier knows them.",
            "Falls to 0.",
        ),
        MetricKey(
            "quality/novelty", "Novelty", "of real",
            "How far samples are from the nearest training image, as a share of how far these are "
            "from each other: medians, in a network's features.",
            "About 1; well below it, G repeats training images.",
        ),
        MetricKey(
            "samples/diversity", "Variety of the grid", "of real",
            "How far a picture of the sample grid is from the one most like it, in pixels, as a "
            "share of the same among real pictures.",
            "Rises towards 1; a fall towards 0 is mode collapse.",
        ),
        MetricKey(
            "samples/drift", "Drift of the grid", "of real",
            "How far G's pictures are from those that its average draws of the same z, in pixels, "
            "as a share of how far two real pictures are apart.",
            "Well below 1, falling; it stays high while G wanders, near 0 G stands still.",
        ),
        MetricKey(
            "grad/d_norm", "D gradient norm", "",
            "Length of the discriminator's gradient before its update.",
            "Steady within a factor of ten; a sudden climb announces trouble.",
        ),
        MetricKey(
            "grad/g_norm", "G gradient norm", "",
            "Length of the generator's gradient before its update.",
            "Steady within a factor of ten; near 0 means that G learns nothing.",
        ),
        MetricKey(
            "speed/steps_per_s", "Steps per second", "steps/s",
            "Training steps in a second since the last report.",
            "Steady; a drop means that something else uses the machine.",
        ),
        MetricKey(
            "speed/images_per_s", "Images per second", "images/s",
            "Real images in a second since the last report.",
            "Steady; a drop means that something else uses the machine.",
        ),
        MetricKey(
            "time/elapsed_s", "Training time", "s",
            "Seconds of training so far, pauses left out.",
            "Grows.",
        ),
        MetricKey(
            "time/epoch", "Epoch", "epochs",
            "Passes over the data so far.",
            "Grows.",
        ),
    )
}  # fmt: skip
