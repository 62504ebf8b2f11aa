"""The preparation keeps the promises that scikit-learn asks of every transformer."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from medtune.cohort.preparation import Preparation

PASSED_OVER: dict[str, str] = {}


@parametrize_with_checks(
    [Preparation(), Preparation(numbers="iterative", indicators=True, clip=0.01)],
    expected_failed_checks=lambda e: PASSED_OVER,
)
def test_preparation_keeps_the_promises_of_scikit_learn(estimator, check):
    check(estimator)
