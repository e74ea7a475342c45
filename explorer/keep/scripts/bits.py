"""The scripts of the page Bits."""

from collections.abc import Collection, Sequence

from core.config import SweepConfig
from explorer.keep.scripts.scaling import layers_source
from explorer.keep.scripts.source import config_source, script

CURVE = """\
config = $config
cache = open_cache()
bits = pd.DataFrame(
    {
        "of": of,
        "definition": definition,
        "N": r.config.num_samples,
        "seed": r.config.data_seed,
        "bits": memorized_bits(r, definition),
    }
    for of, tasks in $sources
    for r in sweep(tasks, cache=cache)
    if of == "optimum" or not r.diverged
    for definition in ("liu", "morris", "fano")
)
num_parameters = config.num_classes * (config.input_dims[0] + config.bias)
rows = []
for (of, definition), own in bits.groupby(["of", "definition"]):
    curves = own.pivot(index="seed", columns="N", values="bits").dropna()
    found = bit_capacity(curves.columns, curves)
    rows.append(
        {
            "of": of,
            "definition": definition,
            "bits": found.mean,
            "low": found.low,
            "high": min(found.high, found.num_samples * np.log2(config.num_classes)),
            "per_parameter": found.mean / num_parameters,
            "N": found.num_samples,
            "last": curves.iloc[:, -1].mean(),
            "seeds": len(curves),
        }
    )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
"""
PARAMETERS = """\
shared = $config
sizes = {  # (n, V): N
$sizes
}
rows = []
for (n, V), num_samples in sizes.items():
    config = replace(shared, input_dims=(n,), num_classes=V, num_samples=num_samples)
    results = [r for r in sweep(config.runs(), cache=open_cache()) if not r.diverged]
    for definition in ("liu", "morris", "fano"):
        bits = pd.DataFrame(
            {"N": r.config.num_samples, "seed": r.config.data_seed, "bits": memorized_bits(r, definition)}
            for r in results
        )
        curves = bits.pivot(index="seed", columns="N", values="bits").dropna()
        found = bit_capacity(curves.columns, curves)
        num_parameters = V * (n + config.bias)
        rows.append(
            {
                "n": n,
                "V": V,
                "parameters": num_parameters,
                "definition": definition,
                "bits": found.mean,
                "low": found.low,
                "high": min(found.high, found.num_samples * np.log2(V)),
                "per_parameter": found.mean / num_parameters,
                "N": found.num_samples,
            }
        )
table = pd.DataFrame(rows)
print(table.to_string(index=False))
print("mean over layers of the bits per parameter:")
print(table.groupby("definition")["per_parameter"].mean().to_string())
"""
SOURCES = {"trained": "config.runs()", "optimum": "LimitsSweep(config).runs()"}


def bits_script(config: SweepConfig, layers: Collection[str]) -> str:
    """Prints the most bits by each definition; at the optimum too, if it is among `layers`."""
    asked = [f'("{of}", {tasks})' for of, tasks in SOURCES.items() if of == "trained" or of in layers]
    sources = f"[{', '.join(asked)}]"
    return script(CURVE, config=config_source(config), sources=sources)


def parameters_script(sweeps: Sequence[SweepConfig]) -> str:
    """Prints the most bits of each layer, by each definition.

    Args:
        sweeps: each of one n and V.
    """
    return script(PARAMETERS, config=config_source(sweeps[0]), sizes=layers_source(sweeps))
