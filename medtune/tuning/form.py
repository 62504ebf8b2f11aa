"""The form of a model: whether its log-odds are a sum of terms, as those of a logistic model are."""

from __future__ import annotations


def is_logistic(model) -> bool:
    """Whether a model is logistic, so that a pooled logistic refit adds nothing to an update of it.

    Parameters
    ----------
    model : fitted classifier or None
        Also a `ClinicalModel`, a mapped or a frozen one, a pipeline, an equation, or an update of any of these.

    Returns
    -------
    bool
        False where the inside is not known, as with a score column. True without a model: even odds for everybody.
    """
    from sklearn.linear_model import LogisticRegression, LogisticRegressionCV

    from medtune.models.elastic_path import LinearRisks
    from medtune.models.equation import Equation
    from medtune.models.several import SeveralModels

    while model is not None:
        if getattr(model, "trees_", 0):
            return False
        if hasattr(model, "deviation_"):
            if not model.slope_:
                return True
            model = model.base
        elif hasattr(model, "steps"):
            model = model.steps[-1][1]
        elif hasattr(model, "feeds") or type(model).__name__ == "FrozenEstimator" or hasattr(model, "passport"):
            model = getattr(model, "model", None) or getattr(model, "estimator", None)
        elif isinstance(model, SeveralModels):
            return all(is_logistic(one) for one in model.models)
        else:
            return isinstance(model, (Equation, LinearRisks, LogisticRegression, LogisticRegressionCV))
    return True
