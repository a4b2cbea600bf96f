"""`measure --side-by-side`: real processes that train beside each other."""

from gan.config import RunConfig
from gan.runs.comparisons.company import read_rates, thread_counts
from gan.runs.cores import count_cores
from gan.runs.probe import DeviceRow, record_devices


def test_every_way_to_share_the_cores_out_is_measured_and_kept(cli, home, tmp_path):
    settings = {
        "data.dataset": "drawn-digits", "data.n_images": 64, "train.batch_size": 16,
        "model.g_widths": [8], "model.d_widths": [8],
    }  # fmt: skip
    config = RunConfig().with_changes(settings)
    path = tmp_path / "config.json"
    path.write_text(config.to_json())
    record_devices(home, [DeviceRow("cpu", "CPU")])
    answer = cli("measure", "--config", path, "--device", "cpu", "--side-by-side", "--json")
    assert answer.code == 0, answer.err
    counts = thread_counts(count_cores(), 64)
    assert [row["n_threads"] for row in answer.json] == counts
    assert [row["n_at_once"] for row in answer.json] == [count_cores() // n for n in counts]
    assert all(row["steps_per_s"] > 0 for row in answer.json)
    kept = read_rates(home, config.with_changes({"train.seed": 5, "train.device": "cpu"}))
    assert kept == {row["n_threads"]: row["steps_per_s"] for row in answer.json}


def test_a_configuration_that_cannot_train_is_refused_before_anything_starts(cli):
    words = ["--dataset", "drawn-digits", "--n-images", "64", "--drop-last"]
    answer = cli("measure", "vanilla-fashion", *words, "--side-by-side")
    assert answer.code == 2
    assert "batch" in answer.complaint
