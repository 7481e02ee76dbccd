"""Senses apart, before and after tuning: the measures by hand, the experiment on tiny models, a reader's own examples."""

import numpy as np
import pytest

from demos import DemoError, Progress, follow_demo, run_demo
from demos.__main__ import _parameters
from demos.lab.baseline import unrelated_distance
from demos.lab.measure import within_and_between
from tests.demos.test_demos import run_snippet, same_numbers

EXAMPLES = """sentence,word,sense
"The seal, wet and fat, lay on the ice.",seal,animal
A seal swam under the boat.,seal,animal
The letter bore a red seal.,seal,stamp
He pressed his seal into the wax.,seal,stamp
"""


def test_within_and_between_by_hand():
    # Unit vectors at 0, 60 and 90 degrees; the first two share a sense: within cos 60 = 0.5, between the mean of 0 and cos 30.
    angles = np.radians([0, 60, 90])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    within, between = within_and_between(vectors, np.array(["a", "a", "b"]))
    assert within == pytest.approx(0.5) and between == pytest.approx(np.sqrt(3) / 4)


def test_rows_are_less_the_random_pairs_of_their_layer(tiny_zoo):
    found = run_demo("sense_separation", tiny_zoo, word="Spring", models=["qa"])
    assert found.parameters["word"] == "spring" and len(found.table.rows) == 4 * 3  # base, qa, two controls; three layers
    for key, layer, within, between, random, accuracy, apart, moved in found.table.rows:
        assert random == pytest.approx(1 - unrelated_distance(tiny_zoo, key, 0)[layer], abs=1e-5)
        assert -1 <= between + random <= 1 and within + random <= 1 and 0 <= accuracy <= 1 and apart > 0
        assert (moved == 0) == (key in ("base", "sentiment_frozen"))


def test_what_context_does_is_the_mean_over_all_pairs_of_sentences(tiny_zoo):
    found = run_demo("sense_separation", tiny_zoo, examples=EXAMPLES, models=["qa"])
    for _, _, within, between, random, _, apart, _ in found.table.rows:
        # Of the six pairs, two are within a sense and four between.
        assert 1 - apart == pytest.approx((2 * within + 4 * between) / 6 + random, abs=1e-5)


def test_a_readers_own_examples(tiny_zoo):
    found = run_demo("sense_separation", tiny_zoo, examples=EXAMPLES, models=["qa"])
    assert found.parameters["word"] == "seal" and "4 sentences, as you gave them" in found.caveat
    assert found.reproduce.startswith("# The same numbers: python -m demos run sense_separation --word seal --examples @examples.csv")
    again = run_demo("sense_separation", tiny_zoo, **found.parameters)
    assert again.table == found.table and again.claim == found.claim


def test_examples_come_from_a_file_on_the_command_line(tmp_path, tiny_zoo):
    (tmp_path / "file.csv").write_text(EXAMPLES, encoding="utf-8")
    given, files = _parameters(["--examples", f"@{tmp_path / 'file.csv'}", "--model", "qa"])
    assert run_demo("sense_separation", tiny_zoo, **given).parameters["word"] == "seal"
    assert files == {"examples": f"@{tmp_path / 'file.csv'}"}


def test_bad_examples_and_unknown_words(tiny_zoo):
    with pytest.raises(DemoError, match="Line 2 of the examples has 1 cell instead of 3"):
        run_demo("sense_separation", tiny_zoo, examples="sentence,word,sense\nbank")
    with pytest.raises(DemoError, match="no bundled sentences with marked senses for “table”; choose one of: "):
        run_demo("sense_separation", tiny_zoo, word="table")


def test_examples_can_not_become_code(tiny_zoo):
    nasty = 'The "seal"; \' + __import__("os").abort() + \' {0} \\ left.\nimport os; os.abort()'
    text = EXAMPLES + '"' + nasty.replace('"', '""') + '",seal,stamp\n'
    found = run_demo("sense_separation", tiny_zoo, examples=text, models=["qa"])
    assert len(run_snippet(tiny_zoo, found.reproduce)) == len(found.table.rows)


def test_progress_and_closing(tiny_zoo):
    following = follow_demo("sense_separation", tiny_zoo)
    assert isinstance(next(following), Progress) and next(following).figure is not None
    following.close()


def test_the_script_prints_the_same_numbers(tiny_zoo):
    same_numbers(tiny_zoo, run_demo("sense_separation", tiny_zoo, word="bank", models=["qa"]), columns=range(8))
