"""What truly goes over the wire for one message: Apprise tells only whether a plugin was content.

Its plugins send with `requests` and `smtplib` by their module's own name for them. `watch` puts stand-ins there, which do
the same and note the status, Retry-After, and how far a conversation came; they also keep connections for the next message
and add what makes a thread. Where no message of ours is under way they are the libraries themselves.
"""

import io
import json
import logging
import smtplib
import sys
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from types import ModuleType
from typing import Any

import requests
import urllib3
from requests.utils import get_environ_proxies

LONGEST_ANSWER_BYTES = 1 << 20
KEPT_IDLE_SECONDS = 1.0
"""How long an idle connection is used again. Servers close theirs after two seconds and more; a message that runs into
the closing ends without an answer, and nobody knows whether it arrived."""


class Trouble(Enum):
    """How a conversation broke off."""

    NEVER_CONNECTED = "no connection"
    NO_ANSWER = "the connection ended without an answer"


class Wire:
    """The connections of one thread to one address. To be closed by whoever is done with it."""

    def __init__(self) -> None:
        self._session = self._new()
        self._used_at = 0.0

    def session(self, url: str) -> requests.Session:
        """With the proxies that the environment names for the address."""
        now = time.monotonic()
        if now - self._used_at > KEPT_IDLE_SECONDS:
            self._session.close()
            self._session = self._new()
            self._session.proxies = dict(get_environ_proxies(url))
        self._used_at = now
        return self._session

    def close(self) -> None:
        self._session.close()

    @staticmethod
    def _new() -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # or each message would look through the environment, and send what a .netrc holds
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One message on its way. `headers` and `fields` (of a JSON body) are added to what a plugin posts.

    `message_id` takes the place of the one that the mail plugin makes up. Afterwards: `status` of the last answer (HTTP,
    or SMTP), `accepted` how many answers said yes, `answer` the body of the last of them, `handed_over` whether a mail
    was on its way as a whole, `said` what Apprise wrote into its log.
    """

    wire: Wire
    within_seconds: float
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    message_id: str | None = None
    status: int | None = None
    mail_status: int | None = None
    retry_after: str | None = None
    trouble: Trouble | None = None
    accepted: int = 0
    answer: bytes = b""
    handed_over: bool = False
    said: list[str] = field(default_factory=list[str])

    def request(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        """Send it, never following a redirect, and note what came of it."""
        ends_at = time.monotonic() + self.within_seconds
        options["headers"] = {**(options.get("headers") or {}), **self.headers}
        options["allow_redirects"] = False
        if self.fields and isinstance(data := options.get("data"), str):
            options["data"] = _with_fields(data, self.fields)
        self.status, self.trouble = None, None
        try:
            response = self.wire.session(url).request(method, url, stream=True, **options)
            self.status = response.status_code
            self.retry_after = response.headers.get("Retry-After")
            body = _read(response, ends_at)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self.trouble = _trouble(error)
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(error) from error
        response.raw = io.BytesIO(body)
        if 200 <= response.status_code < 300:
            self.accepted += 1
            self.answer = body
        return response


_under_way: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


@contextmanager
def under_way(exchange: Exchange) -> Generator[None]:
    """While this lasts, what plugins send in this context belongs to the exchange."""
    token = _under_way.set(exchange)
    try:
        yield
    finally:
        _under_way.reset(token)


class Listener(logging.Handler):
    """Keeps what a library logs about the message under way, and nothing else."""

    def emit(self, record: logging.LogRecord) -> None:
        if (exchange := _under_way.get()) is not None:
            exchange.said.append(record.getMessage())


def watch(plugin: object) -> None:
    """Put the stand-ins into the modules that the plugin sends with."""
    for kind in type(plugin).__mro__:
        module = sys.modules.get(kind.__module__)
        if (
            module is not None
            and kind.__module__.startswith("apprise.")
            and getattr(module, "requests", None) is requests
        ):
            module.__dict__["requests"] = _REQUESTS
    mail = sys.modules.get("apprise.plugins.email.smtp")
    if mail is not None and getattr(mail, "smtplib", None) is smtplib:
        mail.__dict__["smtplib"] = _SMTPLIB


class _Requests(ModuleType):
    """`requests` for a plugin."""

    def __getattr__(self, name: str) -> Any:
        return getattr(requests, name)

    def request(self, method: str, url: str, **options: Any) -> requests.Response:
        exchange = _under_way.get()
        if exchange is None:
            return requests.request(method, url, **options)  # noqa: S113 - the caller says
        return exchange.request(method, url, options)

    def get(self, url: str, **options: Any) -> requests.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> requests.Response:
        return self.request("PUT", url, **options)


class _Watched(smtplib.SMTP):
    """A conversation with a mail server that notes the last code and whether the text was handed over."""

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        if (exchange := _under_way.get()) is not None and code > 0:
            exchange.mail_status = code
        return code, text

    def sendmail(self, from_addr: str, to_addrs: Any, msg: Any, *more: Any, **options: Any) -> dict[str, Any]:
        exchange = _under_way.get()
        if exchange is not None and exchange.message_id is not None and isinstance(msg, str):
            msg = _with_message_id(msg, exchange.message_id)
        return super().sendmail(from_addr, to_addrs, msg, *more, **options)

    def rset(self) -> tuple[int, bytes]:
        """Said after a refusal: the answer to it is no news."""
        exchange = _under_way.get()
        before = None if exchange is None else exchange.mail_status
        try:
            return super().rset()
        finally:
            if exchange is not None:
                exchange.mail_status = before

    def data(self, msg: Any) -> tuple[int, bytes]:
        if (exchange := _under_way.get()) is not None:
            exchange.handed_over, exchange.mail_status = True, None
        return super().data(msg)

    def quit(self) -> tuple[int, bytes]:
        """What a server says to the good-bye tells nothing of the message."""
        exchange = _under_way.get()
        before = None if exchange is None else exchange.mail_status
        try:
            return super().quit()
        finally:
            if exchange is not None:
                exchange.mail_status = before


class _WatchedTls(_Watched, smtplib.SMTP_SSL):
    pass


class _Smtplib(ModuleType):
    """`smtplib` for the mail plugin."""

    SMTP = _Watched
    SMTP_SSL = _WatchedTls

    def __getattr__(self, name: str) -> Any:
        return getattr(smtplib, name)


_REQUESTS = _Requests("requests")
_SMTPLIB = _Smtplib("smtplib")


def _read(response: requests.Response, ends_at: float) -> bytes:
    """The whole answer, unless it is too long or comes in drops."""
    chunks: list[bytes] = []
    length = 0
    while chunk := response.raw.read1(65536, decode_content=True):
        chunks.append(chunk)
        length += len(chunk)
        if length > LONGEST_ANSWER_BYTES or time.monotonic() > ends_at:
            response.close()
            raise requests.ReadTimeout("the answer does not end")
    return b"".join(chunks)


def _trouble(error: BaseException) -> Trouble:
    """Whether the message may be on its way although the conversation broke off."""
    never = (
        requests.ConnectTimeout, requests.exceptions.ProxyError, requests.exceptions.InvalidURL,
        urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError, urllib3.exceptions.ProxyError,
    )  # fmt: skip
    if any(isinstance(one, never) for one in _causes(error)):
        return Trouble.NEVER_CONNECTED
    if isinstance(error, requests.exceptions.SSLError) and "certificate" in str(error).lower():
        return Trouble.NEVER_CONNECTED
    return Trouble.NO_ANSWER


def _causes(error: BaseException) -> Iterable[BaseException]:
    """The error, and those that it was made from: requests wraps those of urllib3, which keeps a reason."""
    seen: list[BaseException] = [error]
    for one in seen:
        inner = (one.__cause__, one.__context__, getattr(one, "reason", None), *one.args)
        seen += [found for found in inner if isinstance(found, BaseException) and found not in seen]
    return seen


def _with_fields(data: str, fields: Mapping[str, str]) -> str:
    """The JSON object with more fields; anything else as it is."""
    try:
        told = json.loads(data)
    except ValueError:
        return data
    return json.dumps({**told, **fields}) if isinstance(told, dict) else data


def _with_message_id(mail: str, message_id: str) -> str:
    """The mail under a name of ours instead of the one that the plugin made up."""
    head, gap, text = mail.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.lower().startswith("message-id:")]
    return "\n".join([*lines, f"Message-ID: {message_id}"]) + gap + text
