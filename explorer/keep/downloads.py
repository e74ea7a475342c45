"""Results as tables to take away: one row a run, all its settings and numbers, beside the limits of its data.

Nothing here knows Streamlit.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import fields

import pandas as pd

from core.limits import LimitsResult
from core.table import RunTable, limits_numbers
from core.tasks import LimitsConfig, Task
from core.work import Result

DATA_SET = [field.name for field in fields(LimitsConfig) if field.name != "most"]  # what makes two data sets one

Find = Callable[[Task], Result | None]


class LostError(RuntimeError):
    """Some results are nowhere any more."""


def runs_table(tasks: Sequence[Task], find: Find) -> pd.DataFrame:
    """One row a run; where limits of data sets are among the tasks, each stands beside the runs of its data.

    Columns: those of `core.table.RunTable`, then `core.table.limits_numbers`. Limits without a run are rows of their
    own, in which what belongs to a run is missing.

    Args:
        tasks: what has ended, each once.
        find: where results are.

    Raises:
        LostError: some result is nowhere any more.
    """
    runs = [task for task in tasks if not isinstance(task, LimitsConfig)]
    table, limits = RunTable(runs), []
    for task in tasks:
        result = find(task)
        if result is None:
            raise LostError("a result is in neither memory nor cache any more: reload the page to compute it again")
        if isinstance(result, LimitsResult):
            limits.append({name: getattr(task, name) for name in DATA_SET} | limits_numbers(result))
        else:
            table.add(result)
    if not limits:
        return pd.DataFrame(table.columns())
    if not runs:
        return pd.DataFrame(limits)
    return pd.DataFrame(table.columns()).merge(pd.DataFrame(limits), on=DATA_SET, how="outer")


def as_csv(table: pd.DataFrame) -> bytes:
    """As text that any program reads."""
    return table.to_csv(index=False).encode()


def as_parquet(table: pd.DataFrame) -> bytes:
    """Smaller, and with the type of each column."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()
