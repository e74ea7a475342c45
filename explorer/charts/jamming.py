"""C and sharpness against N, and along training."""

from typing import Any

import altair as alt
import pandas as pd

from core.intervals import Interval
from explorer.charts.style import AXIS, FIT, GUIDE, MEMORIZED, PALETTE, PICK, WORDS, band, line, styled

SHARP, STABLE = PALETTE[1], PALETTE[2]
UPPER_HEIGHT, LOWER_HEIGHT, SINGLE_HEIGHT, THIRD_HEIGHT = 260, 240, 460, 165
FIRST_STEPS = 5
DRAG = "[pointerdown[event.ctrlKey], window:pointerup] > window:pointermove!"
# With room for the widest label, or the panels' left edges would not be in line.
Y_AXIS = AXIS | {"minExtent": 52, "tickCount": 5}


def jamming_chart(
    memorized: pd.DataFrame,
    sharpness: pd.DataFrame,
    published: pd.DataFrame,
    jump: Interval | None,
    *,
    max_num_samples: int,
    num_seeds: int,
) -> alt.VConcatChart:
    """C(N) above sharpness(N), on one N axis.

    Args:
        memorized, sharpness: `explorer.frames.band_frame` over num_samples; may be empty.
        published: num_samples, memorized, sharpness of the published figure; may be empty.
        jump: where the sharpness jumps, if it does.
        max_num_samples: where the N axis ends.
        num_seeds: seeds in the sweep: one has no band.
    """
    x = _x(max_num_samples, title="Samples to memorize, N")
    hidden = _x(max_num_samples, title=None, labels=False)
    top = _top(memorized["high"], published["memorized"], at_least=0.2 * max_num_samples, at_most=max_num_samples)
    diagonal = pd.DataFrame({"num_samples": [0, top], "mean": [0, top]})
    all_memorized = alt.Chart(diagonal).mark_line(color=GUIDE, strokeDash=[7, 5], strokeWidth=2, clip=True)
    upper = _panel(
        memorized,
        hidden,
        _y("Memorized, C", top),
        MEMORIZED,
        published=published.rename(columns={"memorized": "value"}),
        before=[all_memorized.encode(x=hidden, y="mean:Q"), *_jump_marks(jump, hidden, end=max_num_samples)],
        num_seeds=num_seeds,
        words="Memorized C",
    )
    lower = _panel(
        sharpness,
        x,
        _y("Sharpness, λ₁", _top(sharpness["high"], published["sharpness"], at_least=0.02)),
        SHARP,
        published=published.rename(columns={"sharpness": "value"}),
        before=_jump_marks(jump, x),
        num_seeds=num_seeds,
        words="Sharpness λ₁",
        slot=1,
    )
    return _stacked([upper.properties(height=UPPER_HEIGHT), lower.properties(height=LOWER_HEIGHT)])


def stability_chart(
    stability: pd.DataFrame, edge: float, *, title: str, max_num_samples: int, num_seeds: int
) -> alt.LayerChart:
    """eta times the preconditioned sharpness against N, with the edge of stability.

    Args:
        stability: `explorer.frames.band_frame` over num_samples; may be empty.
        edge: where the edge of stability lies: 38 for Adam.
        title: what is measured: words and symbols.
        max_num_samples: where the N axis ends.
        num_seeds: seeds in the sweep: one has no band.
    """
    x = _x(max_num_samples, title="Samples to memorize, N")
    y = _y(title, max(1.25 * edge, _top(stability["mean"])))
    panel = _panel(stability, x, y, STABLE, before=_edge_marks(edge), num_seeds=num_seeds, words=title)
    chart: alt.LayerChart = styled(panel.properties(height=SINGLE_HEIGHT))
    return chart


def training_chart(
    memorized: pd.DataFrame,
    sharpness: pd.DataFrame,
    stability: pd.DataFrame,
    edge: float,
    *,
    num_samples: int,
    num_steps: int,
    num_seeds: int,
) -> alt.VConcatChart:
    """C, sharpness and stability over the steps of training, on one logarithmic axis.

    Args:
        memorized, sharpness, stability: `explorer.frames.band_frame` over step, from 1; may be empty.
        edge: where the edge of stability lies.
        num_samples: N.
        num_steps: where the axis ends.
        num_seeds: seeds in the sweep: one has no band.
    """

    def x(**axis: Any) -> alt.X:
        scale = alt.Scale(type="log", domain=[1, max(2, num_steps)], nice=False)
        return alt.X("step:Q", scale=scale, title=axis.pop("title"), axis=alt.Axis(**(AXIS | axis), format=",d"))

    hidden, shown = x(title=None, labels=False), x(title="Training step (logarithmic)")
    all_memorized = alt.Chart(pd.DataFrame({"mean": [num_samples]})).mark_rule(
        color=GUIDE, strokeDash=[7, 5], strokeWidth=2
    )
    panels = [
        _panel(
            memorized,
            hidden,
            _y("Memorized, C", 1.08 * num_samples),
            MEMORIZED,
            before=[all_memorized.encode(y="mean:Q")],
            num_seeds=num_seeds,
            words="Memorized C",
        ),
        _panel(
            sharpness,
            hidden,
            _y("Sharpness, λ₁", _top(sharpness["high"], at_least=0.02)),
            SHARP,
            num_seeds=num_seeds,
            words="Sharpness λ₁",
            slot=1,
        ),
        # Adam's first steps, when its second moments are young, may lie far above all others: they are cut off.
        _panel(
            stability,
            shown,
            _y("η λ", max(1.4 * edge, 1.1 * stability["mean"].where(stability["step"] > FIRST_STEPS).max())),
            STABLE,
            before=_edge_marks(edge, name_at=70),  # the curve comes near it at both ends
            num_seeds=num_seeds,
            words="η × preconditioned sharpness",
            slot=2,
        ),
    ]
    return _stacked([panel.properties(height=THIRD_HEIGHT) for panel in panels])


def _panel(
    points: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    color: str,
    *,
    published: pd.DataFrame | None = None,
    before: list[Any] | None = None,
    num_seeds: int,
    words: str,
    slot: int = 0,
) -> Any:
    """One measured curve with its band, what lies behind it, the published points, and a mark to point at and click."""
    base = alt.Chart(points).encode(x=x, color=alt.value(color))
    layers = list(before or [])
    if num_seeds > 1:
        layers.append(band(base))
    if published is not None and len(published):
        layers.append(_published(published, x, color, words))
    layers.append(line(base, y))
    if len(points):
        layers.append(_to_point_at(base, y, words, slot))
    return alt.layer(*layers)


def _to_point_at(base: alt.Chart, y: alt.Y, words: str, slot: int) -> Any:
    """A ring around the point nearest to the pointer, and the selection that a click on it makes."""
    field = str(base.encoding.x.shorthand).split(":")[0]
    name = {"num_samples": "Samples N", "step": "Step"}[field]
    hover = alt.selection_point(
        name=f"hover_{slot}", fields=[field], nearest=True, on="pointerover", clear="pointerout", empty=False
    )
    targets = base.mark_point(size=150, filled=True, clip=True).encode(
        y=y,
        opacity=alt.condition(hover, alt.value(1), alt.value(0)),
        tooltip=[
            alt.Tooltip(f"{field}:Q", title=name, format=",d"),
            alt.Tooltip("mean:Q", title=f"{words}, mean", format=".4~g"),
            alt.Tooltip("sd:Q", title="± s.d. over seeds", format=".2~g"),
            alt.Tooltip("num_seeds:Q", title="Seeds"),
        ],
    )
    picked = alt.selection_point(
        name=f"{PICK}_{slot}", fields=[field], nearest=True, on="click[!event.ctrlKey]", empty=False
    )
    return targets.add_params(hover, picked) if field == "num_samples" else targets.add_params(hover)


def _published(published: pd.DataFrame, x: alt.X, color: str, words: str) -> Any:
    known = published.dropna(subset=["value"]).assign(source="Liu (2026), Figure 2")
    return (
        alt.Chart(known)
        .mark_point(shape="diamond", size=46, filled=False, strokeWidth=1.4, opacity=0.85, clip=True, color=color)
        .encode(
            x=x,
            y="value:Q",
            tooltip=[
                alt.Tooltip("source:N", title="Published"),
                alt.Tooltip("num_samples:Q", title="Samples N"),
                alt.Tooltip("value:Q", title=words),
            ],
        )
    )


def _jump_marks(jump: Interval | None, x: alt.X, *, end: float | None = None) -> list[Any]:
    """The interval in which the sharpness jumps, as a grey stripe with a line in it.

    With its name, where the axis has room for it, if the axis' `end` is given.
    """
    if jump is None:
        return []
    known = jump.num_values > 1
    place = pd.DataFrame(
        {
            "num_samples": [jump.mean],
            "low": [jump.low if known else jump.mean],
            "high": [jump.high if known else jump.mean],
            "name": [f"N ≈ {jump.mean:.0f}"],
        }
    )
    base = alt.Chart(place)
    marks: list[Any] = [
        base.mark_rect(color=GUIDE, opacity=0.22, clip=True).encode(x=alt.X("low:Q", title=""), x2="high:Q"),
        base.mark_rule(color=GUIDE, strokeWidth=2, clip=True).encode(x=x),
    ]
    if end is not None:
        side: dict[str, Any] = {"align": "left", "dx": 10} if jump.mean < 0.35 * end else {"align": "right", "dx": -10}
        text = base.mark_text(**side, fontSize=15, color=WORDS)
        marks.append(text.encode(x=x, y=alt.value(14), text="name:N"))
    return marks


def _edge_marks(edge: float, *, name_at: float = 0) -> list[Any]:
    """A line at the edge of stability, with its name at so many pixels from the left."""
    base = alt.Chart(pd.DataFrame({"mean": [edge], "name": [f"edge of stability, {edge:g}"]}))
    name = base.mark_text(align="left", dx=6, dy=-10, fontSize=15, color=WORDS)
    return [
        base.mark_rule(color=GUIDE, strokeDash=[7, 5], strokeWidth=2).encode(y="mean:Q"),
        name.encode(x=alt.value(name_at), y="mean:Q", text="name:N"),
    ]


def _x(end: int, *, title: str | None, labels: bool = True) -> alt.X:
    scale = alt.Scale(domain=[0, 1.02 * end], nice=False)
    return alt.X("num_samples:Q", title=title, scale=scale, axis=alt.Axis(**AXIS, labels=labels))


def _y(title: str, top: float) -> alt.Y:
    return alt.Y(
        "mean:Q", title=title, scale=alt.Scale(domain=[0, top], nice=False, clamp=True), axis=alt.Axis(**Y_AXIS)
    )


def _top(*values: pd.Series, at_least: float = 0.0, at_most: float = float("inf")) -> float:
    """Where a y axis ends: a tenth above everything shown, in steps that let it stand still while curves grow."""
    highest = 1.1 * max((float(column.max()) for column in values if column.notna().any()), default=0.0)
    step = at_least / 2 or 1.0
    return min(at_most, max(at_least, step * (1 + int(highest / step))))


def _stacked(panels: list[alt.LayerChart]) -> alt.VConcatChart:
    """Panels on one x axis, that move and zoom together."""
    chart: alt.VConcatChart = styled(alt.vconcat(*panels, spacing=14).resolve_scale(x="shared"))
    # One selection in every panel. Only with Ctrl held: else a page that is scrolled by would be caught here, and a
    # drag would end as a click. Written out, because Altair warns of a parameter that is added to several charts.
    params = chart.params if isinstance(chart.params, list) else []
    zoom = alt.TopLevelSelectionParameter(
        name="zoom",
        bind="scales",
        select=alt.IntervalSelectionConfig(
            type="interval", encodings=["x"], zoom="wheel![event.ctrlKey]", translate=DRAG
        ),
        views=[view for param in params for view in param.views if param.name.startswith("hover")],
    )
    chart.params = [*params, zoom] if params else alt.Undefined
    return chart.properties(autosize=FIT)
