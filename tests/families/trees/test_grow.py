"""Trees as flat arrays agree with scikit-learn's, and pruning keeps the splits that unseen rows confirm."""

import numpy as np
from sklearn.tree import DecisionTreeRegressor

from autogen.families.trees.grow import Growth, grown

HOW = Growth(leaf=5, columns=1.0, best=True)


def rows(n=600, noise=0.2):
    draw = np.random.default_rng(0)
    features = draw.random((n, 3)).astype(np.float32)
    targets = (features[:, 1] > 0.5) + noise * draw.normal(size=n)
    return features, targets[:, None]


def leaf_of(tree, row):
    node = 0
    while tree.feature[node] >= 0:
        node = node + 1 if row[tree.feature[node]] <= tree.threshold[node] else tree.right[node]
    return node


def test_rows_lie_in_the_leaf_that_a_walk_leads_to():
    features, targets = rows()
    tree = grown(features, targets, 400, np.arange(3), HOW, seed=0)
    for node in np.flatnonzero(tree.feature < 0):
        first, count = tree.first[node], tree.rows[node]
        assert all(leaf_of(tree, features[row]) == node for row in tree.leaves[first : first + count])


def test_a_node_holds_the_rows_of_its_children():
    features, targets = rows()
    tree = grown(features, targets, 400, np.arange(3), HOW, seed=0)
    assert sorted(tree.leaves) == list(range(600))
    inner = np.flatnonzero(tree.feature >= 0)
    left, right = inner + 1, tree.right[inner]
    assert (tree.rows[inner] == tree.rows[left] + tree.rows[right]).all()
    assert (tree.first[left] == tree.first[inner]).all()
    assert (tree.first[right] == tree.first[inner] + tree.rows[left]).all()


def test_a_tree_that_is_not_pruned_is_scikit_learns():
    features, targets = rows()
    tree = grown(features, targets, 600, np.arange(3), HOW, seed=0)
    theirs = DecisionTreeRegressor(min_samples_leaf=5, random_state=0).fit(features, targets).tree_
    assert len(tree.feature) == theirs.node_count
    assert np.array_equal([leaf_of(tree, row) for row in features], theirs.apply(features))


def test_pruning_leaves_one_split_where_one_is_true():
    features, targets = rows()
    tree = grown(features, targets, 400, np.arange(3), HOW, seed=0)
    free = grown(features, targets, 600, np.arange(3), HOW, seed=0)
    assert tree.feature[0] == 1
    assert abs(tree.threshold[0] - 0.5) < 0.02
    assert len(tree.feature) < len(free.feature) / 3


def test_a_column_that_nothing_foretells_keeps_hardly_a_split():
    features, _ = rows()
    targets = np.random.default_rng(1).random((600, 1))
    sizes = [len(grown(features, targets, 400, np.arange(3), HOW, seed).feature) for seed in range(10)]
    assert np.mean(sizes) < 20
    assert len(grown(features, targets, 600, np.arange(3), HOW, 0).feature) > 100


def test_features_are_named_by_their_column_in_the_table():
    features, targets = rows()
    assert set(grown(features, targets, 400, np.array([4, 7, 9]), HOW, 0).feature) <= {-1, 4, 7, 9}


def test_without_columns_before_a_tree_is_one_leaf():
    tree = grown(np.empty((50, 0), np.float32), np.zeros((50, 1)), 40, np.empty(0, int), HOW, 0)
    assert (tree.feature.tolist(), tree.rows.tolist()) == ([-1], [50])
