"""Hostile expressions: noise, spoilt CEL, reaching for Python, nests, and macros that multiply."""

from random import Random
from typing import Final

from tests.cel.expressions import generate
from tests.cel.scribe import FEATURES

PYTHON: Final = (
    "__import__", "__class__", "__globals__", "__builtins__", "__subclasses__", "__init__", "__dict__", "eval", "exec",
    "open", "features", "found", "meter", "run_add", "run_bounded", "outcome_0", "constant_1", "t_1", "v_1", "f_a",
    "lambda", "def", "import", "os", "system", "self", "None", "True", "print", "globals", "getattr", "type", "object",
)  # fmt: skip
PIECES: Final = (
    *FEATURES, *PYTHON, "true", "false", "null", "in", "has", "coalesce", "clamp", "min", "size", "map", "filter",
    "exists", "all", "exists_one", "matches", "duration", "timestamp", "dyn", "string", "bytes", "1", "0", "-1", "2.5",
    "9223372036854775807", "1u", "5 d", "85 %", "1e308", "'a'", '"', "'", '"""', "r'", "b'", "\\", "\\x", "\\U0011FFFF",
    "(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "&&", "||", "!", "-", "+", "*", "/", "%", "==", "!=", "<", "<=",
    "`", "`a-b`", "//", "\n", "\t", " ", "\x00", "é", "\u2028", "\ud800", ";", "=", "@", "#", "$", "0x", "1e", ".5",
)  # fmt: skip
NESTS: Final = (
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("{1:", "1", "}"),
    ("-", "1", ""),
    ("!", "true", ""),
    ("p ? ", "1", " : 2"),
)
GROWING: Final = (".map(i, i + i)", ".map(i, [i, i])", ".map(i, string(i) + string(i))", ".filter(i, i in li)")
MULTIPLYING: Final = (".map(i, li.map(j, {}))", ".all(i, li.all(j, {}))", ".exists(i, ls.exists(j, {}))")
PATTERNS: Final = (
    "(a+)+$",
    "(a|a)*b",
    "(a{1000}){1000}",
    "(?:a?){500}a{500}",
    "[a-",
    "\\\\p{L}+",
    "(",
    "a{99999}",
    "(?=a)",
)


def hostile(random: Random) -> str:
    """A text that somebody might try a rulebook with."""
    way = random.choices(
        (_noise, _pieces, _spoilt, _nested, _growing, _pattern, _reaching), weights=(4, 8, 8, 1, 2, 1, 3)
    )
    return way[0](random)


def _noise(random: Random) -> str:
    span = random.choice((128, 0x250, 0x11_0000))
    return "".join(chr(random.randrange(span)) for _ in range(random.randrange(40)))


def _pieces(random: Random) -> str:
    return random.choice(("", " ")).join(random.choices(PIECES, k=random.randrange(1, 25)))


def _spoilt(random: Random) -> str:
    """An expression with a few characters or pieces removed, doubled or put in."""
    text = generate(random).text
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(text) + 1)
        until = min(len(text), at + random.randrange(6))
        text = text[:at] + random.choice(("", text[at:until] * 2, random.choice(PIECES))) + text[until:]
    return text


def _nested(random: Random) -> str:
    opening, inner, closing = random.choice(NESTS)
    depth = random.choice((10, 38, 40, 41, 100, 2000))
    if random.random() < 0.3:
        return (
            f"li{random.choice((*GROWING, '[0]', '.a', '.size()'))}" + random.choice((".a", "[0]", ".size()")) * depth
        )
    return opening * depth + inner + closing * random.choice((depth, depth - 1))


def _growing(random: Random) -> str:
    """Texts and lists that double, and macros in macros."""
    text = random.choice(("li", "ls", "['aaaaaaaaaa']", "[1, 2, 3]", "[li, li]", "m.map(k, k)"))
    for _ in range(random.randrange(1, 36)):
        text += random.choice(GROWING)
    for _ in range(random.randrange(4)):
        text = "li" + random.choice(MULTIPLYING).replace("{}", text)
    ending = random.choice(("", " == " + text, ".size() > 0", "[0]", " + " + text))
    return text + ending


def _pattern(random: Random) -> str:
    pattern = random.choice(PATTERNS)
    return random.choice(
        (
            f"s.matches('{pattern}')",
            f"ls.all(i, i.matches('{pattern}'))",
            f"ls.exists(i, matches(i + i, '{pattern}' + i))",
        )
    )


def _reaching(random: Random) -> str:
    """Tries to get at Python through names, fields and calls."""
    name, other = random.choice(PYTHON), random.choice(PYTHON)
    value = random.choice(("a", "s", "li", "m", "d", "dyn(s)", "'x'", "[1]", "{'a': 1}", "type(1)", "b'x'", "t"))
    return random.choice(
        (
            name, f"{value}.{name}", f"{value}.{name}()", f"{name}({value})", f"{value}.{name}.{other}", f"{value}['{name}']",
            f"{value}[{name}]", f"{{'{name}': 1}}.{name}", f"li.map({name}, {name})", f"li.all({name}, {other} == {name})",
            f"has({value}.{name})", f"'{{0.{name}}}' + s", f"{value}.map(i, i.{name})", f"li.exists({name}, meter == {name})",
        )
    )  # fmt: skip
