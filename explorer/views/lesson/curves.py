"""Steps with N on their axis: how much is memorized, by how many inputs, and where the loss jams."""

from core.config import SweepConfig
from explorer import charts, controls, frames
from explorer.views.lesson.experiment import Experiment, Seen, Spec, Values

AT = {100: "guessLow", 200: "guessMid", 400: "guessHigh"}  # the N of the guessed curve
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


def _capacity_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    """C against N, with room for every guess, so that axes stay when the result comes, and the published curves too."""
    [config] = capacity_sweeps(values)
    runs = frames.runs_frame(seen.rows)
    points = frames.curve_frame(runs)
    published = frames.published_curves(config)
    chart = charts.capacity_chart(
        points,
        frames.capacity_frame(points, runs, len(config.num_samples)),
        published if seen.rows else published.head(0),
        input_dims=list(config.input_dims),
        max_num_samples=config.num_samples[-1],
        num_seeds=len(config.seeds),
        reach=config.num_samples[-1],
    )
    return [chart]


# --- the curve --------------------------------------------------------------------------------------------------------


def _curve_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    points = [(0.0, 0.0), *((at, guess[key]) for at, key in AT.items())]
    return [charts.guessed_curve(each, points) for each in drawn]


def _curve_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    kept = frames.curve_frame(frames.runs_frame(seen.rows)).set_index("num_samples")["mean"]
    return (*(float(kept[num_samples]) for num_samples in AT), *AT)


CURVE = Experiment(capacity_sweeps, _capacity_charts, _curve_guessed, _curve_found)

# --- inputs -----------------------------------------------------------------------------------------------------------


def _inputs_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_point(each, guess["guessKnee"], guess["guessKnee"]) for each in drawn]


def _inputs_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    runs = frames.runs_frame(seen.rows)
    capacities = frames.capacity_frame(frames.curve_frame(runs), runs, values["points"])
    return tuple(capacities.sort_values("input_dim")["capacity"].astype(float))


INPUTS = Experiment(capacity_sweeps, _capacity_charts, _inputs_guessed, _inputs_found)

# --- jamming ----------------------------------------------------------------------------------------------------------


def _jam_sweeps(values: Values) -> tuple[SweepConfig]:
    return (controls.sweep_from(values, measure_sharpness="end"),)


def _jam_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
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
    return [charts.spec(chart)]


def _jam_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    shape = SHAPES[guess["guessShape"]]
    return [charts.guessed_shape(each, shape, panel=SHARPNESS, alone=not seen.rows) for each in drawn]


def _jam_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    runs = frames.runs_frame(seen.rows)
    sharpness = frames.band_frame(runs, ["num_samples"], "sharpness").set_index("num_samples")["mean"]
    jump = frames.jump(runs)
    place = jump.mean if jump else float("nan")
    return place, float(sharpness[BEFORE]), float(sharpness[AFTER]), BEFORE, AFTER


JAM = Experiment(_jam_sweeps, _jam_charts, _jam_guessed, _jam_found)
