"""Figure 1 beside ours, at moments that a page seldom shows."""

from explorer import words
from explorer.jobs import Row
from explorer.views.replication import figure_1
from tests.explorer.frames.rows import row
from tests.explorer.legal import DEFAULTS

[CONFIG] = figure_1.sweeps_of(DEFAULTS | {"V": 10, "steps": 100, "seeds": 2})


def rows(diverges: set[int]) -> list[Row]:
    """Of the whole sweep: everything is memorized, where it does not diverge, by n."""
    return [
        row(run.input_dim, run.num_samples, run.data_seed, run.num_samples, diverged=run.input_dim in diverges)
        for run in CONFIG.runs()
    ]


def test_while_the_only_point_of_an_n_is_the_odd_one_the_figure_waits() -> None:
    early = [row(10, 50, 0, 50), row(30, 280, 0, 250)]
    now = figure_1.picture(CONFIG, 1, early)
    assert now.findings[0] is None
    assert now.table is None
    assert not now.fits


def test_a_dimension_that_diverged_does_not_keep_the_others_from_being_judged() -> None:
    now = figure_1.picture(CONFIG, 2, rows({40}))
    assert list(now.fits) == ["n = 10", "n = 20", "n = 30"]
    assert str(now.findings[0]).startswith("**C: the published run was not made with this setting")
    assert "diverged" in str(now.warning)
    nothing = figure_1.picture(CONFIG, 3, rows({10, 20, 30, 40}))
    assert nothing.findings == (None, words.odd_note(figure_1.frames.published_points("num_memorized").query("is_odd")))
    assert nothing.table is None
