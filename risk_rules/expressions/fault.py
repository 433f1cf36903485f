"""What is wrong with an expression, and at which of its characters."""


class ExpressionError(Exception):
    """The expression cannot be used. `offset` counts characters from 0; `hint` says what to do."""

    def __init__(self, offset: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.hint = hint
