"""Each page's script, run as whoever copies it would run it, prints the numbers that the page shows."""

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import LIMITS, RunConfig, SweepConfig
from explorer import service, words
from explorer.keep.scripts.source import config_source, numbers_source
from explorer.views.replication import misfit
from explorer.words.shared import signed
from tests.explorer.visiting import drawn, finished, opened, run, texts

Names = dict[str, Any]

LAYER: Names = {"dim": "4", "V": "4", "seeds": "3", "lr": "0.1", "steps": "200"}
CURVE: Names = LAYER | {"n": ["3", "5"], "N": ["5", "50"], "points": "10", "spots": "10", "at": "40"}
RATES: Names = LAYER | {"at": "20", "Ns": ["20", "80"], "ns": ["2", "5"], "columns": "4", "dense": "2", "load": "1"}
RATES |= {"rates": ["0.001", "0.1"]}
SAMPLES: Names = {"dim": "8", "V": "4", "at": "60", "steps": "200", "lr": "0.05", "sets": "3", "starts": "3"}
SIZES: Names = LAYER | {"dims": ["2", "4"], "classes": ["2", "10"]}


def copied(query: Names, page: str) -> tuple[AppTest, str]:
    """The page when its sweep has ended, and the script that it offers."""
    at = opened(query, page)
    at.session_state["keep Python"] = True
    at = finished(run(at))
    [script] = [code.value for code in at.code if "import" in code.value]
    return at, f"{script}\n"  # Streamlit shows it without


def ran(script: str) -> Names:
    """What a script's names stand for at its end. A formatter and a linter find nothing in it to mend."""
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,W"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "120", "-"]
        done = subprocess.run(ruff, input=script, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    names: Names = {"__name__": "__main__"}
    exec(script, names)
    return names


def same(table: pd.DataFrame, shown: pd.DataFrame, columns: dict[str, str]) -> None:
    """The script's columns are those of the page: script's name -> page's."""
    assert len(table) == len(shown) > 0
    for ours, theirs in columns.items():
        one, other = table[ours].to_numpy(), shown[theirs].to_numpy()
        if one.dtype.kind in "fiub":
            np.testing.assert_allclose(one.astype(float), other.astype(float), rtol=1e-9, err_msg=ours)
        else:
            assert one.tolist() == other.tolist(), ours


pytestmark = pytest.mark.usefixtures("new_app")


# --- Capacity ---------------------------------------------------------------------------------------------------------

CAPACITY = {"n": "input_dim", "capacity": "capacity", "sd": "sd", "per_dim": "per_dim", "at_least": "is_lower_bound"}
CAPACITY |= {"last_C": "last_mean", "seeds": "num_seeds"}


@pytest.mark.parametrize("others", [{}, {"layers": ["Theory", "Exact optimum"], "data": "Nested", "optimizer": "GD"}])
def test_capacity(others: Names) -> None:
    at, script = copied(CURVE | others, "capacity")
    names = ran(script)
    same(names["table"], at.dataframe[0].value, CAPACITY)
    if others:
        apart = names["apart"].mean()  # of the last n
        assert f"{signed(apart)} at n = 5" in texts(at)


def test_a_script_is_a_program(tmp_path: Any) -> None:
    """As a file, in a process of its own, in any folder."""
    at, script = copied(CURVE, "capacity")
    file = tmp_path / "script.py"
    file.write_text(script, "utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.stderr == ""
    shown = at.dataframe[0].value
    printed = [line.split() for line in done.stdout.splitlines()]
    assert printed[0] == list(CAPACITY)
    np.testing.assert_allclose([float(line[1]) for line in printed[1:]], shown["capacity"], rtol=1e-5)


# --- Jamming ----------------------------------------------------------------------------------------------------------


def test_the_jump() -> None:
    at, script = copied(CURVE | {"steps": "1000"}, "jamming")
    names = ran(script)
    assert f"**N ≈ {words.plus_minus(names['jump'])}**" in texts(at)
    assert f"N ≈ {names['full'].num_samples:,.0f}" in texts(at)
    for column in ("C", "sharpness"):
        assert any(mean_of(each, names["table"][column]) for each in drawn(at)[0]["datasets"].values()), column


def mean_of(rows: list[Names], expected: pd.Series) -> bool:
    """Whether a table of a chart holds these means."""
    if not rows or "mean" not in rows[0] or len(rows) != len(expected):
        return False
    return bool(np.allclose([row["mean"] for row in rows], expected, rtol=1e-6))


def test_the_edge() -> None:
    at, script = copied(CURVE | {"look": "Edge of stability", "steps": "1000", "lr": "1"}, "jamming")
    names = ran(script)
    assert f"**From N ≈ {names['first']:,.0f} on" in texts(at)
    assert f"{names['beyond']:.1f} on average" in texts(at)


def test_along_training() -> None:
    at, script = copied(CURVE | {"look": "Along training"}, "jamming")
    table = ran(script)["table"]
    for column in ("C", "sharpness", "stability"):
        later = table.loc[table.index > 0, column]
        assert any(mean_of(each, later) for each in drawn(at)[0]["datasets"].values()), column


# --- Learning rate ----------------------------------------------------------------------------------------------------

SPAN = {"best": "best", "lowest": "lowest", "highest": "highest"}


@pytest.mark.parametrize("others", [{}, {"across": "Dimension n"}, {"schedule": "Cosine"}])
def test_the_map(others: Names) -> None:
    at, script = copied(RATES | others, "learning_rate")
    names = ran(script)
    columns = {"n": "input_dim"} if "across" in others else {"N": "num_samples"}
    edge = {} if "schedule" in others else {"edge_rate": "edge_rate"}
    same(names["table"], at.dataframe[0].value, columns | SPAN | edge)
    told = texts(at)
    word = names["found"].word(names["place"])
    assert {"too small": "**too small**", "fine": "**fine**", "unstable": "(unstable)"}[word] in told
    assert names["behind"].mean == 0 or f"memorizes {words.plus_minus(names['behind'], 1)} samples fewer" in told


def test_schedules() -> None:
    at, script = copied(RATES | {"ask": "Schedules"}, "learning_rate")
    same(ran(script)["table"], at.dataframe[0].value, {"at_asked": "at_asked", "mean": "mean"} | SPAN)


def test_the_claim() -> None:
    at, script = copied(RATES | {"ask": "The post's claim", "rates": ["0.03", "0.1"], "seeds": "2"}, "learning_rate")
    columns = {"n": "input_dim", "steps": "num_steps", "word": "word", "behind": "behind"}
    same(ran(script)["table"], at.dataframe[0].value, columns | SPAN)


# --- Samples ----------------------------------------------------------------------------------------------------------

STATISTICS = ["label", "memorized", "alignment", "least_squares_margin", "initial_loss", "confidence", "variability"]


@pytest.mark.parametrize("show", ["Samples", "Cartography"])
def test_samples(show: str) -> None:
    at, script = copied(SAMPLES | {"show": show, "x": "Alignment"}, "samples/page")
    names = ran(script)
    shown = next(each.value for each in at.dataframe if "alignment" in each.value)
    same(names["table"], shown, {name: name for name in [*STATISTICS, "final_loss", "margin", "forgetting_events"]})
    assert f"**{names['result'].num_memorized} of 60 samples**" in texts(at)
    if show == "Samples":
        assert f"**{names['rank'](names['result'])['alignment'].auroc:.0%}**" in texts(at)


def test_watch() -> None:
    _, script = copied(SAMPLES | {"show": "Watch"}, "samples/page")
    names = ran(script)
    result = service.jobs().result(names["run"])  # of which the film is made
    assert result is not None
    assert names["table"]["C"].tolist() == result.num_memorized_at.tolist()


def test_predictors() -> None:
    at, script = copied(SAMPLES | {"show": "Predictors"}, "samples/page")
    table = ran(script)["table"].set_index("statistic")
    best, loss = table.loc[table["auroc"].idxmax()], table.loc["initial_loss"]
    assert f"in {best['auroc']:.0%} of all pairs (95 % interval {best['low']:.0%} to {best['high']:.0%})" in texts(at)
    assert f"chance gives {loss['null_low']:.0%} to {loss['null_high']:.0%}" in texts(at)


def test_other_starts() -> None:
    at, script = copied(SAMPLES | {"show": "Other starts"}, "samples/page")
    here = ran(script)["table"].set_index("N").loc[60]
    told = f"overlap by {here['mean']:.1%}, where random sets would by {here['chance']:.0%}"
    assert told in texts(at)
    assert (
        f"{here['from_all']:,.0f} samples are memorized from all 3 initial weights, {here['from_none']:.0f} from none"
        in texts(at)
    )


def test_the_coin() -> None:
    at, script = copied(SAMPLES | {"show": "The coin", "coin": "3"}, "samples/page")
    names, told = ran(script), texts(at)
    heads = names["heads"]
    assert f"**{heads:,} heads and " in told
    assert f"**{names['with_itself']:,}** of 60 are right" in told
    assert f"Without it, **{names['without_itself']:,}** are" in told
    assert f"Of these **{names['table'].loc[True, 'mean']:.0%}** are memorized" in told


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_the_limits() -> None:
    at, script = copied(CURVE, "limits/page")
    names = ["trained", "optimum", "difference", "largest_difference", "most", "most_estimate", "loss", "least_loss"]
    table = ran(script)["table"].reset_index()
    shown = at.dataframe[0].value
    same(table, shown, {name: name for name in [*names, "separable", "finite"]} | {"N": "num_samples"})


def test_an_n_that_is_looked_at_is_among_the_limits() -> None:
    at, script = copied(CURVE | {"at": "33"}, "limits/page")
    here = ran(script)["table"].loc[33]
    assert f"At **N = 33** Adam memorizes {here['trained']:.1f}".removesuffix(".0") in texts(at)


def test_closing_the_gap() -> None:
    at, script = copied(CURVE | {"limit": "Closing the gap"}, "limits/page")
    names = ran(script)
    table = names["table"].reset_index()
    [shown] = [
        rows for rows in drawn(at)[0]["datasets"].values() if rows and "gap" in rows[0] and len(rows) == len(table)
    ]
    same(table, pd.DataFrame(shown), {"rate": "learning_rate", "step": "step", "C": "memorized", "gap": "gap"})


@pytest.mark.parametrize("by", ["95 % trained", "All, exactly"])
def test_scaling(by: str) -> None:
    at, script = copied(SIZES | {"limit": "Scaling", "by": by}, "limits/page")
    names = ran(script)
    slopes, capacities = (each.value for each in at.dataframe)
    table = names["table"]
    is_bound = capacities["bound"] != "" if "bound" in capacities else pd.Series(False, capacities.index)
    columns = {"V": "num_classes", "n": "input_dim", "theory": "theory"}
    same(table, capacities, columns)
    numbers = {name: name for name in ("capacity", "per_dim", "residual")}
    same(table[~is_bound.to_numpy()], capacities[~is_bound], numbers)
    assert table["capacity"].isna().tolist() == is_bound.tolist()
    last = names["layers"]
    slope = float((names["weights"] * last["capacity"]).sum())
    np.testing.assert_allclose(slope, slopes["slope"].iloc[-1], rtol=1e-9)


# --- Replication ------------------------------------------------------------------------------------------------------

REPLICATION: Names = {"V": "3", "seeds": "2", "lr": "0.1", "steps": "100"}


def test_figure_1() -> None:
    at, script = copied(REPLICATION, "replication/page")
    table = ran(script)["table"]
    shown = at.dataframe[0].value
    same(table, shown, {"points": "num_points", "mean": "mean", "rms": "rms"})
    assert [f"n = {n}" for n in table.index] == shown["name"].tolist()


def test_figure_2() -> None:
    at, script = copied(REPLICATION | {"figure": "Figure 2"}, "replication/page")
    table = ran(script)["table"]
    assert f"and {table.loc['memorized', 'rms']:.1f} as a root mean square" in texts(at)
    assert f"and {table.loc['sharpness', 'rms']:.4f} as a root mean square" in texts(at)


@pytest.mark.parametrize("view", ["Misfit of C", "Misfit of sharpness"])
def test_the_misfit(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfit, "CLASSES", (3, 5))
    monkeypatch.setattr(misfit, "STEPS", (100, 200))
    at, script = copied(REPLICATION | {"figure": view}, "replication/page")
    cells = [rows for rows in drawn(at)[0]["datasets"].values() if rows and "misfit" in rows[0] and len(rows) == 4]
    shown = pd.DataFrame([cell for half in {str(rows): rows for rows in cells}.values() for cell in half])
    setting = ["bias", "num_classes", "num_steps"]
    same(ran(script)["table"], shown.sort_values(setting), {name: name for name in [*setting, "misfit"]})


# --- Bits -------------------------------------------------------------------------------------------------------------

BITS = {"bits": "bits", "low": "low", "high": "high", "per_parameter": "per_parameter", "N": "num_samples"}


@pytest.mark.parametrize("layers", [[], ["Exact optimum"]])
def test_bits(layers: list[str]) -> None:
    at, script = copied(CURVE | {"layers": layers} if layers else CURVE, "bits/page")
    order = ["of", "definition"]
    shown = at.dataframe[0].value.assign(definition=at.dataframe[0].value["definition"].str.lower())
    same(
        ran(script)["table"].sort_values(order), shown.sort_values(order), BITS | {"last": "last", "seeds": "num_seeds"}
    )


def test_bits_against_parameters() -> None:
    at, script = copied(SIZES | {"bits": "Against parameters"}, "bits/page")
    table, shown = ran(script)["table"], at.dataframe[0].value
    same(table, shown, BITS | {"n": "input_dim", "parameters": "num_parameters"})
    for definition, mean in table.groupby("definition")["per_parameter"].mean().items():
        own = shown[shown["definition"].str.lower() == definition]
        np.testing.assert_allclose(own["fit"] / own["num_parameters"], mean, rtol=1e-9)


# --- settings as source -----------------------------------------------------------------------------------------------

sizes = st.lists(st.integers(1, int(LIMITS["num_samples"].high)), min_size=1, max_size=30, unique=True)
evenly = st.tuples(st.integers(1, 50), st.integers(60, 20_000), st.integers(1, 40), st.booleans()).map(
    lambda ends: sorted(
        set((np.geomspace if ends[3] else np.linspace)(ends[0], ends[1], ends[2]).round().astype(int).tolist())
    )
)


@given(sizes | evenly)
def test_numbers_are_the_same_when_they_are_read_again(some: list[int]) -> None:
    assert list(eval(numbers_source(some), {"np": np})) == some  # noqa: S307


@given(
    st.sampled_from([SweepConfig, RunConfig]),
    st.booleans(),
    st.sampled_from(["adam", "gd"]),
    st.sampled_from([0.01, 1e-05, 3.0]),
    st.integers(1, 100_000),
)
def test_a_config_is_the_same_when_it_is_read_again(
    kind: type, bias: bool, optimizer: str, rate: float, num_steps: int
) -> None:
    rates = {"learning_rate": rate} if kind is RunConfig else {"learning_rates": (rate,)}
    sizes = (3, 4, 5) if kind is RunConfig else ((3,), 4, (5, 6))
    config = kind(*sizes, bias=bias, optimizer=optimizer, num_steps=num_steps, **rates)
    assert eval(config_source(config), {"np": np, "SweepConfig": SweepConfig, "RunConfig": RunConfig}) == config  # noqa: S307


def test_numbers_are_written_as_briefly_as_they_can_be() -> None:
    assert numbers_source((0, 1, 2, 3)) == "(0, 1, 2, 3)"
    assert numbers_source(tuple(range(5, 401, 5))) == "range(5, 401, 5)"
    assert numbers_source((0.01,)) == "(0.01,)"
    assert numbers_source((5, 16, 28, 39, 50)) == "np.linspace(5, 50, 5).round().astype(int)"
