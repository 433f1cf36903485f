"""Fill the topic, and say what any candidate must find: python -m tests.benchmarks.produce BROKER EVENTS LOTS."""

import json
import sys

from confluent_kafka import Producer

from tests.benchmarks.workload import TOPIC, expected, records


def main(broker: str, events: int, lots: int) -> None:
    producer = Producer(
        {
            "bootstrap.servers": broker,
            "partitioner": "murmur2_random",  # as Java, aiokafka and kafka-python place keys
            "queue.buffering.max.messages": 500_000,
            "linger.ms": 50,
            "batch.size": 1_000_000,
            "acks": "all",
        }
    )
    for key, value in records(events, lots):
        while True:
            try:
                producer.produce(TOPIC, value, key)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(120):
        raise SystemExit("the broker did not take every record within 120 s")
    print("RESULT", json.dumps(expected(events, lots)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
