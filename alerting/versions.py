"""The configurations that decisions were taken by, as they were kept."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Connection, select

from alerting.configuration import loading
from alerting.configuration.configuration import Configuration
from alerting.tables import alerting_version


def stored(connection: Connection) -> Callable[[str], Configuration | None]:
    """Gives the configuration of a version, as long as the connection is open; None for one that was not kept."""

    @cache
    def version(name: str) -> Configuration | None:
        text = select(alerting_version.c.text).where(alerting_version.c.version == name)
        found = connection.execute(text).scalar()
        return None if found is None else loading.stored(found)

    return version
