"""Columns that the tables of the page share."""

from typing import Any

import streamlit as st

MOST_COLUMNS: dict[str, Any] = {
    "definition": st.column_config.TextColumn("Definition"),
    "bits": st.column_config.NumberColumn("Most bits", format="%.0f", help="The largest mean over seeds at any N"),
    "low": st.column_config.NumberColumn(
        "95 % from", format="%.0f", help="Interval of the most bits, over seeds; it allows for the choice of N"
    ),
    "high": st.column_config.NumberColumn("to", format="%.0f"),
    "per_parameter": st.column_config.NumberColumn("Bits per parameter", format="%.3f"),
    "num_samples": st.column_config.NumberColumn("at N", help="Where the mean over seeds is largest"),
    "is_lower_bound": st.column_config.CheckboxColumn(
        "At least", help="There may be more at another N; by Morris’ there always is"
    ),
    "num_seeds": st.column_config.NumberColumn("Seeds", help="Seeds whose curve is complete"),
}
