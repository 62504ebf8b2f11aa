"""The medtune dashboard: page set-up, navigation, and the strip over every page."""

import streamlit as st

from medtune.ui import look, navigation, questions, strip, widgets
from medtune.ui.state import state

st.set_page_config(page_title="medtune", page_icon=str(look.ICON), layout="wide")
st.logo(str(look.ICON), size="large")
look.apply()
with widgets.troubles_shown():
    if state.begin():
        questions.warm_up()
    page = st.navigation(navigation.pages(), expanded=True)
    strip.draw()
    if state.trouble is not None:
        widgets.trouble(state.trouble)
        state.trouble = None
    page.run()
