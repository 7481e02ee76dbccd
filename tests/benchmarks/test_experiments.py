"""The lines of the table, by hand; and one experiment timed."""

from tests.benchmarks.experiments import Time, measure, row


def test_what_is_promised():
    assert row("a", None, Time(30, 9.9)) == "| a | with the whole | 30.0 (9.9) | yes |"
    assert row("a", Time(9, 2.9), Time(90, 50)) == "| a | 9.0 (2.9) | 90.0 (50.0) | yes |"
    assert row("a", Time(9, 3.1), Time(90, 50)).endswith("| no |") and row("a", None, Time(10.1, 10.2)).endswith("| no |")
    assert row("a", None, Time(9.9, 18)).endswith("| yes |")


def test_measuring(tiny_zoo):
    first, whole = measure(tiny_zoo, "compare_models")
    assert first is not None and 0 < first.clock < whole.clock
    assert measure(tiny_zoo, "layer_by_layer")[0] is None
