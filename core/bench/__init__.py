"""Benchmarks: every figure beside its baseline in the same run, because machines are noisy and ratios are not."""
