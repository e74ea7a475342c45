"""Steps with N on their axis: how much is memorized, by how many inputs, and where the loss jams."""

from core.config import SweepConfig
from explorer import charts, controls, frames
from explorer.views.lesson.experiment import Experiment, Seen, Spec, Values

AT = (100, 200, 400)  # the N of the guessed curve
BEFORE, AFTER = 100, 300  # N below and above the jump
FLAT, LOW, HIGH = 0.45, 0.12, 0.85  # of the axis: heights of a guessed shape
SHAPES = {
    "falls": ((0, HIGH), (400, LOW)),
    "stays": ((0, FLAT), (400, FLAT)),
    "rises": ((0, LOW), (400, HIGH)),
    "jumps": ((0, LOW), (190, LOW), (210, HIGH), (400, HIGH)),
}
SHARPNESS = 1  # the panel of it


def capacity_sweeps(values: Values) -> tuple[SweepConfig]:
    """Trained layers at each N, as on the pages Capacity and Bits."""
    return (controls.sweep_from(values),)


def _capacity_chart(values: Values, seen: Seen, reach: float) -> Spec:
    """C against N, up to a guess at least; the published curves come with the result."""
    [config] = capacity_sweeps(values)
    runs = frames.runs_frame(seen.rows)
    points = frames.curve_frame(runs)
    published = frames.published_curves(config)
    return charts.capacity_chart(
        points,
        frames.capacity_frame(points, runs, len(config.num_samples)),
        published if seen.rows else published.head(0),
        input_dims=list(config.input_dims),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
        reach=reach,
    )


# --- the curve --------------------------------------------------------------------------------------------------------


def _curve_charts(values: Values, seen: Seen, guess: Values) -> list[Spec]:
    heights = [guess[key] for key in ("guessLow", "guessMid", "guessHigh")]
    points = [(0.0, 0.0), *zip(AT, heights, strict=True)]
    return [charts.guessed_curve(_capacity_chart(values, seen, max(heights)), points)]


def _curve_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    kept = frames.curve_frame(frames.runs_frame(seen.rows)).set_index("num_samples")["mean"]
    return tuple(float(kept[num_samples]) for num_samples in AT)


CURVE = Experiment(capacity_sweeps, _curve_charts, _curve_found)

# --- inputs -----------------------------------------------------------------------------------------------------------


def _inputs_charts(values: Values, seen: Seen, guess: Values) -> list[Spec]:
    knee = guess["guessKnee"]
    return [charts.guessed_point(_capacity_chart(values, seen, knee), knee, knee)]


def _inputs_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    runs = frames.runs_frame(seen.rows)
    capacities = frames.capacity_frame(frames.curve_frame(runs), runs, values["points"])
    return tuple(capacities.sort_values("input_dim")["capacity"].astype(float))


INPUTS = Experiment(capacity_sweeps, _inputs_charts, _inputs_found)

# --- jamming ----------------------------------------------------------------------------------------------------------


def _jam_sweeps(values: Values) -> tuple[SweepConfig]:
    return (controls.sweep_from(values, measure_sharpness="end"),)


def _jam_charts(values: Values, seen: Seen, guess: Values) -> list[Spec]:
    [config] = _jam_sweeps(values)
    runs = frames.runs_frame(seen.rows)
    published = frames.published_sharpness(config)
    chart = charts.jamming_chart(
        frames.curve_frame(runs),
        frames.band_frame(runs, ["num_samples"], "sharpness"),
        published if seen.rows else published.head(0),
        frames.jump(runs) if seen.is_complete else None,
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
    )
    shape = SHAPES[guess["guessShape"]]
    return [charts.guessed_shape(charts.spec(chart), shape, panel=SHARPNESS, alone=not seen.rows)]


def _jam_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    runs = frames.runs_frame(seen.rows)
    sharpness = frames.band_frame(runs, ["num_samples"], "sharpness").set_index("num_samples")["mean"]
    jump = frames.jump(runs)
    place = jump.mean if jump else float("nan")
    return place, float(sharpness[BEFORE]), float(sharpness[AFTER])


JAM = Experiment(_jam_sweeps, _jam_charts, _jam_found)
