"""`python -m core`: sweeps and exact limits without the app, to warm its cache or to script; the benchmarks."""

import argparse
import sys

from core.cache import open_cache
from core.config import SweepConfig
from core.presets import PRESETS
from core.sweep import sweep
from core.tasks import LimitsSweep
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim

MOST_SEEDS = 1_000


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    sweep_parser = commands.add_parser("sweep", help="train a named sweep into the cache")
    sweep_parser.add_argument("--preset", required=True, choices=sorted(PRESETS), help="which sweep")
    sweep_parser.set_defaults(run=lambda args: _sweep(args.preset))

    limits_parser = commands.add_parser("limits", help="solve for what no optimizer can pass, and print it as CSV")
    limits_parser.add_argument("--input-dim", type=int, required=True, metavar="n")
    limits_parser.add_argument("--num-classes", type=int, required=True, metavar="V")
    limits_parser.add_argument("--num-samples", type=int, required=True, nargs="+", metavar="N")
    limits_parser.add_argument("--seeds", type=int, default=4, help="data sets of each N")
    limits_parser.add_argument("--no-bias", dest="bias", action="store_false", help="classes without a bias")
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
        sys.exit("stopped; what was trained is kept")


def _sweep(preset: str) -> None:
    runs = PRESETS[preset].runs()
    cache = open_cache()
    for there, _ in enumerate(sweep(runs, cache=cache), start=1):
        print(f"\r{there:,} of {len(runs):,} runs", end="", flush=True)
    print(f"\nkept in {cache.stats().directory}")


def _limits(args: argparse.Namespace) -> None:
    if not 1 <= args.seeds <= MOST_SEEDS:
        sys.exit(f"seeds must be a whole number from 1 to {MOST_SEEDS:,}, but it is {args.seeds}")
    try:
        config = SweepConfig(
            (args.input_dim,), args.num_classes, args.num_samples, seeds=tuple(range(args.seeds)), bias=args.bias
        )
    except ValueError as error:
        sys.exit(str(error))
    v, inputs = config.num_classes, args.input_dim + config.bias
    print(f"# theory, n -> infinity: all can be memorized up to N = {capacity_per_dim(v) * inputs:.1f}")
    print("num_samples,data_seed,verdict,optimum_memorized,optimum_loss,memorizable,theory_optimum,theory_memorizable")
    for found in sweep(LimitsSweep(config, most=True).runs(), cache=open_cache()):
        load = found.config.num_samples / inputs
        print(
            f"{found.config.num_samples},{found.config.data_seed},{found.verdict},{found.num_memorized},"
            f"{found.mean_loss:.9g},{found.num_most},{inputs * optimum_memorized_per_dim(v, load):.1f},"
            f"{inputs * most_memorizable_per_dim(v, load):.1f}",
            flush=True,
        )


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
    from core.bench import growth, heat_map, limits, memory, samples, sharpness, speed  # which nobody else waits for

    for part in (speed, sharpness, limits, samples, heat_map, growth, memory):
        part.report()
        print()


if __name__ == "__main__":
    main()
