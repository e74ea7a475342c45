from dataclasses import replace

from core import RunConfig, train
from core.data import dataset
from explorer import frames

NESTED = RunConfig(input_dim=4, num_classes=5, num_samples=60, num_steps=100, nested_data=True, watch_samples=True)


def compared(a: RunConfig, b: RunConfig):
    results = train([a, b])
    return frames.fates(*map(frames.samples_frame, results), dataset(a)[0], dataset(b)[0]), results


def test_each_sample_is_told_by_whom_it_is_memorized() -> None:
    told, (a, b) = compared(NESTED, replace(NESTED, num_steps=20))
    assert told is not None
    assert (told.isin(["both", "only A"]) == a.memorized).all()
    assert (told.isin(["both", "only B"]) == b.memorized).all()
    assert a.num_memorized != b.num_memorized


def test_of_nested_data_the_samples_that_both_have_are_told() -> None:
    more = replace(NESTED, num_samples=90)
    told, (a, b) = compared(NESTED, more)
    assert told is not None
    assert len(told) == 90
    assert told[60:].isna().all()
    assert (told[:60] == "only A").sum() == (a.memorized & ~b.memorized[:60]).sum() > 0
    fewer, _ = compared(more, NESTED)
    assert fewer is not None
    assert fewer.notna().all()
    assert (fewer == "only B").sum() == (told[:60] == "only A").sum()


def test_other_samples_have_no_common_fate() -> None:
    fresh = replace(NESTED, nested_data=False)
    for other in (
        replace(fresh, num_samples=90),
        replace(fresh, data_seed=1),
        replace(fresh, num_classes=6),
        replace(fresh, input_dim=5),
    ):
        assert compared(fresh, other)[0] is None
