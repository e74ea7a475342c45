"""The scripts of the page Limits: the curve, and closing the gap."""

from dataclasses import replace

from core.config import SweepConfig
from explorer.keep.scripts.source import config_source, script

CURVE = """\
config = $config
cache = open_cache()
runs = pd.DataFrame(
    {"N": r.config.num_samples, "seed": r.config.data_seed, "trained": r.num_memorized, "loss": r.mean_loss}
    for r in sweep(config.runs(), cache=cache)
    if not r.diverged
)
exact = pd.DataFrame(
    {
        "N": r.config.num_samples,
        "seed": r.config.data_seed,
        "optimum": r.num_memorized,
        "most": r.num_most,
        "least_loss": r.mean_loss,
        "separable": r.verdict == "separable",
        "finite": r.kind == "finite",
    }
    for r in sweep(LimitsSweep(config, most=True).runs(), cache=cache)
)
both = runs.merge(exact, on=["N", "seed"])
table = both.groupby("N").mean().drop(columns="seed")
table["difference"] = table["trained"] - table["optimum"]
table["largest_difference"] = (both["trained"] - both["optimum"]).abs().groupby(both["N"]).max()
inputs = config.input_dims[0] + config.bias
table["most_estimate"] = inputs * most_memorizable_per_dim(config.num_classes, table.index.to_numpy() / inputs)
print(table.to_string())
print(f"by theory, all can be memorized up to N = {capacity_per_dim(config.num_classes) * inputs:.1f}")
"""
CLOSING = """\
config = $config
cache = open_cache()
optima = {r.config.data_seed: r for r in sweep(LimitsSweep(config).runs(), cache=cache)}
print(f"C at the optimum: {np.mean([r.num_memorized for r in optima.values()]):.2f}")
along = pd.concat(
    pd.DataFrame(
        {
            "rate": r.config.learning_rate,
            "step": r.checkpoint_steps,
            "C": r.num_memorized_at,
            "gap": r.loss_at.astype(float) - optima[r.config.data_seed].mean_loss,
        }
    )
    for r in sweep(config.runs(), cache=cache)
    if not r.diverged
)
table = along[along["step"] > 0].groupby(["rate", "step"]).mean()  # gap: nats above the least loss
print(table.to_string())
for rate, own in table["gap"].groupby("rate"):
    steps = own.index.get_level_values("step")
    near = steps[steps > steps[own > 1e-3].max()] if (own > 1e-3).any() else steps
    print(f"at {rate:g} the loss stays within 0.001 nats of the least from step {near.min()} on")
"""


def curve_script(config: SweepConfig, at: int) -> str:
    """Prints C as trained beside its exact limits, at each N.

    Args:
        config: the sweep of the curve.
        at: the N that is looked at, which may be none of the curve's.
    """
    num_samples = tuple(sorted({*config.num_samples, at}))
    return script(CURVE, config=config_source(replace(config, num_samples=num_samples)))


def closing_script(config: SweepConfig) -> str:
    """Prints C and the loss above the least one, along training, for each learning rate."""
    return script(CLOSING, config=config_source(config))
