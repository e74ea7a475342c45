"""A time left or taken, as it is said everywhere: by the app, on a terminal, in refusals."""


def duration(seconds: float) -> str:
    """In the largest unit of which there are two.

    >>> duration(0.44), duration(100), duration(420), duration(7200)
    ('0.4 s', '100 s', '7 min', '2 h')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:,.0f} h"
