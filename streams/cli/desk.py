"""The desk, for a command."""

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from alerting.desk.desk import Desk


def desk(context: typer.Context, engine: "Engine") -> "Desk":
    """The desk by the settings' alerting file; without one nobody is told of what is done."""
    from alerting.configuration import loading
    from alerting.desk.desk import Desk
    from streams import settings

    path = settings.load(context.obj).alerting
    configuration = loading.NOBODY if path is None else loading.load(path)
    return Desk(engine, lambda: configuration)
