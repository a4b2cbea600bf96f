"""Published findings agree, disagree or cannot be told, by the seeds' votes."""

import pytest

from gan.comparing.checked import check_published
from gan.comparing.outcomes import CurveFacts, Measurement, RunOutcome
from gan.comparing.presets import get_preset
from gan.comparing.published import PublishedFinding

DESIGN = get_preset("optimizers-faces-32").build()
SGD, RMSPROP, ADAM = 0, 1, 2


def run(variant, seed, *, early=2.0, late=1.0, roughness=0.1, distance=50.0, ending="completed"):
    facts = CurveFacts(early, late, roughness)
    return RunOutcome(
        variant, seed, f"{variant}-{seed}", ending, 100, 10.0,
        (Measurement(100, 10.0, distance),), "x",
        curves=tuple((key, facts) for key in ("loss/g", "loss/d_real", "loss/d_fake")),
    )  # fmt: skip


def check(claim, runs, *, variant="adam", key="loss/g"):
    (found,) = check_published([PublishedFinding(variant, "It does.", key, claim)], DESIGN, runs)
    return found


@pytest.mark.parametrize(
    ("lates", "claim", "agreement"),
    [
        ((1.0, 1.1, 1.2), "falls", "agrees"),
        ((1.0, 1.1, 1.2), "rises", "disagrees"),
        ((1.0, 1.1, 2.2), "falls", "unclear"),
        ((1.98, 1.97, 1.99), "falls", "unclear"),
        ((3.0, 3.0, 3.0), "rises", "agrees"),
    ],
)
def test_a_trend_is_what_all_seeds_show(lates, claim, agreement):
    found = check(claim, [run(ADAM, seed, late=late) for seed, late in enumerate(lates)])
    assert found.agreement == agreement


def test_the_numbers_stand_beside_the_finding():
    found = check("falls", [run(ADAM, 0, early=2, late=1), run(ADAM, 1, early=2, late=1.2)])
    assert found.text == (
        "G goes from 2 in the first fifth to 1.1 in the last: down in 2 of 2 seeds."
    )
    contrary = check("rises", [run(ADAM, 0, early=2, late=1)])
    assert contrary.text.endswith("down in 1 of 1 seeds.")


def test_the_best_pictures_have_the_smallest_distance():
    runs = [run(v, s, distance=(90, 60, 30)[v] + s) for v in range(3) for s in range(3)]
    found = check("smallest", runs, key="quality/distance")
    assert found.agreement == "agrees"
    assert "Adam in 3 of 3 seeds (SGD 91, RMSprop 61, Adam 31)" in found.text
    worse = check("smallest", runs, key="quality/distance", variant="sgd")
    assert worse.agreement == "disagrees"


def test_noise_is_the_change_from_step_to_step():
    runs = [run(v, s, roughness=(0.3, 0.1, 0.2)[v]) for v in range(3) for s in range(2)]
    runs[0] = run(SGD, 0, roughness=0.15)
    assert check("noisiest", runs, variant="sgd").agreement == "unclear"
    assert check("noisiest", runs, variant="rmsprop").agreement == "disagrees"


def test_what_diverged_has_no_say():
    runs = [run(v, s, late=(1, 5, 3)[v]) for v in range(3) for s in range(2)]
    runs[2:4] = [run(RMSPROP, seed, ending="diverged") for seed in (0, 1)]
    assert check("largest", runs).agreement == "agrees"
    assert check("falls", runs, variant="rmsprop").agreement == "unclear"


def test_nothing_is_told_before_the_runs_are_done():
    runs = [run(ADAM, 0), run(ADAM, 1, ending="going")]
    found = check("falls", runs)
    assert (found.agreement, found.text) == ("unclear", "1 of 2 runs are not done yet.")
    assert check("falls", [], variant="adam").agreement == "unclear"


def test_every_published_finding_of_a_preset_can_be_checked():
    preset = get_preset("optimizers-faces-32")
    runs = [run(v, s, distance=10.0 + v) for v in range(3) for s in range(3)]
    found = check_published(preset.published, DESIGN, runs)
    assert len(found) == len(preset.published) > 0
    assert all(one.text and "no such variant" not in one.text for one in found)
