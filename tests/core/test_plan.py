"""Which runs train together: all of them, once, coarse to fine, in chunks of the size asked for."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import PRESETS, LimitsConfig, LimitsSweep, RunConfig, SweepConfig, cost
from core.config import INPUTS, MEASURE_SHARPNESS, SCHEDULES
from core.plan import _CPU_BUDGET, _GPU_BUDGET, COARSEST, plan, recipe
from core.tasks import Task

mixed_runs = st.lists(
    st.builds(
        RunConfig,
        input_dim=st.integers(1, 60),
        num_classes=st.sampled_from([2, 10, 40]),
        num_samples=st.integers(1, 500),
        learning_rate=st.sampled_from([0.01, 0.1]),
        num_steps=st.sampled_from([10, 2_000]),
        bias=st.booleans(),
        optimizer=st.sampled_from(["adam", "gd"]),
        data_seed=st.integers(0, 2),
        init_seed=st.integers(0, 2),
        nested_data=st.booleans(),
        dtype=st.sampled_from(["float32", "float64"]),
        schedule=st.sampled_from(SCHEDULES),
        measure_sharpness=st.sampled_from(MEASURE_SHARPNESS),
        watch_samples=st.booleans(),
        inputs=st.sampled_from(INPUTS),
    ),
    max_size=60,
)
mixed_tasks = st.builds(
    lambda runs, of: [*runs, *(LimitsConfig.of(run, most=most) for run, most in of)],
    mixed_runs,
    st.lists(st.tuples(mixed_runs.filter(bool).map(lambda runs: runs[0]), st.booleans()), max_size=30),
)
grids = st.builds(
    SweepConfig,
    input_dims=st.lists(st.integers(1, 60), min_size=1, max_size=3),
    num_classes=st.just(10),
    num_samples=st.lists(st.integers(1, 500), min_size=1, max_size=100),
    learning_rates=st.lists(st.floats(0.001, 1), min_size=1, max_size=2),
    seeds=st.lists(st.integers(0, 9), min_size=1, max_size=3),
)
starts = st.lists(st.integers(0, 9), min_size=2, max_size=4, unique=True)


@given(mixed_runs, st.sampled_from(["cpu", "cuda"]))
def test_each_distinct_run_is_trained_once_and_a_chunk_has_one_recipe(runs: list[RunConfig], device: str) -> None:
    chunks = plan(runs + runs[::2], device)
    assert sorted(run.key() for chunk in chunks for run in chunk) == sorted({run.key() for run in runs})
    for chunk in chunks:
        assert len({recipe(run) for run in chunk}) == 1  # and none is empty
        assert len({run.watch_samples for run in chunk}) == 1  # a batch is watched or it is not


@given(mixed_runs)
def test_the_order_of_the_runs_does_not_matter_to_a_curve(runs: list[RunConfig]) -> None:
    """Else one link would mean one computation for the first student and another for the second."""
    assert plan(runs) == plan(runs[::-1])


@given(grids, st.data())
def test_what_the_question_is_about_comes_whole_before_all_others_which_keep_their_order(
    grid: SweepConfig, data: st.DataObject
) -> None:
    runs = grid.runs()
    first = data.draw(st.frozensets(st.sampled_from(runs)))
    order = [run for chunk in plan(runs, first=first) for run in chunk]
    assert frozenset(order[: len(first)]) == first
    assert order[len(first) :] == [run for chunk in plan(runs) for run in chunk if run not in first]
    assert not [chunk for chunk in plan(runs, first=first) if first & set(chunk) and not first >= set(chunk)]


@given(mixed_runs | grids.map(SweepConfig.runs), st.sampled_from(["cpu", "cuda"]))
def test_chunks_keep_to_their_budget(runs: list[RunConfig], device: str) -> None:
    budget = _CPU_BUDGET if device == "cpu" else _GPU_BUDGET
    for chunk in plan(runs, device):
        assert len(chunk) <= budget.runs
        assert len(chunk) == 1 or sum(map(cost.peak_bytes, chunk)) <= budget.bytes
        # An even number of parts, rounded, may be half as large again; and a run is not cut in two.
        assert sum(map(cost.seconds, chunk)) <= 1.5 * budget.seconds + max(map(cost.seconds, chunk))


def test_the_first_chunk_is_soon_there() -> None:
    first, *others = plan(PRESETS["liu-fig1-as-plotted"].runs())
    assert sum(map(cost.seconds, first)) <= 1.5 * _CPU_BUDGET.first_seconds + max(map(cost.seconds, first))
    assert _CPU_BUDGET.first_seconds < _CPU_BUDGET.seconds
    assert len(others) > 10  # there is something to stop and to draw before the end


@given(grids)
def test_every_curve_of_the_first_seed_is_there_coarsely_before_any_is_there_finely(grid: SweepConfig) -> None:
    order = [run for chunk in plan(grid.runs()) for run in chunk]
    first_seed = [run for run in order if run.data_seed == min(grid.seeds)]
    assert order[: len(first_seed)] == first_seed

    curves: dict[RunConfig, list[int]] = {}
    for place, run in enumerate(first_seed):
        curves.setdefault(replace(run, num_samples=1), []).append(place)
    last_coarse, first_fine = 0, len(first_seed)
    for places in curves.values():
        samples = [first_seed[place].num_samples for place in places]
        # A curve comes in passes from small N to large N; the first pass ends where N falls.
        end = next((i for i in range(1, len(samples)) if samples[i] < samples[i - 1]), len(samples))
        last_coarse = max(last_coarse, places[end - 1])
        first_fine = min([first_fine, *places[end:]])

        everything = sorted(samples)
        coarse = [everything.index(n) for n in samples[:end]]
        assert (coarse[0], coarse[-1]) == (0, len(samples) - 1)
        assert len(coarse) >= min(COARSEST, len(samples))
        assert all(b - a <= max(1, len(samples) / COARSEST) for a, b in pairwise(coarse))
    assert last_coarse < first_fine


@given(grids, starts)
def test_a_curve_is_there_from_one_initial_weights_before_it_is_from_others(
    grid: SweepConfig, starts: list[int]
) -> None:
    """Other initial weights are repetitions, as other data are: the first pass is of the smallest seeds of both."""
    order = [run for chunk in plan(replace(grid, init_seeds=tuple(starts)).runs()) for run in chunk]
    first = (min(grid.seeds), min(starts))
    places = [place for place, run in enumerate(order) if (run.data_seed, run.init_seed) == first]
    assert places == list(range(len(places)))
    assert len(order) == len(places) * len(grid.seeds) * len(starts)


@given(grids)
def test_each_law_of_inputs_has_curves_of_its_own_that_train_with_those_of_others(grid: SweepConfig) -> None:
    """Its points come in the order that they have when it is alone, though the other law has other N."""
    alone = replace(grid, inputs="sphere", seeds=(0,))
    others = replace(alone, inputs="signs", num_samples=tuple(n + 500 for n in range(1, 100)))
    order = [run for chunk in plan(others.runs() + alone.runs()) for run in chunk]
    assert [run for run in order if run.inputs == "sphere"] == [run for chunk in plan(alone.runs()) for run in chunk]
    of_each_law = [replace(run, inputs=law) for law in INPUTS for run in alone.runs()]
    assert plan(of_each_law) == plan(of_each_law[::-1])
    assert {recipe(run) for run in of_each_law} == {recipe(run) for run in alone.runs()}


# --- limits -----------------------------------------------------------------------------------------------------------


@given(mixed_tasks, st.sampled_from(["cpu", "cuda"]), st.randoms())
def test_limits_and_runs_never_share_a_chunk_and_the_order_in_which_they_come_does_not_matter(
    tasks: list[Task], device: str, rng: random.Random
) -> None:
    chunks = plan(tasks + tasks[::2], device)
    assert sorted(task.key() for chunk in chunks for task in chunk) == sorted({task.key() for task in tasks})
    for chunk in chunks:
        assert len({type(task) for task in chunk}) == len({recipe(task) for task in chunk}) == 1
    assert plan(rng.sample(tasks, len(tasks)), device) == chunks


@given(mixed_tasks)
def test_chunks_of_limits_keep_to_their_budget_too(tasks: list[Task]) -> None:
    for chunk in plan(tasks):
        assert len(chunk) == 1 or sum(map(cost.peak_bytes, chunk)) <= _CPU_BUDGET.bytes
        assert sum(map(cost.seconds, chunk)) <= 1.5 * _CPU_BUDGET.seconds + max(map(cost.seconds, chunk))


@given(grids, st.booleans())
def test_limits_come_coarse_to_fine_as_the_runs_on_their_data_do(grid: SweepConfig, most: bool) -> None:
    grid = replace(grid, learning_rates=(0.01,))
    runs = [LimitsConfig.of(run, most=most) for chunk in plan(grid.runs()) for run in chunk]
    assert [config for chunk in plan(LimitsSweep(grid, most).runs()) for config in chunk] == runs


@given(grids)
def test_limits_beside_runs_are_there_coarsely_before_either_is_there_finely(grid: SweepConfig) -> None:
    """A chart of both shows both from the start."""
    grid = replace(grid, input_dims=grid.input_dims[:1], learning_rates=(0.01,))
    limits = LimitsSweep(grid, most=True).runs()
    order = [task for chunk in plan([*grid.runs(), *limits]) for task in chunk]
    first_seed = [task for task in order if task.data_seed == min(grid.seeds)]
    assert order[: len(first_seed)] == first_seed  # of both kinds, before any other
    last_coarse, first_fine = 0, len(first_seed)
    for kind, alone in ((RunConfig, plan(grid.runs())), (LimitsConfig, plan(limits))):
        assert [task for task in order if isinstance(task, kind)] == [task for chunk in alone for task in chunk]
        places = [place for place, task in enumerate(first_seed) if isinstance(task, kind)]
        samples = [first_seed[place].num_samples for place in places]
        end = next((i for i in range(1, len(samples)) if samples[i] < samples[i - 1]), len(samples))
        assert (samples[0], samples[end - 1]) == (min(grid.num_samples), max(grid.num_samples))
        last_coarse = max(last_coarse, places[end - 1])
        first_fine = min([first_fine, *places[end:]])
    assert last_coarse < first_fine


@pytest.mark.parametrize(("preset", "num_curves"), [("liu-fig1-as-plotted", 4), ("liu-fig2-as-plotted", 1)])
def test_a_published_figure_begins_with_few_points_of_every_curve(preset: str, num_curves: int) -> None:
    order = [run for chunk in plan(PRESETS[preset].runs()) for run in chunk]
    coarse = order[: 6 * num_curves]
    assert len({run.input_dim for run in coarse}) == num_curves
    assert {run.num_samples for run in coarse} == {5, 80, 160, 240, 320, 400}
    assert {run.data_seed for run in coarse} == {0}
