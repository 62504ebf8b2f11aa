"""What several pages share: session state, navigation, text, widgets."""
