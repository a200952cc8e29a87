"""Run the suite of attacks against stock nbgrader and against this grader.

Stock: `nbgrader autograde` with its own Execute on a copy of a course, the attacker
first and an honest student behind, for notebooks with `check` and (kind "assert") for
test cells of visible and hidden assertions. Ours: the unit that `course grade` runs, in
one warm box. Doses are small where no border keeps them. The record is written after
every attack; a run goes on where the last one ended.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import ROOT, commit, device_name

sys.path.insert(0, str(ROOT))

from tests.grade.attacks import ATTACKS
from tests.grade.attacks.attack import Attack
from tests.grade.attacks.canaries import Canaries
from tests.grade.attacks.found import Found

EXAMPLES = """examples:
  python benchmarks/security.py                       all: an hour, most of it stock
  python benchmarks/security.py --sides ours          a minute
  python benchmarks/security.py --only gradebook-read never-ends --fresh
"""
SIDES = ("check", "assert", "ours")


def words(found: Found) -> str:
    """Say what came of an attack in one line."""
    said = [f"gained {found.gained:g} points"] if found.gained else []
    said += [f"read {', '.join(found.read)}"] if found.read else []
    said += [f"took {', '.join(found.taken)[:60]}"] if found.taken else []
    said += [f"harmed: {', '.join(found.harmed)[:60]}"] if found.harmed else []
    said += ["lost the class"] if found.lost_the_class else []
    said += ["lost its other answers"] if found.lost_itself else []
    return "; ".join(said) or "nothing"


def grader(side: str, folder: Path, canaries: Canaries) -> Any:
    """Return what grades an attack on a side, opened once."""
    if side == "ours":
        from tests.grade.attacks.ours import Ours

        return Ours(canaries)
    from tests.grade.attacks.stock import Stock

    return Stock(folder / side, side, canaries)


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Count, side by side, how many attacks came to what."""
    counts: dict[str, Any] = {}
    for side in SIDES:
        mine = [row for row in rows if row["side"] == side]
        counts[side] = {"attacks": len(mine)} | {
            name: sum(bool(row[name]) for row in mine)
            for name in ("gained", "read", "taken", "harmed", "lost_the_class",
                         "lost_itself", "held")
        }  # fmt: skip
    return counts


def attacks(only: list[str] | None) -> Iterator[Attack]:
    """Yield the attacks asked for; SystemExit for an unknown name."""
    unknown = set(only or ()) - {attack.name for attack in ATTACKS}
    if unknown:
        sys.exit(f"unknown attacks: {', '.join(sorted(unknown))}")
    yield from (a for a in ATTACKS if not only or a.name in only)


def main() -> None:
    """Run, print a line per attack and write the record."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--only", nargs="+", metavar="ATTACK")
    parser.add_argument("--fresh", action="store_true", help="run again what is there")
    default = ROOT / "benchmarks" / "results" / "security.json"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    record = {"rows": []}
    if options.out.is_file():
        record = json.loads(options.out.read_text("utf8"))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for side in options.sides:
        run(side, options, record)


def run(side: str, options: argparse.Namespace, record: dict[str, Any]) -> None:
    """Run one side and keep the record on disk up to date."""
    done = {row["attack"] for row in record["rows"] if row["side"] == side}
    todo = [a for a in attacks(options.only) if options.fresh or a.name not in done]
    if not todo:
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        Canaries(Path(folder)) as canaries,
        grader(side, Path(folder), canaries) as grading,
    ):
        for attack in todo:
            found = grading.grade(attack)
            print(f"{side:6} {attack.name:32} {words(found)}", flush=True)
            row = {"side": side, "tries": attack.tries, **found.row()}
            rows = [
                r
                for r in record["rows"]
                if (r["side"], r["attack"]) != (side, attack.name)
            ]
            record |= {"device": device_name(), "commit": commit()}
            record |= {"rows": [*rows, row], "summary": summary([*rows, row])}
            text = json.dumps(record, indent=1, ensure_ascii=False)
            options.out.write_text(text + "\n", "utf8")


if __name__ == "__main__":
    main()
