"""What is wrong with an expression, and at which of its characters."""

LONGEST_PIECE = 60
"""Characters of the offending piece that a message shows."""


class ExpressionError(Exception):
    """The expression cannot be used. `offset` and `end` count characters from 0; `hint` says what to do.

    Without an `end` the fault is at a place and not in a piece of the text.
    """

    def __init__(self, offset: int, message: str, hint: str = "", *, end: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.end = offset if end is None else end
        self.message = message
        self.hint = hint

    def told(self, text: str) -> str:
        """The message with the offending piece of the text, where it does not name it already."""
        piece = text[self.offset : self.end].partition("\n")[0].strip()
        shown = piece if len(piece) <= LONGEST_PIECE else f"{piece[:LONGEST_PIECE]}..."
        return self.message if not piece or shown in self.message else f"{self.message}: {shown}"
