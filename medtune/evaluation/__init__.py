"""How good a set of risks is: discrimination, calibration, usefulness, each with its interval."""

from medtune.evaluation.acting import Workload, predictive_values, row_for_capacity, workload
from medtune.evaluation.benefit import BenefitGain, benefit_gain
from medtune.evaluation.calibration import (
    CalibrationCurve,
    CalibrationErrors,
    brier,
    calibration,
    calibration_curve,
    calibration_errors,
    calibration_in_the_large,
    calibration_slope,
    log_loss,
    observed_expected,
    recalibration,
    scaled_brier,
)
from medtune.evaluation.case_mix import model_based_concordance
from medtune.evaluation.certainty import ConformalSets, ReferBand, conformal_sets, coverage, refer_band
from medtune.evaluation.class_performance import (
    ClassPerformance,
    OneClass,
    class_headline,
    compare_classes,
    evaluate_classes,
)
from medtune.evaluation.closer import CloserEvaluation, CloserLook, look_closer
from medtune.evaluation.confusion import confusion_counts
from medtune.evaluation.decisions import (
    AtThreshold,
    DecisionCurve,
    ThresholdTable,
    at_prevalence,
    at_threshold,
    decision_curve,
    decision_curve_of,
    net_benefit,
    net_benefit_of_all,
    threshold_by_capacity,
    threshold_by_consequence,
    threshold_table,
)
from medtune.evaluation.discrimination import (
    RocCurve,
    auroc,
    auroc_delong,
    compare_auroc,
    delong,
    roc_curve,
)
from medtune.evaluation.distances import calibration_distances
from medtune.evaluation.headline import Headline, headline, patient_log_loss
from medtune.evaluation.heterogeneity import Heterogeneity, heterogeneity
from medtune.evaluation.intervals import clopper_pearson, wilson
from medtune.evaluation.multiclass import (
    confusion_matrix,
    hand_till,
    multiclass_brier,
    multiclass_log_loss,
    one_vs_rest,
)
from medtune.evaluation.optimism import Optimism, optimism_corrected
from medtune.evaluation.performance import (
    Comparison,
    Performance,
    RiskDistribution,
    compare,
    evaluate,
    paired_t,
    risk_distribution,
)
from medtune.evaluation.precision_recall import PrecisionRecallCurve, precision_recall_curve
from medtune.evaluation.readings import reading
from medtune.evaluation.resampling import Resamples
from medtune.evaluation.subgroups import Subgroup, subgroups

__all__ = [
    "AtThreshold",
    "BenefitGain",
    "CalibrationCurve",
    "CalibrationErrors",
    "ClassPerformance",
    "CloserEvaluation",
    "CloserLook",
    "Comparison",
    "ConformalSets",
    "DecisionCurve",
    "Headline",
    "Heterogeneity",
    "OneClass",
    "Optimism",
    "Performance",
    "PrecisionRecallCurve",
    "ReferBand",
    "Resamples",
    "RiskDistribution",
    "RocCurve",
    "Subgroup",
    "ThresholdTable",
    "Workload",
    "at_prevalence",
    "at_threshold",
    "auroc",
    "auroc_delong",
    "benefit_gain",
    "brier",
    "calibration",
    "calibration_curve",
    "calibration_distances",
    "calibration_errors",
    "calibration_in_the_large",
    "calibration_slope",
    "class_headline",
    "clopper_pearson",
    "compare",
    "compare_auroc",
    "compare_classes",
    "conformal_sets",
    "confusion_counts",
    "confusion_matrix",
    "coverage",
    "decision_curve",
    "decision_curve_of",
    "delong",
    "evaluate",
    "evaluate_classes",
    "hand_till",
    "headline",
    "heterogeneity",
    "log_loss",
    "look_closer",
    "model_based_concordance",
    "multiclass_brier",
    "multiclass_log_loss",
    "net_benefit",
    "net_benefit_of_all",
    "observed_expected",
    "one_vs_rest",
    "optimism_corrected",
    "paired_t",
    "patient_log_loss",
    "precision_recall_curve",
    "predictive_values",
    "reading",
    "recalibration",
    "refer_band",
    "risk_distribution",
    "roc_curve",
    "row_for_capacity",
    "scaled_brier",
    "subgroups",
    "threshold_by_capacity",
    "threshold_by_consequence",
    "threshold_table",
    "wilson",
    "workload",
]
