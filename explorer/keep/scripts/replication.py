"""The scripts of the page Replication."""

from collections.abc import Sequence

from core.config import SweepConfig
from explorer.frames import Quantity, published_points
from explorer.keep.scripts.source import config_source, numbers_source, script

FIGURE_1 = """\
config = $config
published = pd.read_csv(files("explorer") / "published" / "liu2026_memory1_fig1.csv")
${only}ours = pd.DataFrame(
    {"input_dim": r.config.input_dim, "num_samples": r.config.num_samples, "ours": r.num_memorized}
    for r in sweep(config.runs(), cache=open_cache())
    if not r.diverged
)
both = ours.groupby(["input_dim", "num_samples"], as_index=False).mean().merge(published)
both["difference"] = both["ours"] - both["memorized"]
differences = both.groupby("input_dim")["difference"]
table = pd.DataFrame(
    {
        "points": differences.size(),
        "mean": differences.mean(),
        "rms": differences.apply(lambda values: np.sqrt(np.mean(values**2))),
    }
)
print(table.to_string())
"""
FIGURE_2 = """\
config = $config
published = pd.read_csv(files("explorer") / "published" / "liu2026_memory1_fig2.csv").set_index("num_samples")
ours = pd.DataFrame(
    {
        "num_samples": r.config.num_samples,
        "memorized": r.num_memorized,
        "sharpness": r.sharpness_at["value"][-1],
    }
    for r in sweep(config.runs(), cache=open_cache())
    if not r.diverged
)
difference = ours.groupby("num_samples").mean() - published
rms = np.sqrt((difference**2).mean())
table = pd.DataFrame({"points": difference.count(), "mean": difference.mean(), "rms": rms})
print(table.to_string())
"""
MISFIT = """\
base = $config
runs = [
    run
    for bias in (True, False)
    for num_steps in $steps
    for num_classes in $classes
    for run in replace(base, bias=bias, num_steps=num_steps, num_classes=num_classes).runs()
]
published = pd.read_csv(files("explorer") / "published" / "$file")
${only}ours = pd.DataFrame(
    {
        "bias": r.config.bias,
        "num_classes": r.config.num_classes,
        "num_steps": r.config.num_steps,
        "input_dim": r.config.input_dim,
        "num_samples": r.config.num_samples,
        "ours": $value,
    }
    for r in sweep(runs, cache=open_cache())
    if not r.diverged
)
setting = ["bias", "num_classes", "num_steps"]
points = ours.groupby([*setting, "input_dim", "num_samples"], as_index=False).mean()
both = points.merge(published, on=$on)
both["square"] = (both["ours"] - both["$column"]) ** 2
table = np.sqrt(both.groupby(setting)["square"].mean()).rename("misfit").reset_index()
print(table.pivot(index=["bias", "num_steps"], columns="num_classes", values="misfit").to_string())
"""
ONLY = """\
published = published.query("not ({odd})")  # far from its neighbours
"""


def figure_1_script(config: SweepConfig) -> str:
    """Prints how far C is from Figure 1, for each n."""
    return script(FIGURE_1, config=config_source(config), only=ONLY.format(odd=_odd()))


def figure_2_script(config: SweepConfig) -> str:
    """Prints how far C and the sharpness are from Figure 2."""
    return script(FIGURE_2, config=config_source(config))


def misfit_script(config: SweepConfig, quantity: Quantity, *, classes: Sequence[int], steps: Sequence[int]) -> str:
    """Prints the map of misfits.

    Args:
        config: the sweep of one of the settings.
        quantity: what is compared.
        classes, steps: of the settings.
    """
    is_sharpness = quantity == "sharpness"
    return script(
        MISFIT,
        config=config_source(config),
        classes=numbers_source(classes),
        steps=numbers_source(steps),
        file="liu2026_memory1_fig2.csv" if is_sharpness else "liu2026_memory1_fig1.csv",
        only="" if is_sharpness else ONLY.format(odd=_odd()),
        value='r.sharpness_at["value"][-1]' if is_sharpness else "r.num_memorized",
        on='"num_samples"' if is_sharpness else '["input_dim", "num_samples"]',
        column="sharpness" if is_sharpness else "memorized",
    )


def _odd() -> str:
    """The published points that do not count."""
    figure = published_points("num_memorized")
    odd = figure[figure["is_odd"]]
    places = zip(odd["input_dim"], odd["num_samples"], strict=True)
    return " or ".join(f"input_dim == {n} and num_samples == {size}" for n, size in places)
