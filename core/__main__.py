"""`python -m core`: sweeps and exact limits without the app, to warm its cache or to script; the benchmarks."""

import argparse
import contextlib
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NoReturn, cast

from core import cluster, grid, table
from core.cache import ResultCache, open_cache
from core.config import SweepConfig
from core.limits import LimitsResult
from core.progress import Progress
from core.result import RunResult
from core.sweep import IncompleteSweepError, RecordingCache, sweep
from core.tasks import LimitsSweep, Task
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim
from core.work import Result

MOST_SEEDS = 1_000
BAD_REQUEST = 2
INTERRUPTED = 130  # as a shell reports Ctrl-C

# How each column is printed.
_LIMITS_COLUMNS = {
    "num_samples": "d",
    "data_seed": "d",
    "verdict": "s",
    "kind": "s",
    "optimum_memorized": "d",
    "optimum_loss": ".9g",
    "memorizable": "d",
    "theory_optimum": ".1f",
    "theory_memorizable": ".1f",
}


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    sweep_parser = commands.add_parser(
        "sweep",
        help="train a sweep into the cache, and write it as a table",
        usage="python -m core sweep [--preset NAME] [settings] [--out FILE.csv|FILE.parquet]",
        description="Train a sweep into the cache. Start it again after a kill: it computes only what is missing.",
        epilog=_described_columns(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    grid.add_arguments(sweep_parser)
    sweep_parser.add_argument("--out", metavar="FILE", help="a .csv or .parquet file, one row a run")
    sweep_parser.set_defaults(run=_sweep)

    limits_parser = commands.add_parser("limits", help="solve for what no optimizer can pass, and print it as CSV")
    limits_parser.add_argument("--input-dim", type=int, required=True, metavar="n")
    limits_parser.add_argument("--num-classes", type=int, required=True, metavar="V")
    limits_parser.add_argument("--num-samples", type=grid.whole_numbers, required=True, nargs="+", metavar="N")
    limits_parser.add_argument("--seeds", type=int, default=4, help="data sets of each N")
    limits_parser.add_argument("--no-bias", dest="bias", action="store_false", help="classes without a bias")
    limits_parser.add_argument("--out", metavar="FILE", help="a .csv or .parquet file, instead of printing")
    limits_parser.set_defaults(run=_limits)

    cache_parser = commands.add_parser("cache", help="say what is kept on disk")
    cache_parser.add_argument("--clear", action="store_true", help="delete it all")
    cache_parser.set_defaults(run=lambda args: _cache(clear=args.clear))

    bench_parser = commands.add_parser("bench", help="time the sweeps of the published figures beside their baselines")
    bench_parser.set_defaults(run=lambda _: _bench())

    args = parser.parse_args()
    try:
        args.run(args)
    except KeyboardInterrupt:
        _end(INTERRUPTED, "\nstopped; what was computed is kept, and the same command goes on from there")
    except IncompleteSweepError as error:
        _end(1, str(error))


def _sweep(args: argparse.Namespace) -> None:
    with _refusals():
        config = grid.config_of(args)
        path = table.checked_path(args.out) if args.out else None
        executor = cluster.from_environment()
    runs = config.runs()
    rows, progress, cache = table.RunTable(runs), Progress(runs), open_cache()
    with executor or contextlib.nullcontext():
        for result in _results(runs, cache, executor, progress):
            rows.add(cast("RunResult", result))
    if path is not None:
        _write(rows.columns(), path)
    stats = cache.stats()
    print(f"{len(runs):,} runs, {progress.num_computed:,} of them trained now; kept in {stats.directory}")
    if stats.problem:
        print(stats.problem, file=sys.stderr)


def _limits(args: argparse.Namespace) -> None:
    with _refusals():
        if not 1 <= args.seeds <= MOST_SEEDS:
            raise ValueError(f"seeds must be a whole number from 1 to {MOST_SEEDS:,}, but it is {args.seeds}")
        num_samples = tuple(sorted(grid.flattened(args.num_samples)))
        seeds = tuple(range(args.seeds))
        config = SweepConfig((args.input_dim,), args.num_classes, num_samples, seeds=seeds, bias=args.bias)
        path = table.checked_path(args.out) if args.out else None
        executor = cluster.from_environment()
    tasks = sorted(LimitsSweep(config, most=True).runs(), key=lambda task: (task.num_samples, task.data_seed))
    with executor or contextlib.nullcontext():
        if path is not None:
            found = _results(tasks, open_cache(), executor, Progress(tasks))
            rows = [_limits_row(result) for result in _in_order(found, tasks)]
            _write({name: [row[name] for row in rows] for name in _LIMITS_COLUMNS}, path)
            return
        threshold = capacity_per_dim(config.num_classes) * (args.input_dim + config.bias)
        print(f"# theory, n -> infinity: all can be memorized up to N = {threshold:.1f}")
        print(",".join(_LIMITS_COLUMNS))
        for result in _in_order(_results(tasks, open_cache(), executor, None), tasks):
            row = _limits_row(result)
            print(",".join(format(row[name], how) for name, how in _LIMITS_COLUMNS.items()), flush=True)


def _limits_row(result: Result) -> dict[str, Any]:
    """What is known of a data set, by `_LIMITS_COLUMNS`."""
    found = cast("LimitsResult", result)
    config, inputs = found.config, found.config.input_dim + found.config.bias
    v, load = config.num_classes, config.num_samples / inputs
    theory = inputs * optimum_memorized_per_dim(v, load), inputs * most_memorizable_per_dim(v, load)
    measured = found.verdict, found.kind, found.num_memorized, found.mean_loss, found.num_most
    return dict(zip(_LIMITS_COLUMNS, (config.num_samples, config.data_seed, *measured, *theory), strict=True))


def _results(
    tasks: Sequence[Task], cache: ResultCache, executor: Executor | None, progress: Progress | None
) -> Iterator[Result]:
    """What `sweep` gives, with its progress on the terminal."""
    recording = RecordingCache(cache)
    results = cast("Generator[Result]", sweep(tasks, cache=recording, executor=executor))
    try:
        for result in results:
            if progress is not None:
                progress.add(result.config, computed=result.config in recording.computed)
            yield result
    finally:
        results.close()  # whatever happens, no worker goes on for nobody
        if progress is not None:
            progress.close()


def _in_order(results: Iterable[Result], tasks: Sequence[Task]) -> Iterator[Result]:
    """`results` in the order of `tasks`, each as soon as all before it are there."""
    waiting: dict[Task, Result] = {}
    due = iter(tasks)
    task = next(due, None)
    for result in results:
        waiting[result.config] = result
        while task in waiting:
            yield waiting.pop(task)
            task = next(due, None)


def _write(columns: dict[str, Any], path: Path) -> None:
    try:
        table.write(columns, path)
    except OSError as error:
        _end(1, f"{path} could not be written ({error}); what was computed is kept, so that another try is quick")
    print(f"{path} is written")


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """A request that cannot be met gets one sentence, and the status of a wrong command line."""
    try:
        yield
    except ValueError as error:
        _end(BAD_REQUEST, str(error))


def _end(status: int, sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(status)


def _described_columns() -> str:
    lines = [f"  {name:<25}{words}" for name, (_, words) in table.NUMBERS.items()]
    return "columns of the file: the settings of each run, as in core.RunConfig, and\n" + "\n".join(lines)


def _cache(*, clear: bool) -> None:
    cache = open_cache()
    if clear:
        print(f"{cache.clear():,} results deleted")
    stats = cache.stats()
    size, limit = stats.bytes / 1e6, stats.size_limit / 1e6
    print(f"{stats.entries:,} results, {size:,.1f} MB of {limit:,.0f} MB, in {stats.directory}")
    if stats.problem:
        print(stats.problem)


def _bench() -> None:
    # Which nobody else waits for.
    from core.bench import cluster as clusters
    from core.bench import growth, heat_map, limits, memory, samples, sharpness, speed

    for part in (speed, sharpness, limits, samples, heat_map, growth, memory, clusters):
        part.report()
        print()


if __name__ == "__main__":
    main()
