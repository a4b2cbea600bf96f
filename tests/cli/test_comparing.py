"""`compare`: a comparison made, followed, judged and exported from the command line."""

import json
import shlex

import pytest

from gan.comparing.command import repeat_command
from gan.runs import comparisons
from gan.runs.comparisons.store import run_of
from gan.runs.probe import DeviceRow, record_devices
from gan.runs.states import RunState
from gan.runs.worker import Worker

SETTINGS = {
    "data.dataset": "drawn-digits", "data.n_images": "128", "train.batch_size": "32",
    "model.latent_dim": "4", "model.g_widths": "8", "model.d_widths": "8",
    "output.n_samples": "4", "quality.n_samples": "100", "train.device": "cpu",
}  # fmt: skip
BASE = [
    "compare", "--recipe", "vanilla-fashion",
    *(word for path, value in SETTINGS.items() for word in ("--set", f"{path}={value}")),
]  # fmt: skip
TINY = [*BASE, "--both", "lr=0.001,0.01", "--seeds", "2", "--seconds", "0.2"]


@pytest.fixture
def made(cli, home, busy):
    """A comparison whose runs wait, for another run holds the only slot."""
    record_devices(home, [DeviceRow("cpu", "CPU")])
    answer = cli(*TINY, "--name", "Rates", "--json")
    assert answer.code == 0, answer.err
    return answer.json


def test_it_makes_all_runs_and_returns(cli, home, made):
    assert made["n_runs"] == 4
    assert {(run["variant"], run["seed"]) for run in made["runs"]} == {
        (key, seed) for key in ("0.001", "0.01") for seed in (0, 1)
    }
    assert {run["state"] for run in made["runs"]} == {"queued"}
    assert [row["id"] for row in cli("compare", "--list", "--json").json] == [made["id"]]
    text = cli("compare", "--show", "Rates")
    assert text.out.startswith(f"Rates ({made['id']}): 0 of 4 runs are done.")
    assert "Follow:" in text.out
    stopped = cli("compare", "--stop", made["id"][-4:], "--json").json
    assert {run["state"] for run in stopped["runs"]} == {"stopped"}
    assert stopped["is_over"]
    back = cli("compare", "--resume", made["id"], "--json").json
    assert {run["state"] for run in back["runs"]} == {"queued"}


def test_the_verdict_is_told_and_exported(cli, home, made, tmp_path):
    comparison = comparisons.open_comparison(home, made["id"])
    for run in comparison.members.values():
        assert Worker(home, run_of(home, run)).work() is RunState.COMPLETED
    csv, html = tmp_path / "all.csv", tmp_path / "report.html"
    words = ["compare", "--show", made["id"], "--csv", csv, "--html", html]
    answer = cli(*words, "--wait", "--json")
    assert answer.code == 0, answer.err
    assert sorted(answer.json["verdict"]["ranking"]) == ["0.001", "0.01"]
    assert all(run["state"] == "completed" for run in answer.json["runs"])
    text = cli(*words)
    assert answer.json["verdict"]["sentence"] in text.out
    assert "final distance" in text.out
    assert len([line for line in csv.read_text().splitlines() if line.startswith("run")]) == 4
    report = html.read_text(encoding="utf-8")
    assert "Each run trains alone" in report
    assert "--both" in report
    missing = cli(*words[:3], "--html", tmp_path / "nowhere" / "a.html")
    assert missing.code == 1
    assert "cannot be written" in missing.complaint


def test_its_command_repeats_it_exactly(cli, home, made):
    design = comparisons.open_comparison(home, made["id"]).design
    words = shlex.split(repeat_command(design))[3:]
    again = cli(*words, "--json").json
    assert again["id"] != made["id"]
    assert comparisons.open_comparison(home, again["id"]).design == design
    whole = cli("compare", "--design", design.to_json(), "--json").json
    assert comparisons.open_comparison(home, whole["id"]).design == design


def test_a_preset_names_its_data_and_what_it_costs(cli, home, busy):
    record_devices(home, [DeviceRow("cpu", "CPU")])
    words = ["compare", "optimizers-faces-32", "--set", "data.dataset=drawn-faces"]
    answer = cli(*words, "--seconds", "60", "--estimate")
    assert answer.code == 0, answer.err
    assert "3 variants × 3 seeds = 9 runs of 60 s, about 11 min" in answer.out
    assert "1 at once" in answer.out
    assert "Other data: Drawn faces instead of CelebA" in answer.out
    cost = cli(*words, "--seconds", "60", "--estimate", "--json").json
    assert cost["variants"] == ["sgd", "rmsprop", "adam"]
    assert comparisons.list_comparisons(home) == []
    names = [preset["name"] for preset in cli("compare", "--presets", "--json").json]
    assert names[0] == "optimizers-faces-32"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["compare"], "Name one start"),
        (["compare", "optimizers"], "Unknown comparison 'optimizers'"),
        (["compare", "optimizers-quick", "--recipe", "linear-mnist"], "Name one start"),
        ([*BASE], "Nothing is varied"),
        ([*BASE, "--vary", "loss.name=bce,bad"], "'bad' is not one of"),
        ([*BASE, "--vary", "loss.name=bce"], "second option"),
        ([*TINY, "--steps", "3"], "not allowed with"),
        (["compare", "--design", json.dumps({"name": "x"})], "base"),
        (["compare", "--design", "nothing.json"], "No JSON can be read"),
        ([*BASE, "--set", "train.drop_last=yes", "--vary", "train.batch_size=32,500"], "500: "),
    ],
)
def test_what_cannot_be_compared_gets_one_sentence_and_leaves_nothing(cli, home, words, complaint):
    record_devices(home, [DeviceRow("cpu", "CPU")])
    answer = cli(*words)
    assert answer.code == 2
    assert complaint in answer.complaint
    assert comparisons.list_comparisons(home) == []


def test_an_unknown_comparison_gets_one_sentence(cli):
    answer = cli("compare", "--show", "nothing")
    assert answer.code == 1
    assert "no comparison 'nothing'" in answer.complaint
