"""A place in the text of an expression, with the token ahead of it."""

from risk_rules.expressions.fault import ExpressionError
from risk_rules.expressions.lexer import Lexeme, Token, next_lexeme


class Cursor:
    """Takes one token after the other; `ahead` is the next one, `last_end` is where the last one ended."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.last_end = start
        self.ahead = next_lexeme(text, start)

    def take(self) -> Lexeme:
        lexeme = self.ahead
        self.last_end = lexeme.end
        self.ahead = self.peek(lexeme.end)
        return lexeme

    def peek(self, position: int) -> Lexeme:
        # Peeking past what a prefix needs may meet text that is no expression; that is a fault only when it is used.
        try:
            return next_lexeme(self.text, position)
        except ExpressionError as error:
            return Lexeme(Token.END, "", error.offset, error.offset)

    def at(self, *marks: str) -> bool:
        return self.ahead.token is Token.MARK and self.ahead.value in marks

    def expect(self, mark: str, after: str) -> Lexeme:
        if self.at(mark):
            return self.take()
        raise self.unexpected(f"{mark} is missing {after}")

    def unexpected(self, message: str) -> ExpressionError:
        if self.ahead.token is Token.END:
            try:
                next_lexeme(self.text, self.last_end)
            except ExpressionError as error:
                return error
        return ExpressionError(self.ahead.start, message, end=self.ahead.end)
