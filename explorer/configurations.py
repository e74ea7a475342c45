"""The settings of a page as text: in a link, and in words.

A configuration is what the controls of a page say: key of `explorer.parameters` -> value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode

from explorer.controls import quoted, taken
from explorer.parameters import PARAMETERS

Configuration = Mapping[str, Any]

LONGEST_QUERY = 2_000  # characters; all controls of a page take some 400
FEW = 3  # of changes that are told one by one
_SYMBOL = re.compile(r"\$(.+?)\$")


def defaults(keys: Iterable[str]) -> dict[str, Any]:
    """Where these controls start."""
    return {key: list(p.default) if p.kind == "set" else p.default for key in keys for p in (PARAMETERS[key],)}


def query(values: Configuration) -> str:
    """The settings as the query of a link, without what is a default anyway."""
    told = {key: _texts(key, value) or [""] for key, value in values.items()}
    return urlencode(
        {key: texts for key, texts in told.items() if _differs(key, values[key], PARAMETERS[key].default)}, doseq=True
    )


def joined(*queries: str) -> str:
    """Several queries as one; some may be empty."""
    return "&".join(filter(None, queries))


def read(text: str, keys: Iterable[str]) -> tuple[dict[str, Any], list[str]]:
    """The settings that a query asks for, and a sentence for whatever of it cannot be had.

    Args:
        text: as `query` writes it; it may come from a link, and say anything.
        keys: the controls of the page; whatever is not asked for has its default.
    """
    values = defaults(keys)
    if len(text) > LONGEST_QUERY:
        return values, ["The link's pinned settings cannot be read; A has the defaults."]
    asked = parse_qs(text, keep_blank_values=True)
    notes = []
    unknown = [key for key in asked if key not in values]
    if unknown:
        notes.append(
            f"The link's pinned settings name {quoted(unknown)}, which this page does not have; it was ignored."
        )
    for key in values.keys() & asked.keys():
        parameter = PARAMETERS[key]
        value = taken(parameter, parameter.options, asked[key])
        if value is None:
            shown = told(key, values[key])
            asks = f"The link's pinned settings ask for {key} = {quoted(asked[key])}"
            notes.append(f"{asks}, which this page does not offer; A has {shown}.")
        else:
            values[key] = value
    return values, sorted(notes)


def different(one: Configuration, other: Configuration) -> list[str]:
    """The controls that both have, and that say something else, in the order of the table of parameters."""
    return [key for key in PARAMETERS if key in one and key in other and _differs(key, one[key], other[key])]


def told(key: str, value: Any) -> str:
    """One setting, as "V = 10"."""
    return f"{name(key)} = {_text(key, value)}"


def told_all(values: Configuration, keys: Sequence[str]) -> str:
    """Some settings, one after the other."""
    return ", ".join(told(key, values[key]) for key in keys)


def changes(before: Configuration, after: Configuration) -> str:
    """What changed, as "V 10 → 40"; of many changes the first."""
    keys = different(before, after)
    shown = [f"{name(key)} {_text(key, before[key])} → {_text(key, after[key])}" for key in keys[:FEW]]
    more = [f"{len(keys) - FEW} more"] if len(keys) > FEW else []
    return "; ".join([*shown, *more])


def name(key: str) -> str:
    """What a control is called in a few words: no other of the same page is called so."""
    parameter = PARAMETERS[key]
    symbol = _SYMBOL.search(parameter.label)
    return parameter.short or (symbol[1].replace("\\eta", "η") if symbol else parameter.label)


def _text(key: str, value: Any) -> str:
    """A value in words."""
    if PARAMETERS[key].kind == "switch":
        return "on" if value else "off"
    return (" to " if PARAMETERS[key].kind == "range" else ", ").join(_texts(key, value)) or "none"


def _texts(key: str, value: Any) -> list[str]:
    """A value as it is written in the address: several texts for a range or a set."""
    return [PARAMETERS[key].show(each) for each in (value if isinstance(value, list | tuple) else (value,))]


def _differs(key: str, one: Any, other: Any) -> bool:
    """Whether two values of a control are not the same; sets have no order."""
    if PARAMETERS[key].kind == "set":
        return set(one) != set(other)
    return _texts(key, one) != _texts(key, other)
