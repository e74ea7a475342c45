"""The scripts of the page Samples."""

from core.config import RunConfig, SweepConfig
from explorer.keep.scripts.source import config_source, numbers_source, script, text

ONE = """\
run = $run
[result] = sweep([run], cache=open_cache())
"""
SAMPLES = (
    ONE
    + """\
_, labels = dataset(run)
table = pd.DataFrame(
    {
        "label": labels,
        "memorized": result.memorized,
        **predictors(run),
        "initial_loss": result.initial_loss,
        "first_step": result.first_step,  # -1: never
        "forgetting_events": result.forgetting_events,
        "confidence": result.confidence,
        "variability": result.variability,
        "final_loss": result.final_loss,
        "margin": result.margin,
    }
)
print(table.to_string())
print(f"{result.num_memorized} of {run.num_samples} are memorized")

for name, told in (rank(result) or {}).items():
    chance, word = 3 * told.null_sd, "smaller" if name == "initial_loss" else "larger"
    print(f"{name}: {word} for the memorized in {told.auroc:.1%} of all pairs, by chance 50 % ± {chance:.1%}")
"""
)
WATCH = (
    ONE
    + """\
table = pd.DataFrame({"step": result.checkpoint_steps, "C": result.num_memorized_at, "loss": result.loss_at})
print(table.to_string(index=False))
print(f"{result.num_memorized} of {run.num_samples} are memorized")
"""
)
PREDICTORS = """\
config = $config
results = list(sweep(config.runs(), cache=open_cache()))
ranked = [ranking for r in results if not r.diverged and (ranking := rank(r)) is not None]
rows = []
for name in ranked[0] if ranked else ():
    over = over_datasets([ranking[name] for ranking in ranked])
    rows.append(
        {
            "statistic": name,
            "auroc": over.auroc.mean,
            "low": over.auroc.low,
            "high": over.auroc.high,
            "null_low": over.null_low,
            "null_high": over.null_high,
            "data_sets": over.auroc.num_values,
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""
STARTS = """\
config = $config
memorized = {}  # N: one set of samples for each initial weights
for r in sweep(config.runs(), cache=open_cache()):
    if not r.diverged:
        memorized.setdefault(r.config.num_samples, []).append(r.memorized)
rows = []
for num_samples, sets in sorted(memorized.items()):
    pairs = list(combinations(sets, 2))
    overlaps = [(a & b).sum() / (a | b).sum() if (a | b).any() else 1.0 for a, b in pairs]
    both = [a.sum() * b.sum() / num_samples for a, b in pairs]  # by chance
    either = [a.sum() + b.sum() - c for (a, b), c in zip(pairs, both, strict=True)]
    by_chance = [b / e if e else 1.0 for b, e in zip(both, either, strict=True)]
    times = np.sum(sets, axis=0)
    rows.append(
        {
            "N": num_samples,
            "mean": np.mean(overlaps),
            "low": min(overlaps),
            "high": max(overlaps),
            "chance": np.mean(by_chance),
            "from_all": int((times == len(sets)).sum()),
            "from_none": int((times == 0).sum()),
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""
COIN = (
    """\
heads = np.random.Generator(np.random.PCG64($seed)).binomial($tosses, 0.5)
print(f"{heads} heads and {$tosses - heads} tails")

"""
    + ONE
    + """\
inputs, labels = dataset(run)
inputs = inputs.astype(float)
centred = np.eye(run.num_classes)[labels] - 1 / run.num_classes
whole = inputs @ (inputs.T @ centred)  # how far the samples of each class, summed up, point each sample's way
others = whole - (inputs**2).sum(axis=1, keepdims=True) * centred
own = np.take_along_axis(others, labels[:, None], axis=1)[:, 0]
alone = np.bincount(labels)[labels] == 1
table = pd.DataFrame({"toward": own > 0, "memorized": result.memorized})[~alone].groupby("toward")["memorized"]
table = table.agg(["size", "mean"])
print(table.to_string())
with_itself, without_itself = (int((scores.argmax(axis=1) == labels).sum()) for scores in (whole, others))
print(f"guessed right: {with_itself} with the sample itself, {without_itself} without it")
print(f"{result.num_memorized} of {run.num_samples} are memorized")
"""
)


def samples_script(run: RunConfig) -> str:
    """Prints the table of all samples of a data set, and what tells beforehand who is memorized."""
    return script(SAMPLES, run=config_source(run))


def watch_script(run: RunConfig) -> str:
    """Prints C at each checkpoint."""
    return script(WATCH, run=config_source(run))


def predictors_script(config: SweepConfig) -> str:
    """Prints what each predictor tells of who is memorized, over data sets."""
    return script(PREDICTORS, config=config_source(config))


def starts_script(config: SweepConfig) -> str:
    """Prints how much the sets overlap that different initial weights memorize."""
    return script(STARTS, config=config_source(config, init_seeds=numbers_source(config.init_seeds)))


def coin_script(run: RunConfig, tosses: int, seed: int) -> str:
    """Prints the coin's heads, and what class means know of the data set that is opened.

    Args:
        run: the layer.
        tosses: of the coin.
        seed: of them.
    """
    return script(COIN, run=config_source(run), tosses=text(tosses), seed=text(seed))
