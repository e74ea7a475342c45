"""The scripts of the page Jamming."""

from core.config import SweepConfig
from explorer.keep.scripts.source import config_source, script

JUMP = """\
config = $config
runs = pd.DataFrame(
    {
        "N": r.config.num_samples,
        "seed": r.config.data_seed,
        "C": r.num_memorized,
        "sharpness": r.sharpness_at["value"][-1],
    }
    for r in sweep(config.runs(), cache=open_cache())
    if not r.diverged
)
table = runs.groupby("N")[["C", "sharpness"]].mean()
print(table.to_string())

full = capacity(table.index, table["C"])
curves = runs.pivot(index="seed", columns="N", values="sharpness").dropna()
jump = None if full.is_lower_bound else transition(curves.columns, curves)
if jump is None:
    print("there is no jump")
else:
    print(f"the sharpness jumps at N = {jump.mean:.1f} ({jump.low:.1f} to {jump.high:.1f}, {jump.num_values} seeds)")
    print(f"at least 95 % are memorized up to N = {full.num_samples:.1f}")
"""
EDGE = """\
config = $config
runs = pd.DataFrame(
    {
        "N": r.config.num_samples,
        "stability": r.config.learning_rate * r.preconditioned_sharpness_at["value"][-1],
    }
    for r in sweep(config.runs(), cache=open_cache())
    if not r.diverged
)
table = runs.groupby("N").mean()
print(table.to_string())

edge = edge_of_stability(config.runs()[0])
near = table["stability"] >= 0.9 * edge
share = near[::-1].expanding().mean()[::-1]  # of the N from here on
first = table.index[near & (share >= 0.9)].min()
beyond = table.loc[table.index >= first, "stability"].mean()
print(f"the edge is at {edge:g}; training ends there from N = {first} on: {beyond:.2f} on average")
"""
TRAINING = """\
config = $config
table = (
    pd.concat(
        pd.DataFrame(
            {
                "step": r.checkpoint_steps,
                "C": r.num_memorized_at,
                "sharpness": r.sharpness_at["value"],
                "stability": r.config.learning_rate * r.preconditioned_sharpness_at["value"],
            }
        )
        for r in sweep(config.runs(), cache=open_cache())
        if not r.diverged
    )
    .groupby("step")
    .mean()
)
print(table.to_string())
print(f"the edge of stability is at {edge_of_stability(config.runs()[0]):g}")
"""


def jump_script(config: SweepConfig) -> str:
    """Prints C and sharpness at each N, and where the sharpness jumps."""
    return _of(JUMP, config)


def edge_script(config: SweepConfig) -> str:
    """Prints the stability at each N, and from where on training ends at its edge."""
    return _of(EDGE, config)


def training_script(config: SweepConfig) -> str:
    """Prints C, sharpness and stability at each checkpoint."""
    return _of(TRAINING, config)


def _of(template: str, config: SweepConfig) -> str:
    return script(template, config=config_source(config))
