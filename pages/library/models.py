"""Models: the library of saved models, what each is and how good it was, and what can be done with it."""

from medtune.foundation.words import say
from medtune.ui import model_cards, navigation, several_models, widgets
from medtune.ui.paging import page_of
from medtune.ui.text import number

kept = model_cards.kept_models()
passports, troubles = kept.list(), kept.troubles()

if passports:
    template = "{count} models are in the library." if len(passports) > 1 else "One model is in the library."
    widgets.title(say("Models"), say(template, count=number(len(passports))))
else:
    widgets.title(say("Models"), say("The library is empty. Save the model of a run, or import a model file."))
    navigation.link("start", say("Try the demo, which brings a model along"))
with widgets.fold(say("Import a model"), not passports, ":material/upload_file:"):
    model_cards.bring()
if len(passports) > 1:
    with widgets.fold(say("Make one model of several"), False, ":material/join_inner:"):
        several_models.draw(passports)
for sentence in troubles:
    model_cards.broken(sentence)
for passport in page_of(passports, "models"):
    model_cards.draw(passport)
widgets.reading(
    say("AUROC and slope are from patients the model was not fitted to, where they are known."),
    say("An AUROC of 0.5 is a coin toss and 1 is perfect ranking; a slope of 1 is ideal."),
    say("A model file holds no patient; whoever imports it sees columns, ranges and levels."),
)
