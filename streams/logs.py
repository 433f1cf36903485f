"""Logs: one JSON object a line on standard error, or readable lines on a terminal. Never on standard output."""

import logging
import sys
from typing import Any, TextIO

import structlog

KEPT_QUIET = ("faust", "mode", "aiokafka", "kafka", "apprise", "alembic", "asyncio", "watchfiles")
"""Libraries whose news below a warning is theirs alone."""


def configure(to: TextIO = sys.stderr, *, level: int = logging.INFO) -> None:
    """Send the program's and its libraries' logs to `to`. `level` is the least that is told."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if to.isatty():
        last: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(to)
    strip: Any = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[strip, *last])  # for the libraries'
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in KEPT_QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[*shared[:2], shared[3], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
