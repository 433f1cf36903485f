"""What is wrong with an expression, and at which of its characters."""


class ExpressionError(Exception):
    """The expression cannot be used. `offset` and `end` count characters from 0; `hint` says what to do."""

    def __init__(self, offset: int, message: str, hint: str = "", *, end: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset
        self.end = offset + 1 if end is None else end
        self.message = message
        self.hint = hint

    def piece(self, text: str) -> str:
        """The offending piece of the text, as far as one line."""
        lines = text[self.offset : self.end].splitlines()
        return lines[0] if lines else ""
