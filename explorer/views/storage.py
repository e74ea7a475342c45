"""Storage: what is kept on disk."""

import streamlit as st

from explorer import service


def main() -> None:
    st.title("What is kept on this computer?")
    st.markdown(
        "Every trained network and every exact limit is kept on disk, so that a chart that was seen once appears at "
        "once. When the folder is full, what was not used for longest goes first."
    )
    stats = service.cache().stats()
    if stats.problem:
        st.warning(stats.problem, icon=":material/warning:")
    asked = stats.hits + stats.misses
    numbers = [
        ("Results kept", f"{stats.entries:,}", "each with its weights and all samples"),
        ("Size", f"{stats.bytes / 1e6:,.1f} MB", f"of {stats.size_limit / 1e9:,.1f} GB allowed"),
        (
            "Found when asked for",
            f"{stats.hits / asked:.0%}" if asked else "–",
            f"{stats.hits:,} of {asked:,} since the app started",
        ),
    ]
    for column, (label, value, note) in zip(st.columns(3), numbers, strict=True):
        column.metric(label, value, note, delta_color="off", delta_arrow="off", border=True)
    if stats.dropped:
        st.caption(f"{stats.dropped:,} damaged entries were found, dropped and computed anew.")
    st.markdown("Folder")
    st.code(str(stats.directory), language=None)
    with st.popover("Clear the cache", icon=":material/delete:"):
        st.markdown("All that is kept is deleted. It is computed again when a chart needs it.")
        st.button("Delete them all", key="clear", on_click=clear)
    if "cleared" in st.session_state:
        st.success(f"{st.session_state.pop('cleared'):,} results were deleted.", icon=":material/check:")


def clear() -> None:
    st.session_state["cleared"] = service.cache().clear()
    service.jobs().forget()


main()
