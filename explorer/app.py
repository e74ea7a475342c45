"""The explorer of neural memorization. Start it with `streamlit run explorer/app.py`."""

from pathlib import Path

import streamlit as st

from explorer import compare, logs, passphrase, presentation, service, shortcuts
from explorer.parameters import NEW_PAGE

# A file of our own: Streamlit would fetch the picture of an icon or emoji from the network.
ICON = Path(__file__).parent / "icon.svg"

# Streamlit leaves a hand's breadth free above and beside a page, which on a laptop pushes the chart out of sight.
# The names of all pages, without icons and close together, stand beside the sidebar where a window has 1280 pixels. In
# a narrower one the last of them are in a menu, which is marked, as a name would be, while one of these is shown.
CLOSER = """<style>
.stMainBlockContainer { padding: 4.5rem clamp(1rem, 4vw, 5rem) 4rem }
[data-testid=stTopNav] { gap: 0.1rem; padding-right: 0 }
[data-testid=stTopNavLink], [data-testid=stTopNavSection] { padding-inline: 0.35rem }
[data-testid=stTopNav]:has([inert] [aria-current=page]) .rc-overflow-item-rest button {
  background: rgb(141 173 206 / 0.25);
}
</style>"""

st.set_page_config(page_title="Memorization explorer", page_icon=str(ICON), layout="wide", initial_sidebar_state=330)
st.html(CLOSER)

logs.start()  # before anything may have to be told
may_enter = passphrase.is_known()
page = st.navigation(
    [
        st.Page("views/home.py", title="Start", default=True),
        st.Page("views/lesson/page.py", title="Lesson", url_path="lesson"),
        st.Page("views/capacity.py", title="Capacity"),
        st.Page("views/jamming.py", title="Jamming"),
        st.Page("views/learning_rate.py", title="Learning rate"),
        st.Page("views/samples/page.py", title="Samples", url_path="samples"),
        st.Page("views/limits/page.py", title="Limits", url_path="limits"),
        st.Page("views/bits/page.py", title="Bits", url_path="bits"),
        st.Page("views/replication/page.py", title="Replication", url_path="replication"),
        st.Page("views/teacher.py", title="Teacher"),
        st.Page("views/storage.py", title="Status"),
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
state = st.session_state
state[NEW_PAGE], state["visits"] = state.get("visits") != page.url_path, page.url_path
compare.come_back(page.url_path)
presentation.switch()
shortcuts.quiet()
page.run()
