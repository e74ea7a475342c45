"""What the app writes of its work: one line a job or a warning, as JSON, for whoever looks after it."""

import json
import logging
import time
from collections.abc import Sequence
from typing import Any

from core.config import RunConfig
from core.tasks import Task

MAX_VALUES = 6  # of a setting, from which on only the smallest and the largest are named


def start() -> None:
    """Write what `explorer` and `core` log to standard error, a line each, however often this is called."""
    for name in ("explorer", "core"):
        logger = logging.getLogger(name)
        logger.handlers = [_handler]
        logger.setLevel(logging.INFO)


def event(logger: logging.Logger, name: str, **fields: Any) -> None:
    """Log that something happened, with what is known of it."""
    logger.info(name, extra={"fields": fields})


def described(tasks: Sequence[Task]) -> dict[str, Any]:
    """What some tasks are, setting by setting: {"networks": 320, "input_dim": [10, 20, 30, 40], ...}."""
    runs = [task for task in tasks if isinstance(task, RunConfig)]
    limits = len(tasks) - len(runs)
    counts = {"networks": len(runs), "limits": limits}
    names = ["input_dim", "num_classes", "num_samples", "data_seed", *(["learning_rate", "num_steps"] if runs else [])]
    settings = {name: _span({getattr(task, name) for task in (runs if runs else tasks)}) for name in names}
    return {name: count for name, count in counts.items() if count} | settings


def _span(values: set[Any]) -> Any:
    ordered = sorted(values)
    if len(ordered) == 1:
        return ordered[0]
    return ordered if len(ordered) <= MAX_VALUES else f"{ordered[0]} to {ordered[-1]}"


class _Lines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


_handler = logging.StreamHandler()
_handler.setFormatter(_Lines())
