"""The page behind a link in a message: it shows what can be done, asks who and why, and only then does it.

Whoever only looks changes nothing: previews of chats and scanners of mail follow links, and send HEAD and GET. A page acts
once, on the alert as it was shown; a later act on the same alert needs another look.
"""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import Connection, Engine, select

from alerting.configuration.configuration import Configuration
from alerting.database import reading
from alerting.desk.desk import Desk
from alerting.life.course import Occasion, State
from alerting.life.people import Acknowledge, Act, Judge, NotPossibleError, Person, Resolve, Snooze
from alerting.links import Grant, LinkKeys, LinkRefusedError, Purpose, granted, page_token
from alerting.tables import alert, alert_handling
from alerting.wording.facts import facts
from alerting.wording.reader import Reader
from alerting.wording.single import Message, Saying, message

HOURS: Final = (4, 24, 72, 168)
LONGEST_NAME: Final = 120
LONGEST_REASON: Final = 1_000

_pages = Environment(
    loader=PackageLoader("alerting.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def acting(
    engine: Engine,
    desk: Desk,
    configuration: Callable[[], Configuration],
    keys: LinkKeys,
    clock: Callable[[], datetime],
) -> APIRouter:
    """The routes of the page. Times come from `clock`."""
    page = ActingPage(engine, desk, configuration, keys, clock)
    router = APIRouter(prefix="/act")
    router.add_api_route("/{token}", page.look, methods=["GET", "HEAD"], response_class=HTMLResponse)
    router.add_api_route("/{token}", page.do, methods=["POST"], response_class=HTMLResponse)
    return router


class ActingPage:
    """One page for all alerts; who may act on which is in the link."""

    def __init__(
        self,
        engine: Engine,
        desk: Desk,
        configuration: Callable[[], Configuration],
        keys: LinkKeys,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._configuration = configuration
        self._keys = keys
        self._clock = clock

    async def look(self, token: str) -> HTMLResponse:
        """Show the alert and what can be done."""
        now = self._clock()
        try:
            link = self._granted(token, now)
        except LinkRefusedError as refused:
            return _said("This link does not work", str(refused), 403)
        return await run_in_threadpool(self._form, link, token, now)

    async def do(
        self,
        token: str,
        page: Annotated[str, Form()] = "",
        act: Annotated[str, Form()] = "",
        hours: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        reason: Annotated[str, Form()] = "",
    ) -> HTMLResponse:
        """Do what the page was filled in with, once."""
        now = self._clock()
        try:
            link = self._granted(token, now)
            shown = granted(self._keys, page, Purpose.PAGE, now)
        except LinkRefusedError as refused:
            return _said("This link does not work", str(refused), 403)
        if (shown.alert_id, shown.receiver) != (link.alert_id, link.receiver):
            return _said("This link does not work", "the page belongs to another link: open the message again", 403)
        filled = _Filled(act, hours, name.strip()[:LONGEST_NAME], reason.strip()[:LONGEST_REASON])
        if fault := filled.fault():
            return await run_in_threadpool(self._form, link, token, now, fault, filled, 422)
        return await run_in_threadpool(self._act, shown, filled, now)

    def _granted(self, token: str, now: datetime) -> Grant:
        """What a link allows. Receivers that belong to a partner get none, and one from before that works no more."""
        link = granted(self._keys, token, Purpose.LINK, now)
        known = self._configuration().receivers.get(link.receiver)
        if known is not None and known.partner is not None:
            raise LinkRefusedError("this link is not for partners: answer the message instead")
        return link

    def _reader(self, receiver: str) -> Reader:
        known = self._configuration().receivers.get(receiver)
        return Reader() if known is None else Reader.of(known)

    def _form(
        self,
        link: Grant,
        token: str,
        now: datetime,
        fault: str = "",
        filled: "_Filled | None" = None,
        status: int = 200,
    ) -> HTMLResponse:
        reader, filled = self._reader(link.receiver), filled or _Filled("", str(HOURS[0]), "", "")
        with reading(self._engine) as connection:
            shown = _shown(connection, link.alert_id, reader, now)
        if shown is None:
            return _said("Not there yet", "this alert is not at the desk yet: try again in a minute", 404)
        told, state, version = shown
        if state is State.RESOLVED:
            return _said(told.title, "This alert is resolved. There is nothing left to do.", 200)
        return _page(
            "act.html", status, title=told.title, body=told.body, state=state.value, fault=fault, action=token,
            page=page_token(self._keys, link, version, now), act=filled.act, name=filled.name, reason=filled.reason,
            chosen=filled.hours, choices=[(str(n), reader.instant(now + timedelta(hours=n))) for n in HOURS],
        )  # fmt: skip

    def _act(self, shown: Grant, filled: "_Filled", now: datetime) -> HTMLResponse:
        reader = self._reader(shown.receiver)
        person = Person(
            name=filled.name, authenticated=f"link to {shown.receiver}", zone=str(reader.zone), source="link"
        )
        try:
            first, *rest = filled.acts(now)
            self._desk.act(shown.alert_id, first, person, now, version=shown.version)
            for one in rest:
                self._desk.act(shown.alert_id, one, person, now)
        except NotPossibleError as refused:
            return _said("Nothing was changed", str(refused), 409)
        until = reader.instant(now + timedelta(hours=int(filled.hours)))
        done = {
            "acknowledge": f"You have it until {until}. If it gets worse, it wakes again.",
            "snooze": f"It rests until {until}, and comes back then to whoever is on duty.",
            "not_true": "It is closed as not true. Thank you: the rules are judged by that.",
        }[filled.act]
        return _said("Done", done, 200, kind="done")


class _Filled:
    """What somebody filled in."""

    def __init__(self, act: str, hours: str, name: str, reason: str) -> None:
        self.act, self.hours, self.name, self.reason = act, hours, name, reason

    def fault(self) -> str:
        """What is missing or wrong, in words."""
        if self.act not in ("acknowledge", "snooze", "not_true"):
            return "Say what to do."
        if self.hours not in {str(hours) for hours in HOURS}:
            return "Say until when."
        if not self.name or not self.reason:
            return "Say who you are, and why."
        return ""

    def acts(self, now: datetime) -> tuple[Act, ...]:
        until = now + timedelta(hours=int(self.hours))
        if self.act == "acknowledge":
            return (Acknowledge(until, self.reason),)
        if self.act == "snooze":
            return (Snooze(until, self.reason),)
        return (Judge(was_true=False, reason=self.reason), Resolve(f"not true: {self.reason}"))


def _shown(connection: Connection, alert_id: str, reader: Reader, now: datetime) -> tuple[Message, State, int] | None:
    """What there is to see of an alert, its state and its version."""
    row = connection.execute(select(alert).where(alert.c.id == alert_id)).mappings().first()
    own = alert_handling.c
    handled = connection.execute(select(own.state, own.version).where(own.alert_id == alert_id)).first()
    if row is None or handled is None:
        return None
    told = message(facts(row), Saying(occasion=Occasion.OPENED, at=now), reader)
    return told, State(handled.state), handled.version


def _said(title: str, text: str, status: int, kind: str = "fault") -> HTMLResponse:
    return _page("said.html", status, title=title, text=text, kind=kind)


def _page(template: str, status: int, **said: object) -> HTMLResponse:
    nonce = secrets.token_urlsafe(12)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return HTMLResponse(_pages.get_template(template).render(nonce=nonce, **said), status, headers)
