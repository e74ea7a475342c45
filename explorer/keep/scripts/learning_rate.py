"""The scripts of the page Learning rate."""

from collections.abc import Sequence

from core.config import SweepConfig
from explorer.keep.scripts.source import config_source, script, text

MAP = """\
config = $config
runs = pd.DataFrame(
    {
        "$symbol": r.config.$field,
        "rate": r.config.learning_rate,
        "seed": r.config.data_seed,
        "C": 0 if r.diverged else r.num_memorized,$measured
    }
    for r in sweep(config.runs(), cache=open_cache())
)$edge
told = {}
rows = []
for size, own in runs.groupby("$symbol"):
    C = own.pivot(index="rate", columns="seed", values="C")
    found = told[size] = judge(C.index, C)$near
    rows.append(
        {
            "$symbol": size,
            "best": found.rates[found.best],
            "lowest": found.rates[found.lowest],
            "highest": found.rates[found.highest],$edge_rate
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))

found = told[$here]
place = found.rates.index($asked)
behind = found.behind[place]
print(f"at $symbol = $here a learning rate of $asked is {found.word(place)}:", end=" ")
print(f"{behind.mean:.2f} samples behind the best ({behind.low:.2f} to {behind.high:.2f})")
"""
# With another schedule the last step is almost 0 long, and no training ends at the edge of stability.
AT_THE_EDGE = {
    "measured": """
        "sharpness": np.nan if r.diverged else r.preconditioned_sharpness_at["value"][-1],""",
    "edge": """
edge = edge_of_stability(config.runs()[0])""",
    "near": """
    mean = own.groupby("rate")["sharpness"].mean().dropna()
    near = mean.index * mean >= 0.9 * edge
    share = near[::-1].expanding().mean()[::-1]  # of the rates from here up""",
    "edge_rate": """
            "edge_rate": mean.index[near & (share >= 0.9)].min(),""",
}
SCHEDULES = """\
config = $config
asked = $asked
rows = []
for schedule in ("constant", "cosine", "wsd"):
    runs = pd.DataFrame(
        {
            "rate": r.config.learning_rate,
            "seed": r.config.data_seed,
            "C": 0 if r.diverged else r.num_memorized,
        }
        for r in sweep(replace(config, schedule=schedule).runs(), cache=open_cache())
    )
    C = runs.pivot(index="rate", columns="seed", values="C")
    found = judge(C.index, C)
    rows.append(
        {
            "schedule": schedule,
            "at_asked": C.loc[asked].mean(),
            "mean": C.loc[found.rates[found.best]].mean(),
            "best": found.rates[found.best],
            "lowest": found.rates[found.lowest],
            "highest": found.rates[found.highest],
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""
CLAIM = """\
config = $config
asked = $asked
rows = []
for n, num_samples in $sizes:
    for num_steps in $steps:
        one = replace(config, input_dims=(n,), num_samples=(num_samples,), num_steps=num_steps)
        runs = pd.DataFrame(
            {
                "rate": r.config.learning_rate,
                "seed": r.config.data_seed,
                "C": 0 if r.diverged else r.num_memorized,
            }
            for r in sweep(one.runs(), cache=open_cache())
        )
        C = runs.pivot(index="rate", columns="seed", values="C")
        found = judge(C.index, C)
        place = found.rates.index(asked)
        rows.append(
            {
                "n": n,
                "N": num_samples,
                "steps": num_steps,
                "word": found.word(place),
                "behind": found.behind[place].mean,
                "best": found.rates[found.best],
                "lowest": found.rates[found.lowest],
                "highest": found.rates[found.highest],
            }
        )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""


def map_script(config: SweepConfig, across: str, asked: tuple[int, float]) -> str:
    """Prints which learning rates are as good as the best, in each column of the map.

    Args:
        config: the sweep.
        across: what changes from column to column, "N" or "n".
        asked: the column and the learning rate of the cell that is asked about.
    """
    here, rate = asked
    return script(
        MAP,
        config=config_source(config),
        symbol=across,
        field={"N": "num_samples", "n": "input_dim"}[across],
        here=text(here),
        asked=text(rate),
        **(AT_THE_EDGE if config.schedule == "constant" else dict.fromkeys(AT_THE_EDGE, "")),
    )


def schedules_script(config: SweepConfig, asked: float) -> str:
    """Prints what each schedule memorizes, at the rate that is asked about and at its best.

    Args:
        config: the sweep of any of the schedules.
        asked: the rate.
    """
    return script(SCHEDULES, config=config_source(config, schedule='"constant"'), asked=text(asked))


def claim_script(sweeps: Sequence[SweepConfig], asked: float) -> str:
    """Prints whether a learning rate is too small, fine or unstable, for each n and number of steps.

    Args:
        sweeps: each n with each number of steps.
        asked: the rate.
    """
    sizes = tuple(dict.fromkeys((*sweep.input_dims, *sweep.num_samples) for sweep in sweeps))
    steps = tuple(dict.fromkeys(sweep.num_steps for sweep in sweeps))
    return script(CLAIM, config=config_source(sweeps[0]), sizes=text(sizes), steps=text(steps), asked=text(asked))
