"""Throws hostile bytes at all that reads those of partners, led by coverage: each is taken or refused with a place.

    python -m tests.fuzz.decoders --decoder epcis --inputs 1000000

Atheris (libFuzzer) keeps the inputs that reached something new, and goes on from them. A run that was ended goes on where it
was: corpus and counts lie in `--folder`. An input that is neither taken nor refused, that takes more than `--longest` seconds of
the processor or more than `--memory` MiB ends the run, and lies beside the corpus.
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path
from time import process_time
from typing import Any

INSTRUMENTED = ("streams.intake",)
LARGEST_INPUT = 6000
SAVED_EVERY = 500


class Run:
    """A decoder under fire. Its counts are those of all runs in the folder so far."""

    def __init__(self, decoder: Any, folder: Path, inputs: int, longest: float) -> None:
        self._decoder = decoder
        self._file = folder / "counts.json"
        self._inputs = inputs
        self._longest = longest
        known = json.loads(self._file.read_bytes()) if self._file.exists() else {}
        self._counts: Counter[str] = Counter(known.get("counts", {}))
        self._seconds: float = known.get("slowest_seconds", 0.0)
        self.done = self._counts.total()

    def one(self, value: bytes) -> None:
        """One input. Raises what is no refusal."""
        begun = process_time()
        outcome = self._decoder.tried(value)
        taken = process_time() - begun
        assert taken <= self._longest, f"{taken:.1f} s of the processor for {len(value)} bytes"
        self._seconds = max(self._seconds, taken)
        self._counts[outcome] += 1
        self.done += 1
        if self.done % SAVED_EVERY == 0 or self.done >= self._inputs:
            self.save()
        if self.done >= self._inputs:
            print(self.told(), flush=True)
            os._exit(0)  # libFuzzer has no other way to end before its own count

    def save(self) -> None:
        """So that a run that is killed goes on here."""
        text = json.dumps({"counts": self._counts, "slowest_seconds": round(self._seconds, 3)}, indent=1)
        part = self._file.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(self._file)

    def told(self) -> str:
        """What came of it."""
        outcomes = ", ".join(f"{name} {count:,}" for name, count in self._counts.most_common())
        return f"{self._decoder.name}: {self.done:,} inputs, the slowest {self._seconds:.3f} s; {outcomes}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decoder", required=True)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all runs together")
    parser.add_argument("--folder", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=5.0, help="seconds of the processor that an input may take")
    parser.add_argument("--memory", type=int, default=1500, help="MiB that the process may take")
    parser.add_argument("--seconds", type=int, default=0, help="ends the run after so many; 0: never")
    given = parser.parse_args()
    import atheris

    with atheris.instrument_imports(include=list(INSTRUMENTED)):  # what is imported here is what is watched
        from tests.fuzz.decoders_tried import DECODERS
    decoder = DECODERS[given.decoder]
    folder = given.folder / decoder.name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(decoder.seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words.txt"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in decoder.words), encoding="ascii")
    run = Run(decoder, folder, given.inputs, given.longest)
    if run.done >= given.inputs:
        print(run.told())
        return
    options = [
        f"-dict={words}", f"-artifact_prefix={folder}/", f"-max_len={LARGEST_INPUT}", f"-seed={given.seed + run.done}",
        f"-rss_limit_mb={given.memory}", f"-timeout={int(given.longest * 20)}", f"-max_total_time={given.seconds}",
        "-print_final_stats=0", "-verbosity=0", "-len_control=20",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], run.one)
    atheris.Fuzz()


def _escaped(word: str) -> str:
    return "".join(f"\\x{one:02x}" for one in word.encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
