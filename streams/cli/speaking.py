"""How a command speaks: tables and colours for people, one JSON object for programs, one clean line for an error.

Results go to standard output, all else to standard error. Exit codes: 0 all is well; 1 the command found something
wrong; 2 it was called or set up wrongly; 3 Kafka or the database cannot be reached; 130 it was interrupted.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=False)
"""Where results go. rich leaves colours out where it is no terminal, or NO_COLOR is set."""
err = Console(stderr=True, highlight=False)


class Exit(IntEnum):
    """What a command's end tells its caller."""

    FOUND = 1
    USAGE = 2
    AWAY = 3
    INTERRUPTED = 130


def tell_json(value: Any) -> None:
    """Print `value` as one JSON object on one line."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def fail(message: str, code: Exit) -> NoReturn:
    """End the command with an error for a person."""
    for number, line in enumerate(message.splitlines() or [""]):
        err.print(f"[bold red]error:[/] {_plain(line)}" if number == 0 else f"       {_plain(line)}", soft_wrap=True)
    raise typer.Exit(int(code))


@contextmanager
def clean_errors() -> Generator[None]:
    """Turn the errors that a user can mend into one message and an exit code. Others are faults of ours."""
    from kafka.errors import KafkaError
    from sqlalchemy.exc import DBAPIError

    from risk_rules.documents import DocumentError
    from streams.broker import BrokerNotInstalledError, BrokerNotStartedError
    from streams.schema import SchemaOutdatedError
    from streams.settings import SettingsError
    from streams.topics import TopicsRefusedError

    try:
        yield
    except (SettingsError, DocumentError, BrokerNotInstalledError, SchemaOutdatedError) as error:
        fail(str(error), Exit.USAGE)
    except (BrokerNotStartedError, TopicsRefusedError) as error:
        fail(str(error), Exit.AWAY)
    except KafkaError as error:
        fail(f"Kafka: {error}", Exit.AWAY)
    except DBAPIError as error:
        fail(f"the database refused or does not answer: {str(error.orig).strip()}", Exit.AWAY)
    except KeyboardInterrupt:
        fail("interrupted", Exit.INTERRUPTED)


def _plain(text: str) -> str:
    """Text in which rich sees no markup."""
    return text.replace("[", r"\[")
