"""The table, the words for pairs and the CSV hold the same figures."""

import csv
import io

from gan.comparing.outcomes import Measurement, RunOutcome
from gan.comparing.presets import get_preset
from gan.comparing.table import COLUMNS, pair_rows, table, to_csv
from gan.comparing.verdict import judge

DESIGN = get_preset("optimizers-faces-32").build()
LABELS = [variant.label for variant in DESIGN.variants]


def outcome(variant, seed, *distances, ending="completed", **facts):
    measured = tuple(Measurement(10 * i, 1.5 * i, d) for i, d in enumerate(distances, 1))
    return RunOutcome(variant, seed, f"run-{variant}-{seed}", ending, 20, 3.0, measured, "x",
                      **facts)  # fmt: skip


RUNS = [
    outcome(0, 0, 90.0, 80.0),
    outcome(0, 1, 95.0, ending="diverged"),
    outcome(1, 0, 70.0, 40.0, has_collapsed=True),
    outcome(1, 1, 72.0, 44.0, score_real=0.7, images_per_s=1234.0),
]
VERDICT = judge(LABELS, RUNS, goal=41.0)


def test_a_row_has_every_column_to_sort_by_and_to_read():
    sgd, rmsprop = table(DESIGN, VERDICT)
    assert set(sgd.cells) == {column.key for column in COLUMNS}
    assert (rmsprop.rank, rmsprop.is_best, sgd.rank) == (1, True, 2)
    assert (rmsprop.cells["final"].value, rmsprop.cells["final"].text) == (42.0, "42 ± 2.83")
    assert rmsprop.cells["steps"].text == "20 (1 of 2 seeds)"
    assert (sgd.cells["steps"].value, sgd.cells["steps"].text) == (None, "not reached")
    assert (sgd.cells["diverged"].value, sgd.cells["diverged"].text) == (0.5, "1 of 2")
    assert rmsprop.cells["collapsed"].text == "1 of 2"
    assert rmsprop.cells["images_per_s"].text == "1,234"
    assert sgd.cells["score_real"].text == "–"


def test_a_pair_in_words():
    (row,) = pair_rows(DESIGN, VERDICT.pairs)
    assert (row.first, row.second, row.wins) == ("RMSprop", "SGD", "2 of 2")
    assert (row.difference, row.interval, row.p) == ("-40", "–", "p = 1")
    assert row.reading == "not separable"


def test_the_csv_has_runs_variants_and_pairs():
    rows = list(csv.DictReader(io.StringIO(to_csv(DESIGN, RUNS, VERDICT))))
    assert [row["row"] for row in rows] == ["run"] * 4 + ["variant"] * 2 + ["pair"]
    first, diverged = rows[0], rows[1]
    assert (first["variant"], first["seed"], float(first["final_distance"])) == ("SGD", "0", 80.0)
    assert (diverged["ending"], diverged["diverged"], diverged["steps_to_goal"]) == (
        "diverged", "1", "",
    )  # fmt: skip
    assert float(rows[5]["final_distance"]) == 42.0
    assert (rows[6]["against"], float(rows[6]["difference"])) == ("SGD", -40.0)
