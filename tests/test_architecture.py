"""The house rules that a machine can hold: who imports whom, how large a module is."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gan.keys import METRIC_KEYS

ROOT = Path(__file__).resolve().parent.parent

# Names below `gan`, in the order in which arrows may point back: a layer imports itself and those
# before it.
LAYERS = (
    ("vocabulary", {"errors", "config", "fields", "keys", "recipes"}),
    (
        "maths",
        {"data", "models", "losses", "metrics", "latent", "features", "diagnosis", "comparing"},
    ),
    ("motion", {"training"}),
    ("memory", {"runs"}),
    ("doors", {"figures", "cli", "__main__"}),
)
RANK = {name: rank for rank, (_, names) in enumerate(LAYERS) for name in names}

QUICK = (
    "gan",
    "gan.runs.store",
    "gan.runs.folder",
    "gan.runs.launcher",
    "gan.runs.control",
    "gan.runs.commands",
    "gan.runs.exports",
    "gan.runs.tensorboard_live",
    "gan.runs.tensorboard_records",
    "gan.runs.timelapse",
    "gan.runs.moving",
    "gan.runs.morph_export",
    "gan.latent.planes",
    "gan.data.arrays",
    "gan.data.catalog",
    "gan.data.facts",
    "gan.data.progress",
    "gan.data.sources",
    "gan.runs.images",
    "gan.cli.datasets",
    "gan.losses.catalog",
    "gan.models.plan",
    "gan.features.catalog",
    "gan.features.weights",
    "gan.metrics.catalog",
    "gan.comparing.design",
    "gan.comparing.command",
    "gan.comparing.fairness",
    "gan.comparing.presets",
    "gan.runs.comparisons",
    "gan.comparing.verdict",
    "gan.runs.comparisons.outcomes",
    "gan.diagnosis.catalog",
    "gan.diagnosis.findings",
    "gan.diagnosis.remedies",
    "gan.runs.checking",
    "gan.runs.preparing",
    "gan.runs.uploads",
    "gan.runs.drawing",
    "gan.runs.evaluations",
    "gan.runs.evaluator",
    "gan.data.held_out",
    "gan.runs.cards",
    "gan.runs.excerpt",
    "gan.runs.story",
    "gan.latent.paths",
    "gan.latent.points",
    "gan.cli.inverting",
    "gan.cli.morphing",
    "gan.latent.methods",
    "gan.runs.inverter",
    "gan.runs.studio",
    "gan.cli.shipping",
    "gan.cli.continuing",
    "gan.cli.generators",
    "gan.runs.shipped",
    "gan.runs.forking",
    "gan.runs.latent.lines",
    "gan.runs.latent.place",
    "gan.runs.latent.space",
    "gan.runs.latent.store",
)
MAX_LINES = 400


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path
    for path in [*ROOT.glob("gan/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]
    if path.exists()
}
LIBRARY = {name: path for name, path in MODULES.items() if name.split(".")[0] == "gan"}


def imports(name: str, *, at_runtime: bool = False) -> Iterator[str]:
    """Yield the full names of all modules that a module imports, wherever in the file."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = _typing_only(tree) if at_runtime else set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in MODULES else base


def _typing_only(tree: ast.Module) -> set[ast.AST]:
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    return {inner for block in blocks for inner in ast.walk(block)}


def layer(name: str) -> str:
    return name.split(".")[1]


def test_every_part_of_the_library_has_a_layer():
    assert {layer(name) for name in LIBRARY if name != "gan"} <= set(RANK)


@pytest.mark.parametrize("name", sorted(set(LIBRARY) - {"gan"}))
def test_arrows_point_to_lower_layers(name):
    mine = RANK[layer(name)]
    for target in imports(name):
        if target == "gan":
            raise AssertionError(f"{name} imports the front door `gan`: name the module instead.")
        if target in LIBRARY:
            theirs = RANK[layer(target)]
            assert theirs <= mine, (
                f"{name} ({LAYERS[mine][0]}) imports {target} ({LAYERS[theirs][0]})."
            )
        assert target.split(".")[0] not in ("pages", "app"), f"{name} imports {target}."


def test_figures_need_little():
    for name in LIBRARY:
        if layer(f"{name}.") == "figures":
            for target in imports(name):
                top = target.split(".")[0]
                fine = top in sys.stdlib_module_names or top in {"numpy", "pandas", "plotly"}
                assert fine or target.startswith(
                    (
                        "gan.figures",
                        "gan.runs",
                        "gan.keys",
                        "gan.errors",
                        "gan.models.plan",
                        "gan.metrics.catalog",
                        "gan.features.catalog",
                        "gan.comparing",
                    )
                ), f"{name} imports {target}."


def test_streamlit_is_in_the_app_only():
    guilty = [n for n in LIBRARY for target in imports(n) if target.split(".")[0] == "streamlit"]
    assert guilty == []


def test_one_module_speaks_sql():
    users = {name for name in MODULES for target in imports(name) if target == "sqlite3"}
    assert len(users) == 1
    assert users.pop().startswith("gan.runs.")


def test_no_import_ring():
    graph = {
        name: {t for t in imports(name, at_runtime=True) if t in LIBRARY and t != name}
        for name in LIBRARY
        if name != "gan"  # its lazy names point down by design
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for target in sorted(graph.get(name, ())):
                visit(target, (*path, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_pages_can_import_what_they_need_without_torch():
    figures = [name for name in LIBRARY if name.startswith("gan.figures")]
    code = (
        "import importlib, sys\n"
        f"for name in {[*QUICK, *figures]!r}:\n"
        "    importlib.import_module(name)\n"
        "    if 'torch' in sys.modules:\n"
        "        sys.exit(f'{name} imports torch')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_modules_are_small_and_say_what_they_are(name):
    text = LIBRARY[name].read_text(encoding="utf-8")
    if text:  # an empty file that only makes a folder a package has nothing to say
        assert ast.get_docstring(ast.parse(text)), f"{name} has no docstring."
    n_lines = len(text.splitlines())
    assert n_lines <= MAX_LINES, f"{name} has {n_lines} lines: split it."


def test_every_reported_key_is_in_the_table():
    from gan.config import RunConfig
    from gan.training.records import StepDone
    from gan.training.trainer import train

    config = RunConfig().with_changes(
        {
            "data.source": "drawn",
            "data.n_images": 64,
            "model.g_widths": [8],
            "model.d_widths": [8],
            "train.n_steps": 2,
            "train.device": "cpu",
            "train.n_threads": 1,
        }
    )
    for loss in ("bce", "minimax"):
        records = list(train(config.with_changes({"loss.name": loss})))
        reported = {k for r in records if isinstance(r, StepDone) and r.rows for k in r.rows.keys}
        assert reported
        assert reported <= set(METRIC_KEYS)
