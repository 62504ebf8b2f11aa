"""Wait for another process without guessing how long it takes."""

import time


def until(condition, what="the condition", seconds=30.0):
    """Ask until the answer is true and return it; fail the test when it never is."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.02)
    return answer
