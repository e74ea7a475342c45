"""How fast the exact optimum is found, beside scikit-learn's solvers in a loop, and the curves of theory."""

import time
import warnings
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core import workers
from core.bench.speed import seconds
from core.config import SweepConfig
from core.data import dataset
from core.limits import KINDS, LimitsResult, limits
from core.sweep import sweep
from core.tasks import LimitsConfig, LimitsSweep
from core.theory import capacity_per_dim, most_memorizable_per_dim, optimum_memorized_per_dim

SWEEP = SweepConfig((40,), 10, tuple(range(5, 401, 5)))
SOLVERS = {"lbfgs": 20_000, "newton-cholesky": 200}  # with so many iterations at most
GRADIENT_NORM = 1e-8
CLASSES = (2, 10, 40, 1_000)
ROUNDS = 3

Floats = NDArray[np.float64]


class _Fit(NamedTuple):
    seconds: float
    gradient_norm: float
    num_memorized: int


def report() -> None:
    """Print the tables."""
    _optimum()
    print()
    _theory()


def _optimum() -> None:
    tasks = LimitsSweep(SWEEP).runs()
    found = limits(tasks)  # which also warms up
    kinds = [each.kind for each in found]
    counts = {kind: kinds.count(kind) for kind in KINDS}
    print(f"The optimum of the cross-entropy of {len(tasks)} data sets, n = 40, V = 10, N = 5 to 400: {counts}.")
    print(
        "A gradient is that of the mean loss; of split data, ours is that within the groups. scikit-learn: no penalty, "
        "tolerance 1e-9, one thread."
    )
    is_finite = np.array([kind == "finite" for kind in kinds])
    took = [min(seconds(lambda: limits([task])) for _ in range(ROUNDS)) for task in tasks]  # noqa: B023
    ours = [
        _Fit(each_took, float(each.gradient_norm), each.num_memorized)
        for each_took, each in zip(took, found, strict=True)
    ]
    print(f"{'':34}{'seconds':>9}{'times':>7}{'largest gradient':>18}{'<= 1e-8':>9}{'C is right':>12}")
    _row("ours, one thread, all", ours, ours, found)
    with workers.Processes() as processes:
        list(sweep(tasks, executor=processes))  # warm up
        for name, executor in ((f"{workers.num_workers()} processes, started", processes), ("threads", None)):
            as_sweep = min(seconds(lambda: list(sweep(tasks, executor=executor))) for _ in range(ROUNDS))  # noqa: B023
            print(f"{f'ours, a sweep, {name}':34}{as_sweep:9.2f}")
    _row("ours, one thread, finite ones", _of(ours, is_finite), _of(ours, is_finite), _of(found, is_finite))
    try:
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn
    except ImportError:
        print("scikit-learn is not installed: pip install -e '.[test]' brings it.")
        return
    for solver, most in SOLVERS.items():
        # For fits so small two threads of OpenBLAS are no faster, and many times slower as soon as anything else runs.
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it did not converge is seen below
            theirs = [_by_scikit(LogisticRegression, task, solver, most) for task in tasks]
        _row(f"{solver}, all", theirs, ours, found)
        _row(f"{solver}, finite ones", _of(theirs, is_finite), _of(ours, is_finite), _of(found, is_finite))


def _of(items: Sequence[Any], chosen: NDArray[np.bool_]) -> list[Any]:
    return [item for item, is_chosen in zip(items, chosen, strict=True) if is_chosen]


def _row(name: str, fits: Sequence[_Fit], ours: Sequence[_Fit], found: Sequence[LimitsResult]) -> None:
    total, own = (sum(fit.seconds for fit in some) for some in (fits, ours))
    norms = [fit.gradient_norm for fit in fits]
    small = sum(norm <= GRADIENT_NORM for norm in norms)
    right = sum(fit.num_memorized == each.num_memorized for fit, each in zip(fits, found, strict=True))
    print(
        f"{name:34}{total:9.2f}{total / own:7.1f}{max(norms):18.1e}{f'{small} / {len(fits)}':>9}"
        f"{f'{right} / {len(fits)}':>12}"
    )


def _by_scikit(model: Any, config: LimitsConfig, solver: str, max_iter: int) -> _Fit:
    """The bias is one more input, as ours. Classes without a sample are unknown to it, and so is their share of G."""
    inputs, labels = dataset(config)
    x = np.column_stack([inputs, np.ones(len(inputs))])
    fit = model(C=np.inf, solver=solver, tol=GRADIENT_NORM / 10, max_iter=max_iter, fit_intercept=False)
    start = time.perf_counter()
    fit.fit(x, labels)
    took = time.perf_counter() - start
    residual: Floats = fit.predict_proba(x) - (labels[:, None] == fit.classes_)
    return _Fit(took, float(np.linalg.norm(residual.T @ x) / len(x)), int((fit.predict(x) == labels).sum()))


def _theory() -> None:
    print("Curves of theory at 400 values of N / n, in seconds: the first time, and again.")
    print(f"{'':10}{'alpha_c':>18}{'optimum':>18}{'most':>18}")
    samples_per_dim = np.linspace(0.1, 40, 400)
    for v in CLASSES:
        cells = ""
        for curve in (
            lambda v: capacity_per_dim(v),
            lambda v: optimum_memorized_per_dim(v, samples_per_dim),
            lambda v: most_memorizable_per_dim(v, samples_per_dim),
        ):
            cold, warm = (seconds(lambda: curve(v)) for _ in range(2))  # noqa: B023
            cells += f"{cold:10.3f}{warm:8.4f}"
        print(f"V = {v:<6,}{cells}")
