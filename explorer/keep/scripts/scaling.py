"""The script of the page Limits' view of how capacity scales."""

from collections.abc import Sequence

from core.config import SweepConfig
from explorer.keep.scripts.source import INDENT, LINE, config_source, numbers_source, script

LAYERS = """\
shared = $config
sizes = {  # (n, V): N
$sizes
}
"""
EACH = """\
rows = []
for (n, V), num_samples in sizes.items():
    config = replace(shared, input_dims=(n,), num_classes=V, num_samples=num_samples)
"""
TRAINED = """\


def capacity_of(curves):  # (seeds, N)
    found = capacity(curves.columns, curves.mean())
    if found.is_lower_bound or found.num_samples < curves.columns[0]:
        return np.nan  # a bound only
    return found.num_samples


def values_of(config):
    for r in sweep(config.runs(), cache=open_cache()):
        if not r.diverged:
            yield r.config, r.num_memorized


"""
SEPARABLE = """\


def capacity_of(curves):  # (seeds, N)
    share = curves.mean().to_numpy()
    if share[-1] > 0 or share[0] < 1 or np.isnan(share).any():
        return np.nan  # a bound only
    places = np.arange(curves.columns[0], curves.columns[-1] + 1)
    return places[0] - 1 + np.interp(places, curves.columns, share).sum()


def values_of(config):
    can = {"separable": 1.0, "not separable": 0.0, "undecided": np.nan}
    for r in sweep(LimitsSweep(config).runs(), cache=open_cache()):
        yield r.config, can[r.verdict]


"""
TABLE = """\
    values = pd.DataFrame({"seed": c.data_seed, "N": c.num_samples, "value": v} for c, v in values_of(config))
    curves = values.pivot(index="seed", columns="N", values="value").dropna()
    theory = capacity_per_dim(V) * (n + config.bias)
    found = capacity_of(curves)
    own = [capacity_of(curves.loc[[seed]]) for seed in curves.index]
    rows.append({"V": V, "n": n, "capacity": found, "per_dim": found / n, "theory": theory, "own": own})
table = pd.DataFrame(rows)
table["residual"] = 100 * (table["capacity"] / table["theory"] - 1)  # per cent
print(table.drop(columns="own").to_string(index=False))

known = table.dropna()
for V, layers in known.groupby("V"):
    weights = layers["n"] / (layers["n"] ** 2).sum()  # of the line through the origin, by least squares
    print(f"V = {V}: C = {(weights * layers['capacity']).sum():.3f} n; theory", end=" ")
    print(f"{(weights * layers['theory']).sum():.3f} n")
"""


def scaling_script(sweeps: Sequence[SweepConfig], by: str) -> str:
    """Prints the capacity of each n and V beside theory, and the lines through them.

    Args:
        sweeps: each of one n and V.
        by: "trained" or "separable".
    """
    template = LAYERS + (TRAINED if by == "trained" else SEPARABLE) + EACH + TABLE
    return script(template, config=config_source(sweeps[0]), sizes=layers_source(sweeps))


def layers_source(sweeps: Sequence[SweepConfig]) -> str:
    """The values of N of each layer, a line each, as the inside of a dictionary."""
    lines = []
    for sweep in sweeps:
        line = f"{INDENT}({sweep.input_dims[0]}, {sweep.num_classes}): {numbers_source(sweep.num_samples)},"
        lines.append(f"{line}  # fmt: skip" if len(line) > LINE else line)
    return "\n".join(lines)
