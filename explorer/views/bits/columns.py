"""Columns that the tables of the page share."""

from typing import Any

import streamlit as st

MOST_COLUMNS: dict[str, Any] = {
    "definition": st.column_config.TextColumn("Definition"),
    "bits": st.column_config.NumberColumn("Most bits", format="%.0f", help="Mean over seeds of each one's largest"),
    "low": st.column_config.NumberColumn("95 % from", format="%.0f", help="Interval of that mean, over seeds"),
    "high": st.column_config.NumberColumn("to", format="%.0f"),
    "per_parameter": st.column_config.NumberColumn("Bits per parameter", format="%.3f"),
    "num_samples": st.column_config.NumberColumn("at N", help="Where the mean over seeds is largest"),
    "is_lower_bound": st.column_config.CheckboxColumn("At least", help="The curve ends there, so there may be more"),
    "num_seeds": st.column_config.NumberColumn("Seeds", help="Seeds whose curve is complete"),
}
