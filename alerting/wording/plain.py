"""Text from outside, made so that a chat can only show it: it mentions no group, makes no link, switches on no format."""

import re
from typing import Final

TITLE_LENGTH: Final = 120
FIELD_LENGTH: Final = 600

# What chats read as markup, beside what looks the same and is read as itself.
_LOOKALIKES = str.maketrans(
    {"<": "‹", ">": "›", "@": "＠", "*": "∗", "`": "ˋ", "~": "∼", "|": "¦", "[": "［", "]": "］", "\\": "＼", "&": "＆"}
)
_INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")


def plain(text: str) -> str:
    """One line of at most 600 characters, with nothing in it that a chat would act on."""
    one_line = " ".join(_INVISIBLE.sub("", text).split())
    shown = _EDGE_UNDERSCORE.sub(lambda found: "＿" * len(found.group()), one_line.translate(_LOOKALIKES))
    return short(shown.replace("://", ": //"), FIELD_LENGTH)


def short(text: str, length: int) -> str:
    """The text, or as much of it as fits with a sign that there was more."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
