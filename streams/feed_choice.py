"""Which profile and feed a command means, by what its user says."""

from fnmatch import fnmatch
from pathlib import Path

from streams.intake import profile as profiles
from streams.intake.profile import PartnerFeed, Profile
from streams.settings import Settings, SettingsError


def profile_named(name: str, settings: Settings) -> tuple[Profile, tuple[Path, ...]]:
    """The profile of the partner `name`, or that in the file `name`; and the folders in which the intake finds it too.

    Raises `SettingsError` and `DocumentError`.
    """
    if Path(name).is_file():
        return profiles.load(Path(name)), (*settings.profiles, Path(name).parent)
    known = profiles.load_all(settings.profiles)
    if name not in known:
        raise SettingsError(
            [f"there is no profile of a partner {name!r}; known are {', '.join(sorted(known))}, or give a path"]
        )
    return known[name], settings.profiles


def chosen_feed(profile: Profile, file: str, name: str | None) -> PartnerFeed:
    """The feed of that name; without one the only feed, or the only one that takes files of this name."""
    if name is not None:
        if name not in profile.feeds:
            raise SettingsError([f"{profile.partner} has no feed {name!r}; it has {', '.join(sorted(profile.feeds))}"])
        return profile.feeds[name]
    fitting = [feed for feed in profile.feeds.values() if feed.said.files and fnmatch(file, feed.said.files)]
    some = fitting if len(profile.feeds) > 1 else list(profile.feeds.values())
    if len(some) != 1:
        raise SettingsError(
            [f"{len(some)} feeds of {profile.partner} are for files named {file}: name one of "
             f"{', '.join(sorted(profile.feeds))} with --feed"]
        )  # fmt: skip
    return some[0]
