"""What the symbols on a page stand for."""

SYMBOLS = {
    "n": "numbers in an input: the input dimension",
    "N": "samples that the layer is asked to memorize",
    "V": "labels to choose from: the classes",
    "C": "samples that are memorized: the label has a larger logit than every other class",
    "\\eta": "learning rate: the length of the optimizer's steps",
    "\\lambda_1": "sharpness: the largest curvature of the loss at the weights, the top eigenvalue of its Hessian",
    "\\alpha_c": "samples for each input up to which nearly all data sets can be memorized completely, by theory",
    "p_i": "probability that the layer gives the label of sample $i$",
}


def symbols(*shown: str) -> str:
    """What is read when the pointer rests on the question mark behind a page's first words, as Markdown.

    Args:
        shown: keys of `SYMBOLS`, in the order in which they are to be read.

    Raises:
        KeyError: a symbol is not in the table.
    """
    return "\n\n".join(["**Symbols**", *(f"${symbol}$: {SYMBOLS[symbol]}" for symbol in shown)])
