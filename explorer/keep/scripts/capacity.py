"""The script of the page Capacity."""

from collections.abc import Collection

from core.config import SweepConfig
from explorer.keep.scripts.source import config_source, script

TRAINED = """\
config = $config
runs = pd.DataFrame(
    {"n": r.config.input_dim, "N": r.config.num_samples, "seed": r.config.data_seed, "C": r.num_memorized}
    for r in sweep(config.runs(), cache=open_cache())
    if not r.diverged
)
rows = []
for n, own in runs.groupby("n"):
    mean = own.groupby("N")["C"].mean()
    knee = capacity(mean.index, mean)
    curves = [curve for _, curve in own.groupby("seed") if len(curve) == len(config.num_samples)]
    knees = [capacity(curve["N"], curve["C"]) for curve in curves]
    several = len(knees) > 1 and not any(each.is_lower_bound for each in knees)
    rows.append(
        {
            "n": n,
            "capacity": knee.num_samples,
            "sd": np.std([each.num_samples for each in knees], ddof=1) if several else np.nan,
            "per_dim": knee.num_samples / n,
            "at_least": knee.is_lower_bound,
            "last_C": mean.iloc[-1],
            "seeds": len(curves),
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""
OPTIMUM = """
exact = pd.DataFrame(
    {"n": r.config.input_dim, "N": r.config.num_samples, "C": r.num_memorized}
    for r in sweep(LimitsSweep(config).runs(), cache=open_cache())
)
ours, best = (each.groupby(["n", "N"])["C"].mean().unstack(0) for each in (runs, exact))
knees = table[~table["at_least"]].set_index("n")["capacity"]
for n, knee in knees.items():
    apart = (ours - best).loc[best.index > knee, n]
    print(f"n = {n}: beyond the knee, C as trained minus C at the optimum is {apart.mean():.2f} on average")
"""
THEORY = """
for n in config.input_dims:
    threshold = capacity_per_dim(config.num_classes) * (n + config.bias)
    print(f"n = {n}: by theory, all can be memorized up to N = {threshold:.1f}")
"""


def capacity_script(config: SweepConfig, layers: Collection[str]) -> str:
    """Prints the capacity of each n; with the exact limits that are asked for.

    Args:
        config: the sweep.
        layers: of "optimum" and "theory", those that are shown.
    """
    parts = [TRAINED, OPTIMUM if "optimum" in layers else "", THEORY if "theory" in layers else ""]
    return script("".join(parts), config=config_source(config))
