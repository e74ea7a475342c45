"""How fast the sharpness of many runs is found, beside what one writes without this library, and how well."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from core.bench.speed import seconds
from core.data import dataset
from core.device import one_thread
from core.presets import PRESETS
from core.result import RunResult
from core.sharpness import sharpness
from core.train import train

EIGSH_TOLERANCE = 1e-6  # gives errors as small as ours
REFERENCE_TOLERANCE = 1e-13
POWER_TOLERANCE, MAX_POWER_STEPS = 1e-3, 100  # PyHessian's defaults
ROUNDS = 5

Product = Callable[[NDArray[np.float64]], NDArray[np.float64]]  # of a run's Hessian with a vector (V d,)


class _Way(NamedTuple):
    """A way to the largest eigenvalues of many runs."""

    name: str
    find: Callable[[Sequence[RunResult]], NDArray[np.float64]]


def report() -> None:
    """Print the table."""
    print("Sharpness of the 80 runs of Figure 2 (n = 40, V = 10, one seed). Errors are relative to eigsh at 1e-13.")
    try:
        import scipy.sparse.linalg  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        print("eigsh is scipy's, which is not installed: pip install -e '.[test]' brings it.")
        return
    runs = [run for run in PRESETS["liu-fig2-as-plotted"].runs() if run.data_seed == 0]
    results = train([replace(run, measure_sharpness="never") for run in runs])
    reference = np.array([_eigsh(_closed_form(result), result, REFERENCE_TOLERANCE) for result in results])
    ways = [
        _Way("ours, all together", lambda results: np.array([answer.value for answer in sharpness(results)])),
        _Way("eigsh, autograd", one_by_one(lambda result: _eigsh(_autograd(result), result, EIGSH_TOLERANCE))),
        _Way("eigsh, closed form", one_by_one(lambda result: _eigsh(_closed_form(result), result, EIGSH_TOLERANCE))),
        _Way("power iteration, autograd", one_by_one(lambda result: _power_iteration(_autograd(result), result))),
    ]
    print(f"{'':28}{'seconds':>9}{'times ours':>12}{'largest error':>15}{'median error':>15}")
    ours = 0.0
    for way in ways:
        errors = np.abs(way.find(results) / reference - 1)  # which also warms up
        took = min(seconds(lambda: way.find(results)) for _ in range(ROUNDS))  # noqa: B023
        ours = ours or took
        print(f"{way.name:28}{took:9.3f}{took / ours:12.1f}{errors.max():15.1e}{np.median(errors):15.1e}")


def one_by_one(find: Callable[[RunResult], float]) -> Callable[[Sequence[RunResult]], NDArray[np.float64]]:
    """Run after run, with one thread: for products so small two are no faster."""

    @one_thread
    def loop(results: Sequence[RunResult]) -> NDArray[np.float64]:
        return np.array([find(result) for result in results])

    return loop


def _eigsh(product: Product, result: RunResult, tolerance: float) -> float:
    from scipy.sparse.linalg import LinearOperator, eigsh

    size = result.weights.size
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    start = np.random.Generator(np.random.PCG64(0)).standard_normal(size)
    [value] = eigsh(operator, k=1, which="LA", tol=tolerance, v0=start, return_eigenvectors=False)
    return float(value)


def _power_iteration(product: Product, result: RunResult) -> float:
    """As PyHessian does it: until the eigenvalue changes by less than a thousandth."""
    vector = np.random.Generator(np.random.PCG64(0)).standard_normal(result.weights.size)
    value = 0.0
    for _ in range(MAX_POWER_STEPS):
        vector /= np.linalg.norm(vector)
        image = product(vector)
        before, value = value, float(vector @ image)
        if abs(value - before) < POWER_TOLERANCE * abs(before):
            break
        vector = image
    return value


def _autograd(result: RunResult) -> Product:
    """Through the gradient of a `torch.nn.Linear`, kept for one more derivative."""
    run = result.config
    inputs, labels = (torch.from_numpy(array) for array in dataset(run))
    layer = torch.nn.Linear(run.input_dim, run.num_classes, bias=run.bias, dtype=torch.float64)
    parameters = list(layer.parameters())
    with torch.no_grad():
        columns = torch.from_numpy(result.weights).split([run.input_dim, 1][: 1 + run.bias], dim=1)
        for parameter, value in zip(parameters, columns, strict=True):
            parameter.copy_(value.view_as(parameter))
    loss = functional.cross_entropy(layer(inputs.double()), labels)
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = torch.from_numpy(vector).split([parameter.numel() for parameter in parameters])
        direction = [part.view_as(parameter) for part, parameter in zip(parts, parameters, strict=True)]
        images = torch.autograd.grad(gradient, parameters, direction, retain_graph=True)
        return torch.cat([image.flatten() for image in images]).numpy()

    return product


def _closed_form(result: RunResult) -> Product:
    """The formula of `core.softmax`, in numpy."""
    inputs, _ = dataset(result.config)
    inputs = np.concatenate([inputs, np.ones((len(inputs), int(result.config.bias)))], axis=1)
    logits = result.weights.astype(np.float64) @ inputs.T
    p = np.exp(logits - logits.max(0))
    p /= p.sum(0)  # (V, N)

    def product(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        b = p * (vector.reshape(len(p), -1) @ inputs.T)
        image: NDArray[np.float64] = ((b - p * b.sum(0)) @ inputs / len(inputs)).ravel()
        return image

    return product
