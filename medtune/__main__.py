"""medtune on the command line: ``python -m medtune score MODEL.skops NEW.csv OUT.csv``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from medtune.foundation.errors import MedtuneError, TableError

MOST = 12  # kinds of warnings told on the screen; the files have all


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; 0 when it was done, 1 after one sentence on why it was not."""
    chosen = _parser().parse_args(arguments)
    try:
        return chosen.do(chosen)
    except MedtuneError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m medtune", description="Fine-tune clinical prediction models.")
    commands = parser.add_subparsers(required=True)
    scoring = commands.add_parser("score", help="estimate the risk of each patient of a table")
    scoring.add_argument("model", type=Path, help="model file (.skops)")
    scoring.add_argument("patients", type=Path, help="table of new patients (CSV)")
    scoring.add_argument("out", type=Path, help="where to write the table with the risks (CSV)")
    scoring.add_argument("--threshold", type=_share, help="flag from this risk on, 0 to 1; the model's own by default")
    scoring.add_argument("--report", type=Path, help="where to write what the model does not know of whom (CSV)")
    scoring.set_defaults(do=_score)
    return parser


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a threshold is a risk between 0 and 1")
    return value


def _score(chosen: argparse.Namespace) -> int:
    from medtune.cohort.reading import read_table
    from medtune.explanation.reasons import with_reasons
    from medtune.foundation.files import write_atomically
    from medtune.models.files import load_model
    from medtune.models.row_report import row_report, tally
    from medtune.models.scoring import WARNINGS, safe_csv, score

    model = load_model(chosen.model)
    table = read_table(chosen.patients)
    scored = with_reasons(score(model, table.frame, chosen.threshold), model, table.frame)
    outputs = {chosen.out: scored.as_csv}
    if chosen.report is not None:
        outputs[chosen.report] = lambda: safe_csv(row_report(scored.table[WARNINGS]))
    for place, content in outputs.items():
        try:
            write_atomically(place, content())
        except OSError as error:
            raise TableError(
                "'{file}' cannot be written ({reason}); choose another place.", file=place, reason=error.strerror
            ) from error
    for sentence in (*table.report, *scored.notes, *getattr(scored, "remarks", ())):
        print(sentence, file=sys.stderr)
    if scored.warned:
        print(f"{scored.warned} of {scored.n} patients carry a warning:", file=sys.stderr)
        for words, count in tally(scored.table[WARNINGS])[:MOST]:
            print(f"  {words}: {count}", file=sys.stderr)
    if model.classes:
        found = ", ".join(f"{count} most likely {name}" for name, count in scored.likely.items())
    else:
        found = f"{scored.flagged} flagged at a risk of {scored.threshold:.1%} or more"
    print(f"{scored.n} patients scored, {found}: {chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
