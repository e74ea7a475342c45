"""`python -m core`: sweeps and exact limits without the app, to warm its cache or to script; the benchmarks."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

from core import cluster, grid, table
from core.cache import ResultCache, open_cache
from core.config import SweepConfig
from core.limits import LimitsResult
from core.progress import Progress
from core.result import RunResult
from core.sweep import IncompleteSweepError, sweep
from core.tasks import LimitsSweep, Task
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim
from core.work import Result

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
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")

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
    limits_parser.add_argument("--input-dim", type=int, required=True, metavar="n", help="the dimension of the inputs")
    limits_parser.add_argument("--num-classes", type=int, required=True, metavar="V", help="the number of labels")
    samples_help = f"{grid.SAMPLES_HELP}: any of 200, and 5:400:5 for 5, 10, ... 400"
    limits_parser.add_argument(
        "--num-samples", type=grid.whole_numbers, required=True, nargs="+", metavar="N", help=samples_help
    )
    seeds_help = f"data sets of each N: {grid.SEEDS_HELP} (default: 4)"
    limits_parser.add_argument("--seeds", type=grid.seeds, default="4", metavar="COUNT", help=seeds_help)
    limits_parser.add_argument("--no-bias", dest="bias", action="store_false", help="classes without a bias")
    limits_parser.add_argument("--out", metavar="FILE", help="a .csv or .parquet file, instead of printing")
    limits_parser.set_defaults(run=_limits)

    cache_parser = commands.add_parser("cache", help="say what is kept on disk")
    cache_parser.add_argument("--clear", action="store_true", help="delete it all")
    cache_parser.set_defaults(run=lambda args: _cache(clear=args.clear))

    bench_parser = commands.add_parser("bench", help="time the sweeps of the published figures beside their baselines")
    bench_parser.set_defaults(run=lambda _: _bench())

    args, unknown = parser.parse_known_args()
    if unknown:  # told with the usage of the command, and not of all of them
        commands.choices[args.command].error(f"unrecognized arguments: {' '.join(unknown)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # it ends like Ctrl-C
    try:
        args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # who reads the output has enough of it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes what is left when it ends
        sys.exit(1)
    except KeyboardInterrupt:
        _end(INTERRUPTED, "\nstopped; what was computed is kept, and the same command goes on from there")
    except IncompleteSweepError as error:
        _end(1, str(error))


def _sweep(args: argparse.Namespace) -> None:
    with _refusals():
        config = grid.config_of(args)
        path = None if args.out is None else table.checked_path(args.out)
    runs = config.runs()
    rows, progress, cache = table.RunTable(runs), Progress(runs), open_cache()
    with contextlib.closing(_results(runs, cache, progress)) as results:
        for result in results:
            rows.add(cast("RunResult", result))
    if path is not None:
        _write(rows.columns(), path)
    stats = cache.stats()  # of a problem it has warned already
    kept = "" if stats.problem else f"; kept in {stats.directory}"
    print(f"{len(runs):,} run{'' if len(runs) == 1 else 's'}, {progress.num_computed:,} of them trained now{kept}")


def _limits(args: argparse.Namespace) -> None:
    with _refusals():
        num_samples = tuple(sorted(grid.flattened(args.num_samples)))
        config = SweepConfig((args.input_dim,), args.num_classes, num_samples, seeds=args.seeds, bias=args.bias)
        grid.check_size(config)
        path = None if args.out is None else table.checked_path(args.out)
    tasks = sorted(LimitsSweep(config, most=True).runs(), key=lambda task: (task.num_samples, task.data_seed))
    progress = None if path is None else Progress(tasks)
    with contextlib.closing(_results(tasks, open_cache(), progress)) as results:
        rows = map(_limits_row, _in_order(results, tasks))
        if path is None:
            _print_limits(rows, capacity_per_dim(config.num_classes) * (args.input_dim + config.bias))
            return
        found = list(rows)
    _write({name: [row[name] for row in found] for name in _LIMITS_COLUMNS}, path)


def _print_limits(rows: Iterable[dict[str, Any]], threshold: float) -> None:
    print(f"# theory, n -> infinity: all can be memorized up to N = {threshold:.1f}")
    print(",".join(_LIMITS_COLUMNS))
    for row in rows:
        print(",".join(format(row[name], how) for name, how in _LIMITS_COLUMNS.items()), flush=True)


def _limits_row(result: Result) -> dict[str, Any]:
    """What is known of a data set, by `_LIMITS_COLUMNS`."""
    found = cast("LimitsResult", result)
    config, inputs = found.config, found.config.input_dim + found.config.bias
    v, load = config.num_classes, config.num_samples / inputs
    theory = inputs * optimum_memorized_per_dim(v, load), inputs * most_memorizable_per_dim(v, load)
    measured = table.limits_numbers(found).values()
    return dict(zip(_LIMITS_COLUMNS, (config.num_samples, config.data_seed, *measured, *theory), strict=True))


def _results(tasks: Sequence[Task], cache: ResultCache, progress: Progress | None) -> Generator[Result]:
    """What `sweep` gives, with its progress on the terminal. Where all is cached, no cluster is asked for anything."""
    missing = []
    try:
        for task in tasks:
            if (known := cache.get(task)) is None:
                missing.append(task)
                continue
            if progress is not None:
                progress.add(task, computed=False)
            yield known
        if not missing:
            return
        with contextlib.closing(_computed(missing, cache)) as results:  # whatever happens, no worker goes on for nobody
            for result in results:
                if progress is not None:
                    progress.add(result.config, computed=True)
                yield result
    finally:
        if progress is not None:
            progress.close()


def _computed(tasks: Sequence[Task], cache: ResultCache) -> Generator[Result]:
    with _refusals():
        executor = cluster.from_environment()
    with executor or contextlib.nullcontext():
        results = cast("Generator[Result]", sweep(tasks, cache=cache, executor=executor))
        with contextlib.closing(results):
            yield from results


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
        why = error.strerror or error  # and not the name of a file that is only there while writing
        _end(1, f"{path} could not be written ({why}); what was computed is kept, so that another try is quick")
    print(f"{path} is written")


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """A request that cannot be met gets one sentence, and the status of a wrong command line."""
    try:
        yield
    except ValueError as error:
        _end(BAD_REQUEST, grid.as_typed(str(error)))


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


def _bench() -> None:
    # Which nobody else waits for.
    from core.bench import cluster as clusters
    from core.bench import growth, heat_map, limits, memory, samples, sharpness, speed

    for part in (speed, sharpness, limits, samples, heat_map, growth, memory, clusters):
        part.report()
        print()


if __name__ == "__main__":
    main()
