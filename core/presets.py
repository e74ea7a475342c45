"""Named sweeps: the published figures of Ziming Liu, "Memory 1 -- How much do linear layers memorize?" (2026).

The post says V = 40 classes. Its figures do not fit V = 40; they fit V = 10 with a bias term, full-batch Adam at
learning rate 0.01 and about 2,000 steps. So each figure is here twice: as plotted, and as written.
"""

from dataclasses import replace

from core.config import SweepConfig

_FIG1_AS_PLOTTED = SweepConfig(
    input_dims=(10, 20, 30, 40), num_classes=10, num_samples=tuple(range(5, 401, 5)), seeds=(0, 1, 2, 3)
)
_FIG2_AS_PLOTTED = replace(_FIG1_AS_PLOTTED, input_dims=(40,), measure_sharpness="end")

PRESETS = {
    "liu-fig1-as-plotted": _FIG1_AS_PLOTTED,
    "liu-fig1-as-written": replace(_FIG1_AS_PLOTTED, num_classes=40),
    "liu-fig2-as-plotted": _FIG2_AS_PLOTTED,
    "liu-fig2-as-written": replace(_FIG2_AS_PLOTTED, num_classes=40),
}
