"""`python -m core`: sweeps without the app, to warm the cache before a class; the cache; the benchmarks."""

import argparse
import sys

from core.bench import growth, heat_map, memory, samples, sharpness, speed
from core.cache import open_cache
from core.presets import PRESETS
from core.sweep import sweep


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    sweep_parser = commands.add_parser("sweep", help="train a named sweep into the cache")
    sweep_parser.add_argument("--preset", required=True, choices=sorted(PRESETS), help="which sweep")
    sweep_parser.set_defaults(run=lambda args: _sweep(args.preset))

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


def _cache(*, clear: bool) -> None:
    cache = open_cache()
    if clear:
        print(f"{cache.clear():,} runs deleted")
    stats = cache.stats()
    size, limit = stats.bytes / 1e6, stats.size_limit / 1e6
    print(f"{stats.entries:,} runs, {size:,.1f} MB of {limit:,.0f} MB, in {stats.directory}")
    if stats.problem:
        print(stats.problem)


def _bench() -> None:
    for part in (speed, sharpness, samples, heat_map, growth, memory):
        part.report()
        print()


if __name__ == "__main__":
    main()
