"""The outcome of the benchmarks as a table for a person, or as JSON."""

import dataclasses
import json


@dataclasses.dataclass
class Outcome:
    promise: str  # what is promised, with its bound
    measured: str
    met: bool
    baselines: dict  # name → text
    note: str = ""


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def against(seconds, baseline):
    """The baseline's own time and how many times as long ours is."""
    return "not to be had here" if baseline is None else f"{milliseconds(baseline)} ({seconds / baseline:.2f} ×)"


def show(name, outcome):
    verdict = "met" if outcome.met else "NOT MET"
    print(f"{name}\n  promise    {outcome.promise}\n  measured   {outcome.measured}   {verdict}")
    for baseline, text in outcome.baselines.items():
        print(f"  baseline   {baseline}: {text}")
    if outcome.note:
        print(f"  note       {outcome.note}")
    print(flush=True)


def show_json(name, outcome):
    print(json.dumps({"benchmark": name, **dataclasses.asdict(outcome)}), flush=True)
