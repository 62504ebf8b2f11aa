"""The terms of statistics that pages use, each in one or two plain sentences."""

from __future__ import annotations

from medtune.foundation.words import Sentence, say

TERMS: dict[str, tuple[Sentence, Sentence]] = {
    "auroc": (
        say("AUROC"),
        say(
            "The chance that a patient with the event has a higher estimated risk than one without. "
            "0.5 is a coin toss, 1 is perfect ranking."
        ),
    ),
    "classes": (
        say("Classes"),
        say(
            "Values of the outcome of which each patient has exactly one, such as stages. The model estimates a risk "
            "of each, and together they are 100%."
        ),
    ),
    "hand_till": (
        say("AUROC over pairs of classes"),
        say(
            "The mean AUROC of all pairs of classes (Hand and Till). 0.5 is a coin toss, 1 tells every class "
            "from every other."
        ),
    ),
    "calibration": (
        say("Calibration"),
        say("Agreement of estimated risks with what happens: of patients given 20%, about 20 in 100 have the event."),
    ),
    "calibration_slope": (
        say("Calibration slope"),
        say("1 is ideal. Below 1 the estimated risks are too extreme, above 1 they are too close together."),
    ),
    "calibration_in_the_large": (
        say("Calibration in the large"),
        say("0 is ideal. Below 0 risks are too high on average, above 0 they are too low."),
    ),
    "log_loss": (
        say("Log-loss"),
        say("The penalty for risks far from what happened; lower is better. It decides the verdict."),
    ),
    "brier": (
        say("Brier score"),
        say("The mean squared distance between estimated risk and outcome. Lower is better."),
    ),
    "net_benefit": (
        say("Net benefit"),
        say("True positives found, minus false positives weighed by the threshold. It says whether acting helps."),
    ),
    "threshold": (
        say("Threshold"),
        say("Patients with an estimated risk at or above it are flagged. It should follow from what acting costs."),
    ),
    "sensitivity": (
        say("Sensitivity (recall)"),
        say("Of the patients with the event, the share that is flagged."),
    ),
    "specificity": (
        say("Specificity"),
        say("Of the patients without the event, the share that is not flagged."),
    ),
    "ppv": (
        say("Precision (positive predictive value)"),
        say("Of the flagged patients, the share that has the event. It depends on how common the event is."),
    ),
    "npv": (
        say("Negative predictive value"),
        say("Of the patients not flagged, the share without the event."),
    ),
    "accuracy": (
        say("Accuracy"),
        say("The share classified correctly. It depends on the threshold and misleads when events are rare."),
    ),
    "f1": (
        say("F1"),
        say("The harmonic mean of precision and recall. It ignores the patients rightly left alone."),
    ),
    "interval": (
        say("95% CI"),
        say("The range of values these patients are compatible with. A wide range means too few patients to be sure."),
    ),
    "out_of_fold": (
        say("Out-of-fold"),
        say("Each patient is judged by a model that was tuned without that patient."),
    ),
    "one_standard_error": (
        say("1-SE rule"),
        say("Of the rungs, the least change whose log-loss these patients cannot tell from that of the best one."),
    ),
    "learning_curve": (
        say("Learning curve"),
        say("The gain of a method against the number of patients it learnt from, always scored on the same others."),
    ),
    "instability": (
        say("Instability"),
        say("How far a patient's estimated risk moves when the model is fitted to other patients like these."),
    ),
    "optimism": (
        say("Optimism"),
        say("How much better a model looks on the patients it was fitted to than on others like them."),
    ),
    "cross_validation": (
        say("Cross-validation"),
        say("Patients are split into parts; each part is judged by a model tuned on the others."),
    ),
    "site": (say("Site"), say("The hospital, ward or region a patient comes from.")),
    "predictor": (say("Predictor"), say("A column the model may use to estimate the risk.")),
    "outcome": (say("Outcome"), say("The column that says whether the event happened to the patient.")),
    "existing_risk": (
        say("Existing risk"),
        say("A column with a risk between 0 and 1 from a score already in use. Fine-tuning can start from it."),
    ),
    "missing_code": (
        say("Missing code"),
        say("A value that stands for 'not known', such as 999, or a cholesterol of 0."),
    ),
    "indicator": (
        say("Missing indicator"),
        say("A further column that tells the model whether the value was missing."),
    ),
    "spline": (
        say("Curve (restricted cubic spline)"),
        say("Cubic pieces that meet at the knots, straight at both ends. Knots lie at quantiles of training patients."),
    ),
    "imputation": (
        say("Imputation"),
        say("Filling in a missing value with a likely one, learnt from the training patients only."),
    ),
    "training_patients": (
        say("Training patients"),
        say("The patients a model learns from. Those that judge it are always others."),
    ),
    "log_odds": (
        say("Log-odds"),
        say("The scale on which contributions add up. One unit more multiplies the odds of the event by 2.7."),
    ),
    "contribution": (
        say("Contribution (SHAP)"),
        say("How far one column moves this patient's estimated risk from the average. It is not a cause."),
    ),
    "interaction": (
        say("Interaction"),
        say("What two columns do together beyond each by itself, as when age counts for more in one sex."),
    ),
    "main_effect": (
        say("Main effect"),
        say("What a column does by itself in the model, averaged over patients; interactions are left out."),
    ),
    "nomogram": (
        say("Nomogram"),
        say("The model as scales on paper: read off points, add them, and read the risk below the sum."),
    ),
    "points_score": (
        say("Points score"),
        say("The model in whole numbers that can be added by hand. Rounding costs some accuracy, which is measured."),
    ),
    "decision_path": (
        say("Decision path"),
        say("A line from the average to a patient's risk, one step a column, drawn among those of other patients."),
    ),
    "dependence": (
        say("Dependence plot"),
        say("The contribution of one column against its value, a point a patient. Spread at one value is interaction."),
    ),
    "ice": (
        say("If one column were different (ICE)"),
        say("This patient's estimated risk for every value of one column, all other values kept."),
    ),
    "counterfactual": (
        say("Counterfactual"),
        say("The smallest change of chosen values that moves the estimated risk across the threshold; no treatment."),
    ),
    "reclassification": (
        say("Change of side"),
        say("A patient flagged by one model and not by the other, at the threshold in use."),
    ),
    "retention": (
        say("Retention"),
        say("How well the tuned model still does on the patients the original was made from."),
    ),
    "label_score": (
        say("Label score"),
        say("How well the recorded outcome fits the out-of-fold risk, from 0 to 1. Low: look at the record again."),
    ),
    "error_map": (
        say("Error map"),
        say("Groups of patients in which the model is more wrong, found on one half and measured on the other."),
    ),
    "recalibration": (
        say("Recalibration"),
        say("Shifting and stretching the model's risks so that they agree with local patients. Ranking stays."),
    ),
    "averaged_update": (
        say("Averaged update"),
        say("An average over many small changes of the model, weighed by how well local patients support each."),
    ),
    "ici": (
        say("ICI"),
        say("Integrated calibration index: how far a patient's risk is from what happens at that risk, on average."),
    ),
    "likelihood_ratio": (
        say("Likelihood ratio"),
        say("How much a flag, or no flag, changes the odds of the event. 1 changes nothing."),
    ),
    "interventions_avoided": (
        say("Interventions avoided"),
        say("Patients spared compared with treating all, at the same number of events found."),
    ),
    "heterogeneity": (
        say("Heterogeneity (I², τ²)"),
        say("How much groups or sites differ beyond chance. I² is a share, τ² a variance between them."),
    ),
    "conformal": (
        say("Refer band"),
        say("Risks at which neither outcome can be ruled out at the chosen error rate. Such patients are referred."),
    ),
    "boosted_revision": (
        say("Boosted revision"),
        say("The recalibrated model plus a few small decision trees, only as many as inner folds support."),
    ),
    "search": (
        say("Search for settings"),
        say("Many settings are tried on inner folds of the training patients; patients that are scored have no say."),
    ),
    "source_patients": (
        say("Source patients"),
        say("The patients a starting model was made from. If their table is here, methods learn from them too."),
    ),
    "pooled_refit": (
        say("Pooled refit"),
        say("One model of source and local patients; the local ones choose what a source patient counts for."),
    ),
    "refit": (say("Refit"), say("The same columns, with all coefficients estimated again on local patients.")),
}
