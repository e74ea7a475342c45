"""The explorer of neural memorization. Start it with `streamlit run explorer/app.py`."""

from pathlib import Path

import streamlit as st

from explorer import logs, passphrase, presentation, service

# A file of our own: Streamlit would fetch the picture of an icon or emoji from the network.
ICON = Path(__file__).parent / "icon.svg"

# Streamlit leaves a hand's breadth free above and beside a page, which on a laptop pushes the chart out of sight.
CLOSER = "<style>.stMainBlockContainer { padding: 4.5rem clamp(1rem, 4vw, 5rem) 4rem }</style>"

st.set_page_config(page_title="Memorization explorer", page_icon=str(ICON), layout="wide", initial_sidebar_state=330)
st.html(CLOSER)

logs.start()  # before anything may have to be told
may_enter = passphrase.is_known()
page = st.navigation(
    [
        st.Page("views/home.py", title="Start", icon=":material/home:", default=True),
        st.Page("views/lesson/page.py", title="Lesson", icon=":material/school:", url_path="lesson"),
        st.Page("views/capacity.py", title="Capacity", icon=":material/show_chart:"),
        st.Page("views/jamming.py", title="Jamming", icon=":material/landslide:"),
        st.Page("views/learning_rate.py", title="Learning rate", icon=":material/tune:"),
        st.Page("views/samples/page.py", title="Samples", icon=":material/scatter_plot:", url_path="samples"),
        st.Page("views/limits/page.py", title="Limits", icon=":material/vertical_align_top:", url_path="limits"),
        st.Page("views/bits/page.py", title="Bits", icon=":material/memory:", url_path="bits"),
        st.Page("views/replication/page.py", title="Replication", icon=":material/search:", url_path="replication"),
        st.Page("views/teacher.py", title="Teacher's sheet", icon=":material/assignment:"),
        st.Page("views/storage.py", title="Status", icon=":material/database:"),
    ],
    position="top" if may_enter else "hidden",
)
if not may_enter:
    passphrase.ask()
    st.stop()
try:
    problem = service.problem()
except ValueError as error:
    st.error(f"Nothing can be computed: {error}.", icon=":material/cloud_off:")
    st.stop()
if problem:
    st.warning(f"Only what is kept can be shown: {problem}.", icon=":material/cloud_off:")
presentation.switch()
page.run()
