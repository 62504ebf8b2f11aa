"""The medtune dashboard: page set-up, navigation, and the strip over every page."""

import streamlit as st

from medtune.ui import look, navigation, strip, widgets
from medtune.ui.state import state

st.set_page_config(page_title="medtune", page_icon=str(look.ICON), layout="wide")
st.logo(str(look.ICON), size="large")
look.apply()
state.begin()
page = st.navigation(navigation.pages(), expanded=True)
strip.draw()
if state.trouble is not None:
    widgets.trouble(state.trouble)
    state.trouble = None
with widgets.troubles_shown():
    page.run()
