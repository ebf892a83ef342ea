from hypothesis import given
from hypothesis import strategies as st

from sync.histogram import Histogram

BOUNDS = (0.001, 0.005, 0.01, 1.0)


@given(st.lists(st.floats(0, 2) | st.sampled_from(BOUNDS)))
def test_each_bound_counts_the_values_that_do_not_exceed_it(values: list[float]) -> None:
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.observe(value)
    assert histogram.cumulative() == [*(sum(v <= bound for v in values) for bound in BOUNDS), len(values)]
    assert histogram.count == len(values)
    assert histogram.sum == sum(values)
