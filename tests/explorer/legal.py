"""Everything that the controls can be set to."""

from typing import Any

from hypothesis import strategies as st

from explorer.charts import MAX_CURVES
from explorer.parameters import PARAMETERS, Parameter

DEFAULTS: dict[str, Any] = {key: parameter.default for key, parameter in PARAMETERS.items()}


def legal_values(parameter: Parameter) -> st.SearchStrategy[Any]:
    """What the widget of a parameter may return."""
    one = st.sampled_from(parameter.options)
    match parameter.kind:
        case "set":
            return st.lists(one, min_size=1, max_size=MAX_CURVES, unique=True)
        case "range":
            return st.tuples(one, one).map(lambda ends: (min(ends), max(ends)))
        case _:
            return one


combinations = st.fixed_dictionaries({key: legal_values(parameter) for key, parameter in PARAMETERS.items()})
