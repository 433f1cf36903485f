"""The lanes to all contacts, opened and closed as the configuration changes."""

from collections.abc import Iterator, Mapping

import structlog

from alerting.addresses import AddressError
from alerting.configuration.model import Contact
from alerting.delivery.channels import open_channel, open_channels
from alerting.delivery.lane import Lane
from alerting.delivery.pace import Pace

log = structlog.stdlib.get_logger()


class Lanes:
    """A lane for each contact whose address can be used. `environment` is where addresses are looked up."""

    def __init__(self, contacts: Mapping[str, Contact], environment: Mapping[str, str], pace: Pace) -> None:
        """Open all. Raises `AddressError` with all that is wrong."""
        self._environment = environment
        self._pace = pace
        channels = open_channels(contacts, environment, timeout_seconds=pace.send_seconds)
        self._lanes = {name: Lane(contacts[name], channel, pace.at_once) for name, channel in channels.items()}
        self._refused: dict[str, Contact] = {}
        self._leaving: list[Lane] = []

    def __iter__(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    def __getitem__(self, contact: str) -> Lane:
        return self._lanes[contact]

    def __contains__(self, contact: object) -> bool:
        return contact in self._lanes

    def room(self) -> dict[str, int]:
        """How many messages may be claimed now, by contact; those with room only."""
        return {name: room for name, lane in self._lanes.items() if (room := lane.room()) > 0}

    def opens_in(self) -> float | None:
        """Seconds until a lane that has to wait wants its next message; None: no lane waits."""
        return min((seconds for lane in self if (seconds := lane.opens_in()) > 0), default=None)

    def follow(self, contacts: Mapping[str, Contact]) -> None:
        """Open, close and change lanes. A contact whose new address cannot be used keeps the lane that it had."""
        for lane in [lane for lane in self._leaving if lane.idle]:
            self._leaving.remove(lane)
            lane.close()
        for name in self._lanes.keys() - contacts.keys():
            self._leaving.append(self._lanes.pop(name))
        for name, contact in contacts.items():
            had = self._lanes.get(name)
            if (had is None or had.contact != contact) and self._refused.get(name) != contact:
                self._open(contact, had)

    def close(self) -> None:
        """No more messages anywhere."""
        for lane in (*self, *self._leaving):
            lane.close()

    def _open(self, contact: Contact, had: Lane | None) -> None:
        try:
            channel = open_channel(contact, self._environment, timeout_seconds=self._pace.send_seconds)
        except AddressError as error:
            self._refused[contact.name] = contact
            log.error("a contact cannot be used", reason=str(error), instead="the one before" if had else None)
            return
        self._refused.pop(contact.name, None)
        if had is not None:
            self._leaving.append(had)
        self._lanes[contact.name] = Lane(contact, channel, self._pace.at_once)
