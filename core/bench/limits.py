"""How fast the exact optimum is found, beside scikit-learn's solvers, and the curves of theory."""

import warnings
from typing import Any

import numpy as np

from core.bench.speed import seconds
from core.config import SweepConfig
from core.data import dataset
from core.limits import limits
from core.sweep import sweep
from core.tasks import LimitsConfig, LimitsSweep
from core.theory import most_memorizable_per_dim, optimum_memorized_per_dim

SWEEP = SweepConfig((40,), 10, tuple(range(5, 401, 5)))
SOLVERS = {"lbfgs": 20_000, "newton-cholesky": 200}  # with so many iterations at most
GRADIENT_NORM = 1e-8
CLASSES = (2, 10, 40, 1_000)


def report() -> None:
    """Print the tables."""
    _optimum()
    _theory()


def _optimum() -> None:
    tasks = LimitsSweep(SWEEP).runs()
    found = limits(tasks)  # which also warms up
    finite = [each.config for each in found if each.kind == "finite"]
    print(
        f"The optimum of the cross-entropy of {len(tasks)} data sets, n = 40, V = 10, N = 5 to 400; {len(finite)} of "
        "them have a finite one. Separable and split ones are proved to be so."
    )
    took = seconds(lambda: limits(tasks))
    print(f"{'ours, all, one thread':44}{took:8.2f} s")
    print(f"{'ours, all, as a sweep':44}{seconds(lambda: list(sweep(tasks))):8.2f} s")
    took = seconds(lambda: limits(finite))
    largest = max(float(each.gradient_norm) for each in found if each.kind == "finite")
    print(f"{'ours, finite ones, one thread':44}{took:8.2f} s   gradient {largest:.0e} at most")
    try:
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError:
        print("scikit-learn is not installed: pip install -e '.[test]' brings it.")
        return
    for solver, most in SOLVERS.items():
        norms: list[float] = []

        def loop(solver: str = solver, most: int = most, norms: list[float] = norms) -> None:
            norms += [_fitted(LogisticRegression, config, solver, most) for config in finite]

        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer = seconds(loop)
        right = sum(norm <= GRADIENT_NORM for norm in norms)
        name = f"scikit-learn {solver}, finite ones, in a loop"
        print(
            f"{name:44}{peer:8.2f} s   {peer / took:.1f} times, gradient {max(norms):.0e} at most, {right} of ", end=""
        )
        print(f"{len(finite)} below {GRADIENT_NORM:g}")


def _fitted(model: Any, config: LimitsConfig, solver: str, max_iter: int) -> float:
    """The gradient norm that scikit-learn reaches."""
    inputs, labels = dataset(config)
    x = np.c_[inputs, np.ones(len(inputs))]
    fit = model(C=np.inf, solver=solver, tol=GRADIENT_NORM / 10, max_iter=max_iter, fit_intercept=False).fit(x, labels)
    probabilities = fit.predict_proba(x)
    residual = probabilities - np.eye(config.num_classes)[labels]
    return float(np.linalg.norm(residual.T @ x) / len(x))


def _theory() -> None:
    print("\nCurves of theory, the first time and then from memory:")
    loads = np.linspace(0.1, 40, 400)
    for v in CLASSES:

        def curves(v: int = v) -> None:
            optimum_memorized_per_dim(v, loads)
            most_memorizable_per_dim(v, loads)

        print(f"V = {v:<5,}{seconds(curves):8.3f} s{seconds(curves):8.4f} s")
