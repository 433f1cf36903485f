"""The words of each language. What a rulebook or a partner wrote stays in the language that it was written in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from alerting.configuration.model import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """All phrases of a language, as `str.format` templates. `locale` is a Unicode CLDR locale, `day` and `instant` its patterns."""

    locale: str
    day: str
    instant: str
    critical: str
    warning: str
    watch: str
    resolved: str
    title: str
    order_title: str
    at_site: str
    from_site: str
    worse: str
    reopened: str
    step: str
    woken: str
    reminder: str
    flapping: str
    released: str
    calm: str
    where: str
    material: str
    product: str
    when: str
    at_stake: str
    sure: str
    score: str
    sure_of: str
    why: str
    do: str
    owner: str
    name: str
    runs_short: str
    order: str
    order_late: str
    order_nobody: str
    pull_in_suppliers: str
    pull_in_batches: str
    pull_in_quality: str
    by_week: str
    act: str
    it_was: str
    open_for: str
    resolved_by: str
    several_title: str
    digest_title: str
    quiet_title: str
    several_line: str
    over_line: str
    more: str
    repeat_title: str
    repeat: str
    dead_title: str
    dead: str
    silence_title: str
    silence: str
    heartbeat_title: str
    heartbeat: str


ENGLISH: Final = Phrases(
    locale="en_GB",
    day="EEE d MMM y",
    instant="d MMM y, HH:mm",
    critical="CRITICAL",
    warning="Warning",
    watch="Watch",
    resolved="Resolved",
    title="{severity}: {kind}, {name}",
    order_title="{severity}: {name}, {quantity} short from {day}",
    at_site="{name} at {site}",
    from_site="from {site}",
    worse="Worse: {before} before, {now} now.",
    reopened="Back again: it was resolved and has come back.",
    step="Nobody has taken it yet: this is step {step} of the escalation.",
    woken="It is open again: the time of {person} is over.",
    reminder="Still open, and nobody has it.",
    flapping="It comes and goes: {changes} times in {span}. You hear again when it has been quiet for {calm}.",
    released="It was held back until now, and is still open.",
    calm="It has stopped coming and going, and is open.",
    where="Where: {site} ({partner})",
    material="material {material}",
    product="product {product}",
    when="When: {day} ({distance})",
    at_stake="At stake: {quantity}",
    sure="How sure: likelihood {likelihood}, {score}",
    score="score {score} of 100",
    sure_of="How sure: {score}",
    why="Why: {factors}",
    do="Do: {advice}",
    owner="Owner: {owner}",
    name="Alert {id}, open since {since}",
    runs_short="{name} runs short at {site} on {day}, {distance}: {quantity} missing.",
    order="Order {quantity} from {supplier} by {day} (lead time {days}).",
    order_late="Order {quantity} from {supplier} today: usable on {usable}, {days} too late, and nobody is faster.",
    order_nobody="The network names no supplier of it: ask the site.",
    pull_in_suppliers="Bring forward: the delivery of {quantity} due on {due}, to {needed}.",
    pull_in_batches="Bring forward: the batch of {quantity} due on {due}, to {needed}.",
    pull_in_quality="Release sooner: {quantity} in quarantine until {due}, by {needed}.",
    by_week="At stake by week: {weeks}.",
    act="Acknowledge, snooze or say that it is not true: {link}",
    it_was="It was: {summary}",
    open_for="Open for {span}, since {since}. Nothing to do.",
    resolved_by="Resolved by {person}: {reason}",
    several_title="{severity}: {count} alerts, {what}",
    digest_title="{count} alerts since your last digest",
    quiet_title="{count} alerts of your quiet hours",
    several_line="{severity}: {name}: {summary}",
    over_line="Over: {name}: {summary}",
    more="and {count} more",
    repeat_title="(possible repeat) {title}",
    repeat="Possible repeat: the first sending was not confirmed.",
    dead_title="Messages do not arrive: {contact}",
    dead="{count} messages to {receiver} through {contact} were given up. The last answer: {detail}. Check its address.",
    silence_title="A silence has ended: {matchers}",
    silence="The {kind} of {author} ended at {end}. Its reason was: {reason}. Alerts open now: {count}.",
    heartbeat_title="Heartbeat",
    heartbeat="The way from event to chat works. The event came in at {at}.",
)

GERMAN: Final = Phrases(
    locale="de",
    day="EEE, d. MMM y",
    instant="d. MMM y, HH:mm",
    critical="KRITISCH",
    warning="Warnung",
    watch="Beobachten",
    resolved="Erledigt",
    title="{severity}: {kind}, {name}",
    order_title="{severity}: {name}, {quantity} fehlen ab {day}",
    at_site="{name} in {site}",
    from_site="aus {site}",
    worse="Schlimmer: vorher {before}, jetzt {now}.",
    reopened="Wieder da: es war erledigt und ist zurück.",
    step="Niemand hat es bisher übernommen: Stufe {step} der Eskalation.",
    woken="Wieder offen: die Frist von {person} ist um.",
    reminder="Noch offen, und niemand hat es übernommen.",
    flapping="Es kommt und geht: {changes} Mal in {span}. Sie hören wieder davon, wenn {calm} Ruhe war.",
    released="Es wurde bis jetzt zurückgehalten und ist noch offen.",
    calm="Es kommt und geht nicht mehr und ist offen.",
    where="Wo: {site} ({partner})",
    material="Material {material}",
    product="Produkt {product}",
    when="Wann: {day} ({distance})",
    at_stake="Es fehlen: {quantity}",
    sure="Wie sicher: Wahrscheinlichkeit {likelihood}, {score}",
    score="Wert {score} von 100",
    sure_of="Wie sicher: {score}",
    why="Warum: {factors}",
    do="Zu tun: {advice}",
    owner="Zuständig: {owner}",
    name="Alarm {id}, offen seit {since}",
    runs_short="{name} wird in {site} knapp am {day}, {distance}: {quantity} fehlen.",
    order="{quantity} bei {supplier} bestellen bis {day} (Lieferzeit {days}).",
    order_late="{quantity} heute bei {supplier} bestellen: verwendbar am {usable}, {days} zu spät; niemand ist schneller.",
    order_nobody="Das Netz nennt keinen Lieferanten: beim Werk nachfragen.",
    pull_in_suppliers="Vorziehen: die Lieferung von {quantity}, fällig am {due}, auf {needed}.",
    pull_in_batches="Vorziehen: die Charge von {quantity}, fällig am {due}, auf {needed}.",
    pull_in_quality="Früher freigeben: {quantity} in Quarantäne bis {due}, nötig am {needed}.",
    by_week="Es fehlen je Woche: {weeks}.",
    act="Übernehmen, zurückstellen oder als falsch melden: {link}",
    it_was="Es war: {summary}",
    open_for="Offen für {span}, seit {since}. Nichts zu tun.",
    resolved_by="Erledigt durch {person}: {reason}",
    several_title="{severity}: {count} Alarme, {what}",
    digest_title="{count} Alarme seit Ihrer letzten Übersicht",
    quiet_title="{count} Alarme aus Ihrer Ruhezeit",
    several_line="{severity}: {name}: {summary}",
    over_line="Vorbei: {name}: {summary}",
    more="und {count} weitere",
    repeat_title="(möglicherweise wiederholt) {title}",
    repeat="Möglicherweise wiederholt: das erste Senden wurde nicht bestätigt.",
    dead_title="Nachrichten kommen nicht an: {contact}",
    dead="{count} Nachrichten an {receiver} über {contact} wurden aufgegeben. Letzte Antwort: {detail}. Adresse prüfen.",
    silence_title="Eine Stummschaltung ist zu Ende: {matchers}",
    silence="Die Stummschaltung ({kind}) von {author} endete am {end}. Ihr Grund war: {reason}. Jetzt offene Alarme: {count}.",
    heartbeat_title="Lebenszeichen",
    heartbeat="Der Weg vom Ereignis zum Chat ist frei. Das Ereignis kam um {at}.",
)

LANGUAGES: Final[Mapping[Language, Phrases]] = {Language.EN: ENGLISH, Language.DE: GERMAN}

NAMES: Final = tuple(field.name for field in fields(Phrases))
