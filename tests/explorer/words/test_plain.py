import pytest

from explorer.words import plain


@pytest.mark.parametrize(
    ("markdown", "read"),
    [
        ("**All** of them, *nearly*: `x`.", "All of them, nearly: x."),
        (r"Long dashes: all bits of the labels, $N \log_2 V$.", "Long dashes: all bits of the labels, N log₂ V."),
        (r"theory for $n \to \infty$, $\alpha_c(V)\,n$", "theory for n → ∞, α_c(V) n"),
        (r"(of $P^{-1/2} H P^{-1/2}$), times $\eta$", "(of P^(-1/2) H P^(-1/2)), times η"),
        (r"above $(2 + 2\beta_1)/(1 - \beta_1) = 38$", "above (2 + 2β₁)/(1 - β₁) = 38"),
        (r"like $\sqrt{N}$; a maximum", "like √N; a maximum"),
        ("a price of 5 dollars", "a price of 5 dollars"),
    ],
)
def test_what_is_read_has_no_signs_of_markdown_and_formulas_in_letters(markdown: str, read: str) -> None:
    assert plain(markdown) == read
