"""Every metric of the service: type, unit, and what its reader does about it. `docs/metrics.md` is made from here.

Labels are bounded: partners, sites, families, kinds, channels; never a lot, a batch or a shipment. Work on events is
counted once a batch, not once an event.
"""

from collections.abc import Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

LATENCY_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
DURATION_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
BATCH_RECORDS = (1, 10, 50, 100, 250, 500, 1000, 2000, 4000, 10_000)


class Described(NamedTuple):
    """A metric as its reader meets it."""

    name: str
    kind: str
    unit: str
    labels: tuple[str, ...]
    meaning: str
    to_do: str


DESCRIBED: list[Described] = []


def _describe(kind: str, name: str, unit: str, labels: Sequence[str], meaning: str, to_do: str) -> None:
    DESCRIBED.append(Described(name, kind, unit, tuple(labels), meaning, to_do))


def _counter(name: str, labels: Sequence[str], meaning: str, to_do: str, *, unit: str) -> Counter:
    _describe("counter", name, unit, labels, meaning, to_do)
    return Counter(name, meaning, labels, registry=REGISTRY)


def _gauge(name: str, labels: Sequence[str], meaning: str, to_do: str, *, unit: str) -> Gauge:
    _describe("gauge", name, unit, labels, meaning, to_do)
    return Gauge(name, meaning, labels, registry=REGISTRY)


def _histogram(
    name: str, labels: Sequence[str], meaning: str, to_do: str, *, unit: str, buckets: Sequence[float]
) -> Histogram:
    _describe("histogram", name, unit, labels, meaning, to_do)
    return Histogram(name, meaning, labels, registry=REGISTRY, buckets=buckets)


def _info(name: str, labels: Sequence[str], meaning: str, to_do: str) -> Info:
    _describe("info", f"{name}_info", "1", labels, meaning, to_do)
    return Info(name, meaning, registry=REGISTRY)


intake_records = _counter(
    "bellwether_intake_records_total", ("partner",), "Records taken from the partner's inbound topic or files.",
    "Flat for longer than the partner usually pauses: ask the partner before its feed counts as silent.",
    unit="records",
)  # fmt: skip
intake_refused = _counter(
    "bellwether_intake_refused_total", ("partner", "reason"), "Records of the partner that went to its dead letters.",
    "`bellwether dlq list --by reason` counts them, `dlq show` names line, column or path. A sudden rise after a "
    "release (ours or theirs) is a broken mapping: mend the profile and `bellwether dlq replay`.", unit="records",
)  # fmt: skip
intake_stopped = _gauge(
    "bellwether_intake_stopped", ("partner",), "1 while the intake of the partner stands still: too much was refused.",
    "An alert feed_stopped says why. Its records wait on its topic: mend the profile or call the partner, then "
    "`bellwether partner resume`.", unit="boolean",
)  # fmt: skip
oldest_letter = _gauge(
    "bellwether_dead_letter_oldest_seconds", ("partner",),
    "Age of the oldest dead letter of the partner that is still open; 0 where none is. Looked up every minute.",
    "Approaching the topic's retention (90 days): put it back or give it up with `bellwether dlq`, or it is lost.",
    unit="seconds",
)  # fmt: skip
events = _counter(
    "bellwether_events_total", ("partner", "family", "outcome"),
    "Canonical events by what became of them: counted, repeated, outdated, withdrawn or refused.",
    "Many `repeated`: the partner sends twice, harmless. `outdated`: its clock or its sequence runs backwards. Any "
    " `refused`: read the dead letters.", unit="events",
)  # fmt: skip
intake_to_verdict = _histogram(
    "bellwether_intake_to_verdict_seconds", (),
    "From the broker's timestamp of the canonical event to the commit of its verdict, the oldest event of each batch.",
    "Grows together with lag: add a worker, up to one a partition. Grows without lag: see batch duration.",
    unit="seconds", buckets=LATENCY_SECONDS,
)  # fmt: skip
event_to_chat = _histogram(
    "bellwether_event_to_chat_seconds", ("channel",),
    "From the broker's timestamp of the event to the channel's acceptance of the message.",
    "p99 above a few seconds with small lag: the channel is slow or limited, see deliveries and the outbox.",
    unit="seconds", buckets=LATENCY_SECONDS,
)  # fmt: skip
lag = _gauge(
    "bellwether_lag_records", ("topic", "partition"), "Records in the partition that are not handled yet.",
    "Growing for minutes: too few workers, or a batch that fails over and over; see batch failures and the log.",
    unit="records",
)  # fmt: skip
position_age = _gauge(
    "bellwether_position_age_seconds", ("topic", "partition"), "Since the position of the partition last moved.",
    "Matters only with lag > 0: then the worker is stuck, /livez fails, and a restart is safe at any time.",
    unit="seconds",
)  # fmt: skip
batch_records = _histogram(
    "bellwether_batch_records", ("topic",), "Records in one batch, which is one transaction.",
    "At the limit all the time: the worker is behind; small all the time: it keeps up.",
    unit="records", buckets=BATCH_RECORDS,
)  # fmt: skip
batch_duration = _histogram(
    "bellwether_batch_duration_seconds", ("topic",), "From taking a batch to its commit.",
    "Above 1 s: look at the database first (disk, locks, connections), then lower batch_records.",
    unit="seconds", buckets=DURATION_SECONDS,
)  # fmt: skip
batch_failures = _counter(
    "bellwether_batch_failures_total", ("topic",), "Batches that failed and are tried again; nothing of them is lost.",
    "Any steady rate: the log says why; mostly the database is away.", unit="batches",
)  # fmt: skip
position_conflicts = _counter(
    "bellwether_position_conflicts_total", ("topic",),
    "Batches given up because another worker had moved the position.",
    "A few at a rebalance are in order. Steady: two instances with different names share one database.", unit="batches",
)  # fmt: skip
alerts_open = _gauge(
    "bellwether_alerts_open", ("kind", "severity"), "Open alerts.",
    "This is the business: read them in the console or with `bellwether status`.", unit="alerts",
)  # fmt: skip
outbox_depth = _gauge(
    "bellwether_outbox_depth_messages", (), "Messages that wait to be sent.",
    "Growing: no dispatcher runs, or a channel refuses; see deliveries by result.", unit="messages",
)  # fmt: skip
outbox_oldest = _gauge(
    "bellwether_outbox_oldest_seconds", (), "Age of the oldest message that waits.",
    "Minutes: somebody should know of a risk and does not. Mend the channel, or tell people by hand.", unit="seconds",
)  # fmt: skip
deliveries = _counter(
    "bellwether_deliveries_total", ("channel", "result"), "Attempts to deliver by what the channel answered.",
    "`dead` or a steady `failed`: its address or token is wrong. `unknown`: it timed out and may have got the message.",
    unit="messages",
)  # fmt: skip
feed_age = _gauge(
    "bellwether_feed_age_seconds", ("partner", "site"), "Since the last event of the site.",
    "Above the partner's silent_after_hours an alert opens by itself: trust its figures no more, and call.",
    unit="seconds",
)  # fmt: skip
feed_trust = _gauge(
    "bellwether_feed_trust_ratio", ("partner",), "How far the least of the partner's feeds can be trusted, 0 to 1.",
    "Falling: `bellwether feeds` says which site's and why; an alert untrusted opens by itself. Below 0.5 nothing is known "
    "of what rests on it. See docs/feeds.md.", unit="ratio",
)  # fmt: skip
database_up = _gauge(
    "bellwether_database_up", (), "1 while the database answers, else 0.",
    "0: the service waits, acknowledges nothing and goes on by itself. Mend the database.", unit="boolean",
)  # fmt: skip
rulebook = _info(
    "bellwether_rulebook", ("version", "shadow"),
    "The rulebook in force by the database, and the one that runs beside it and only counts ('' if none does).",
    "Compare between workers: all must show one version half a minute after a change.",
)  # fmt: skip
shadow_raised = _gauge(
    "bellwether_shadow_raised_alerts", ("kind", "severity"),
    "Alerts that the shadow would have raised at this severity, or made worse to it, since it first ran.",
    "Compare with the alerts that the live rulebook opened meanwhile, before you let the shadow take its place.",
    unit="alerts",
)  # fmt: skip
shadow_open = _gauge(
    "bellwether_shadow_open_alerts", ("kind", "severity"), "Alerts that would be open now if the shadow were live.",
    "Compare with bellwether_alerts_open.", unit="alerts",
)  # fmt: skip
rulebook_reloads = _counter(
    "bellwether_rulebook_reloads_total", ("part", "result"),
    "Looks at changed rulebook files (part: live or shadow) by result: switched, unchanged or refused.",
    "Any `refused`: an alert of kind rulebook_refused and the log say what is wrong; the version before stays in force.",
    unit="looks",
)  # fmt: skip
rulebook_reload_successful = _gauge(
    "bellwether_rulebook_last_reload_successful", ("part",), "1 if the files as last looked at could be used, else 0.",
    "0: the files on this worker's disk are not what is in force. Mend them.", unit="boolean",
)  # fmt: skip
rulebook_reload_time = _gauge(
    "bellwether_rulebook_last_reload_success_timestamp_seconds", ("part",),
    "When files of this worker were last found in order, since 1970.",
    "Older than your last change: the change has not reached this worker, or was refused.", unit="seconds",
)  # fmt: skip
heartbeat_counted = _gauge(
    "bellwether_heartbeat_counted_timestamp_seconds", (),
    "When the last heartbeat was sent that came through all partitions of the ledger, since 1970; 0: none so far.",
    "Older than twice `heartbeat.every`: events are not counted. See lag, readiness and the database.", unit="seconds",
)  # fmt: skip
heartbeat_delivered = _gauge(
    "bellwether_heartbeat_delivered_timestamp_seconds", (),
    "When the last heartbeat was sent whose message was accepted by its receiver, since 1970; 0: none so far.",
    "Older than twice `heartbeat.every` while the counted one is new: messages do not arrive. See `alerts` and the outbox.",
    unit="seconds",
)  # fmt: skip
alerting_reloads = _counter(
    "bellwether_alerting_reloads_total", ("result",),
    "Looks at the changed alerting file by result: switched, unchanged or refused.",
    "Any `refused`: the log says what is wrong and where; the configuration before stays in force.",
    unit="looks",
)  # fmt: skip
alerting_reload_successful = _gauge(
    "bellwether_alerting_last_reload_successful", (),
    "1 if the alerting file as last looked at could be used, else 0.",
    "0: the file is not what is in force. `bellwether alerts check` says what is wrong with it.", unit="boolean",
)  # fmt: skip
alerting_reload_time = _gauge(
    "bellwether_alerting_last_reload_success_timestamp_seconds", (),
    "When the alerting file was last found in order, since 1970.",
    "Older than your last change: the change was not noticed, or was refused.", unit="seconds",
)  # fmt: skip
profile_reloads = _counter(
    "bellwether_profile_reloads_total", ("result",),
    "Looks at the changed profiles of partners by result: switched, unchanged or refused.",
    "Any `refused`: the log says what is wrong and where; the profile before stays in force, others go on.",
    unit="looks",
)  # fmt: skip
profile_reload_successful = _gauge(
    "bellwether_profile_last_reload_successful", (),
    "1 if all profiles of partners as last looked at could be used, else 0.",
    "0: a file is not what is in force. `bellwether partner check` says what is wrong with it.", unit="boolean",
)  # fmt: skip
audit_changed = _gauge(
    "bellwether_audit_trail_changed", (),
    "1 if the audit trail was not as its last checkpoint says, or not whole since, when it was last looked at; else 0.",
    "1: somebody changed it, or an old backup was restored. `bellwether audit verify` names the first bad entry.",
    unit="boolean",
)  # fmt: skip
audit_checkpoint_time = _gauge(
    "bellwether_audit_checkpoint_timestamp_seconds", (),
    "When the audit trail was last covered by a checkpoint, since 1970; 0 where none is set up.",
    "Older than a few `audit_checkpoint_minutes`: see the log; what was written since could be cut off unseen.",
    unit="seconds",
)  # fmt: skip
webhook_requests = _counter(
    "bellwether_webhook_requests_total", ("partner", "answer"),
    "Requests to `/partners/{partner}/events` by answer; without a partner until its signature was found good.",
    "`away`: Kafka did not take them; senders come again. `not_signed`: strangers, a key that was changed on one side only, "
    "or a clock that is off. `not_taken`: ask the partner what it sends. See docs/webhooks.md.", unit="requests",
)  # fmt: skip
webhook_seconds = _histogram(
    "bellwether_webhook_seconds", ("partner",), "From the first byte of a request to its answer.",
    "Near 5 s: Kafka is slow or away.", unit="seconds", buckets=DURATION_SECONDS,
)  # fmt: skip
archive_until = _gauge(
    "bellwether_archive_until_timestamp_seconds", ("topic", "partition"),
    "The broker's time of the newest record of the partition that lies in the archive, since 1970.",
    "Days behind a partner that sends: the archive falls behind the broker's retention. See its failures and the log.",
    unit="seconds",
)  # fmt: skip
archive_lag = _gauge(
    "bellwether_archive_lag_records", ("topic", "partition"),
    "Records of the partition that do not lie in the archive yet; the broker still has them.",
    "Falls to 0 at least every `archive_minutes`. Growing for longer: the store is slow or away; see failures.",
    unit="records",
)  # fmt: skip
archive_entries = _counter(
    "bellwether_archive_records_total", ("topic",), "Records, and links of events, stored in the archive.",
    "Compare with `bellwether_intake_records_total`.", unit="records",
)  # fmt: skip
archive_bytes = _counter(
    "bellwether_archive_bytes_total", ("topic",), "Bytes of segments stored in the archive, compressed.",
    "How fast the archive grows: plan its space by it.", unit="bytes",
)  # fmt: skip
archive_failures = _counter(
    "bellwether_archive_failures_total", ("topic",),
    "Tries to take records into the archive that failed and are made again; nothing of them is lost.",
    "Any steady rate: the log says why; mostly the store is away or refuses. It must end within the topic's retention.",
    unit="tries",
)  # fmt: skip
build = _info(
    "bellwether_build", ("version", "python"), "The program in use.",
    "Compare between workers after an upgrade.",
)  # fmt: skip


def markdown() -> str:
    """The text of `docs/metrics.md`."""
    lines = [
        "# Metrics",
        "",
        "At `/metrics` of every worker, in Prometheus' text format. Made from `streams/metrics.py`; after a change",
        "there run `bellwether schema metrics > docs/metrics.md`.",
        "",
        "| metric | type, unit | labels | what it says | what to do |",
        "|---|---|---|---|---|",
    ]
    for m in DESCRIBED:
        labels = ", ".join(f"`{label}`" for label in m.labels)
        lines.append(f"| `{m.name}` | {m.kind}, {m.unit} | {labels} | {m.meaning} | {m.to_do} |")
    lines += ["", "Besides these, the process's own: `process_*`, `python_*`."]
    return "\n".join(lines) + "\n"
