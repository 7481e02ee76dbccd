"""Identities that hold exactly, and small cases worked out by hand."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from demos import Progress, follow_demo, run_demo
from demos.lab import similarity
from demos.lab.measure import drift
from tests.demos.test_demos import same_numbers

MEASURES = (similarity.debiased_cka, similarity.rsa, similarity.held_out_procrustes)


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(0).normal(size=(2, 500, 40))


@pytest.mark.parametrize("measure", MEASURES)
def test_identical_vectors_give_one(measure, noise):
    assert measure(noise[0], noise[0].copy()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_rotated_copy_gives_one_while_paired_cosine_gives_nothing(measure, noise):
    rotated = noise[0] @ ortho_group.rvs(40, random_state=1)
    assert measure(noise[0], rotated) == pytest.approx(1, abs=1e-5)
    assert abs(1 - drift(noise[0], rotated).mean()) < 0.05


@pytest.mark.parametrize("measure", MEASURES)
def test_scale_does_not_matter(measure, noise):
    assert measure(noise[0], 7 * noise[0]) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("measure", MEASURES)
def test_independent_noise_gives_about_nothing(measure, noise):
    assert abs(measure(*noise)) < 0.03


def test_debiasing_and_holding_out_are_what_keeps_few_rows_honest():
    """100 rows of noise in 384 dimensions: the plain versions see a likeness that is not there."""
    x, y = np.random.default_rng(0).normal(size=(2, 100, 384))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    plain = np.sum((x.T @ y) ** 2) / np.linalg.norm(x.T @ x) / np.linalg.norm(y.T @ y)
    assert plain > 0.75 and abs(similarity.debiased_cka(x, y)) < 0.05
    rotation, _ = similarity.orthogonal_procrustes(x, y)
    assert 1 - drift(x @ rotation, y).mean() > 0.8 and abs(similarity.held_out_procrustes(x, y)) < 0.05


def test_hsic_by_hand():
    """x = (1, 2, 3, 4), y = (1, 1, 0, 0), kernels x_i x_j and y_i y_j with empty diagonals, n = 4.

    trace: only y's pair (1, 2) counts, twice: 2 * 2 * 1 = 4. Sums: 100 - 30 = 70 and 2, so 70 * 2 / (3 * 2) = 70 / 3.
    Row sums: (9, 16, 21, 24) and (1, 1, 0, 0), product 25, times 2 / 2 = 25. (4 + 70 / 3 - 25) / (4 * 1) = 7 / 12.
    """
    x, y = np.array([[1.0], [2], [3], [4]]), np.array([[1.0], [1], [0], [0]])
    assert similarity._unbiased_hsic(x, y) == pytest.approx(7 / 12)
    assert similarity._unbiased_hsic(x - 2.5, y) == pytest.approx(7 / 12), "a shift changes nothing"


def test_cka_grid_is_cka_of_each_pair(noise):
    grid = similarity.debiased_cka_grid([noise[0], noise[1]], [noise[0]])
    assert grid.shape == (2, 1) and grid[1, 0] == pytest.approx(similarity.debiased_cka(noise[1], noise[0]))


def test_rsa_by_hand():
    """Cosines of pairs 12, 13, 23: (0, 0.6, 0.8) against (0.8, 0.6, 0): the order reversed."""
    x = np.array([[1.0, 0], [0, 1], [0.6, 0.8]])
    y = np.array([[0.6, 0.8], [0, 1], [1.0, 0]])
    assert similarity.rsa(x, x) == pytest.approx(1) and similarity.rsa(x, y) == pytest.approx(-1)


def test_procrustes_finds_a_quarter_turn_and_scores_other_rows():
    x = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [2, 0], [0, 3], [1, 1], [-1, 2]])
    turned = x @ np.array([[0.0, 1], [-1, 0]])
    assert similarity.held_out_procrustes(x, turned) == pytest.approx(1)
    turned[4:] *= -1  # the rows that it is scored on point the other way: fitted well, held out badly
    assert similarity.held_out_procrustes(x, turned) == pytest.approx(-1)


@pytest.mark.parametrize(("rows", "message"), [(np.eye(3), "at least 4 rows; there are 3"), (np.ones((5, 2)), "rows that differ")])
def test_where_cka_is_not_defined(rows, message):
    with pytest.raises(ValueError, match=message):
        similarity.debiased_cka(rows, rows)


def test_the_experiment_with_one_model(tiny_zoo):
    """Progress has a figure early, the frozen control is 1 everywhere, and the script prints the table."""
    *progress, found = follow_demo("similarity_of_layers", tiny_zoo, models=["qa"])
    assert all(isinstance(item, Progress) for item in progress)
    assert [item.done for item in progress] == sorted(item.done for item in progress) and progress[2].figure is not None
    frozen = [row for row in found.table.rows if row[1] == "sentiment_frozen"]
    assert len(frozen) == 3 and all(value == 1 for row in frozen for value in row[3:])
    assert any(row[3] < 1 for row in found.table.rows)
    assert "every measure is 1 at every layer" in found.baseline
    assert found.controls.columns[-1] == "CKA" and {row[0] for row in found.controls.rows} >= {"base", "qa"}
    same_numbers(tiny_zoo, found, columns=range(7))


def test_another_seed_takes_other_tokens(tiny_zoo):
    first, second = (run_demo("similarity_of_layers", tiny_zoo, models=["qa"], seed=seed) for seed in (0, 1))
    assert first.table != second.table
