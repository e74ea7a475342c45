"""The later steps: the learning rate, who is memorized, the limit, and bits."""

from core.config import SweepConfig
from explorer import charts, controls, frames
from explorer.parameters import GUESS_RATES, TOLD_BEFORE
from explorer.statistics import STATISTICS
from explorer.views.lesson.curves import capacity_sweeps
from explorer.views.lesson.experiment import Experiment, Seen, Spec, Values
from explorer.views.limits import curve as limits_page

CLAIMED_RATE = 0.01  # the post's
BELOW_CURVE = charts.CURVE_HEIGHT - 50  # pixels below the top: the curve is above it, the name of a rate below

# --- the learning rate ------------------------------------------------------------------------------------------------


def _rate_sweeps(values: Values) -> tuple[SweepConfig]:
    return (controls.sweep_from(values, learning_rates=GUESS_RATES, num_samples=(values["at"],)),)


def _rate_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    chart = charts.rate_chart(
        frames.rate_frame(frames.runs_frame(seen.rows), []),
        {values["at"]: f"N = {values['at']}"},
        curve="num_samples",
        asked=CLAIMED_RATE,
        rates=list(GUESS_RATES),
        num_seeds=values["seeds"],
    )
    return [charts.spec(chart)]


def _rate_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_x(each, guess["guessRate"], name_at=BELOW_CURVE) for each in drawn]


def _rate_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    runs = frames.runs_frame(seen.rows)
    told = frames.verdict(runs, len(runs))
    assert told is not None  # all runs are there
    kept = runs.groupby("learning_rate")["num_memorized"].mean()
    best = told.rates[told.best]
    word = told.word(told.rates.index(guess["guessRate"]))
    return float(kept[guess["guessRate"]]), float(kept[best]), best, float(word != "fine")


RATE = Experiment(_rate_sweeps, _rate_charts, _rate_guessed, _rate_found)

# --- who --------------------------------------------------------------------------------------------------------------


def _who_sweeps(values: Values) -> tuple[SweepConfig]:
    seeds = range(values["seed"], values["seed"] + values["sets"])
    return (controls.sweep_from(values, num_samples=(values["at"],), seeds=seeds, watch_samples=True),)


def _who_charts(values: Values, seen: Seen, statistic: str) -> list[Spec]:
    """All predictors, and the scatter of the guessed one in the first data set."""
    rankings = frames.rankings_frame(seen.rows)
    if rankings.empty:
        return []
    drawn = [charts.spec(charts.rankings_chart(rankings, frames.datasets_frame(seen.rows)))]
    first = [result for result in seen.results if result.config.data_seed == values["seed"]]
    for result in first:
        samples = frames.samples_frame(result)
        drawn.append(charts.spec(charts.samples_chart(samples, statistic, "final_loss", corners={})))
    return drawn


def _who_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    """With a frame around the guessed predictor."""
    return [charts.guessed_row(bars, STATISTICS[guess["guessSign"]].name) for bars in drawn[:1]] + drawn[1:]


def _who_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    rankings = frames.rankings_frame(seen.rows)
    own = rankings[rankings["statistic"] == guess["guessSign"]].iloc[0]
    found = [float(own["auroc"]), float(own["null_high"])]
    for some in (rankings, rankings[rankings["statistic"].isin(TOLD_BEFORE)]):
        best = some.iloc[0]  # they stand in their order
        found += [float(best["auroc"]), float(list(STATISTICS).index(best["statistic"]))]
    return tuple(found)


WHO = Experiment(
    _who_sweeps,
    _who_charts,
    _who_guessed,
    _who_found,
    depends_on=lambda guess: guess["guessSign"],
    looks_inside=True,
)

# --- the limit --------------------------------------------------------------------------------------------------------


def _limit_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    points = limits_page.points_of(seen.rows)
    end = values["N"][1]
    no_theory = frames.theory_frame([values["dim"]], values["V"], bias=values["bias"], max_num_samples=end).head(0)
    chart = charts.limits_chart(
        points,
        no_theory,
        float("inf"),
        None,
        at=values["at"],
        besides=points.head(0),
        max_num_samples=end,
        num_seeds=values["seeds"],
        reach=values["at"],  # the guess is at that N, and at most all of it
    )
    return [charts.spec(chart)]


def _limit_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_point(each, values["at"], guess["guessOptimum"]) for each in drawn]


def _limit_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    points = limits_page.points_of(seen.rows)
    here = points[points["num_samples"] == values["at"]].set_index("name")["mean"]
    return tuple(float(here[name]) for name in (charts.REACHED, charts.OPTIMUM, charts.MOST))


LIMIT = Experiment(limits_page.sweeps_of, _limit_charts, _limit_guessed, _limit_found)

# --- bits -------------------------------------------------------------------------------------------------------------


def _bits_charts(values: Values, seen: Seen, _: None) -> list[Spec]:
    [config] = capacity_sweeps(values)
    guides = frames.guides(config, "parameter")._replace(far_tail=float("inf"))
    chart = charts.bits_chart(
        frames.bits_points(frames.bits_frame(seen.rows), frames.unit_size(config, "parameter")),
        None,
        guides if seen.rows else guides._replace(published=None),  # it would give away the order of magnitude
        title="Bits per parameter",
        num_samples=(config.num_samples[0], config.num_samples[-1]),
        is_logarithmic=False,
        num_seeds=len(config.seeds),
    )
    return [charts.spec(chart)]


def _bits_guessed(drawn: list[Spec], values: Values, seen: Seen, guess: Values) -> list[Spec]:
    return [charts.guessed_y(each, guess["guessBits"]) for each in drawn]


def _bits_found(values: Values, seen: Seen, guess: Values) -> tuple[float, ...]:
    [config] = capacity_sweeps(values)
    most = frames.bit_capacities(frames.bits_frame(seen.rows), [config]).set_index("definition")
    a_parameter = most["bits"] / frames.unit_size(config, "parameter")
    places = most["num_samples"]
    return float(a_parameter["liu"]), float(places["liu"]), float(a_parameter["morris"]), float(a_parameter["fano"])


BITS = Experiment(capacity_sweeps, _bits_charts, _bits_guessed, _bits_found)
