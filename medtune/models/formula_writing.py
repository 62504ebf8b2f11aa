"""An equation written down: as text that can be read again, as people print it, as JSON and as rows of a table."""

from __future__ import annotations

import re

from medtune.foundation.records import to_json
from medtune.models.terms import Factor, Formula

PLAIN_NAME = re.compile(r"[^\W\d][\w.]*")
SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
PRINTED_SIGNS = {"at_least": "\u2265", "at_most": "\u2264"}
MINUS, TIMES, THIN = "\u2212", "\u00d7", "\u202f"
RESERVED = {"term", "rcs", "max", "min", "pmax", "pmin", "log", "ln", "exp", "sqrt", "log2", "log10"}


def written(formula: Formula) -> str:
    """The formula as one line that `read_formula` reads back to the same log-odds.

    Parameters
    ----------
    formula : Formula

    Returns
    -------
    str
    """
    text = number_text(formula.intercept)
    for term in formula.terms:
        sign = " - " if term.coefficient < 0 else " + "
        text += sign + "*".join([number_text(abs(term.coefficient)), *map(written_factor, term.factors)])
    return text


def written_factor(factor: Factor) -> str:
    """One factor as `read_formula` reads it."""
    name = _name(factor.column)
    if factor.transform == "level":
        return f"({name}={_level(factor.level)})"
    x = _shifted(name, factor)
    first = number_text(factor.numbers[0]) if factor.numbers else ""
    if factor.transform in SIGNS:
        return f"({x} {SIGNS[factor.transform]} {first})"
    if factor.transform == "linear":
        return x
    if factor.transform in ("square", "power"):
        power = "2" if factor.transform == "square" else first
        return f"{x}^({power})" if power.startswith("-") else f"{x}^{power}"
    if factor.transform == "above_knot":
        power = f"^{number_text(factor.numbers[1])}" if len(factor.numbers) > 1 else ""
        return f"max({x} - {first}, 0){power}" if not first.startswith("-") else f"max({x} + {first[1:]}, 0){power}"
    if factor.transform == "spline":
        return f"rcs({x}, {', '.join(map(number_text, factor.numbers))}, term={factor.term})"
    return f"{factor.transform}({x})"


def _shifted(name: str, factor: Factor) -> str:
    centre, scale = factor.centre, factor.scale
    if centre:
        sign = "-" if centre > 0 else "+"
        name = f"({name} {sign} {number_text(abs(centre))})"
    return name if scale == 1 else f"({name}/{number_text(scale)})"


def number_text(number: float) -> str:
    """A number with all its digits, whole ones without a point."""
    return repr(int(number)) if float(number).is_integer() and abs(number) < 1e15 else repr(float(number))


def _name(column: str) -> str:
    plain = PLAIN_NAME.fullmatch(column) and column.casefold() not in RESERVED
    return column if plain else "`" + column.replace("`", "'") + "`"


def _level(level: str) -> str:
    if re.fullmatch(r"\d+(\.\d+)?", level) or PLAIN_NAME.fullmatch(level):
        return level
    return "'" + level.replace("'", " ") + "'" if '"' in level else '"' + level + '"'


def typeset(formula: Formula) -> tuple[str, ...]:
    """The formula as people print it: "log-odds = −4.42", then one line a term, "+ 0.06 × age".

    Parameters
    ----------
    formula : Formula

    Returns
    -------
    tuple of str
    """
    lines = [f"log-odds = {_shown(formula.intercept)}"]
    for term in formula.terms:
        sign = MINUS if term.coefficient < 0 else "+"
        factors = f" {TIMES} ".join(map(_printed, term.factors))
        lines.append(f"{sign} {_shown(abs(term.coefficient))} {TIMES} {factors}")
    return tuple(lines)


def _printed(factor: Factor) -> str:
    name, numbers = factor.column, [_shown(number) for number in factor.numbers]
    if factor.transform == "level":
        return f"[{name} is {factor.level}]"
    x = name if not factor.centre else f"({name} {_signed(-factor.centre)})"
    x = x if factor.scale == 1 else f"{x}/{_shown(factor.scale)}"
    inside = x.removeprefix("(").removesuffix(")") if x.count("(") == 1 and x.endswith(")") else x
    bracketed = x if x == name or x.endswith(")") else f"({x})"
    if factor.transform in SIGNS:
        return f"[{inside} {PRINTED_SIGNS.get(factor.transform, SIGNS[factor.transform])} {numbers[0]}]"
    if factor.transform == "above_knot":
        power = "" if len(numbers) == 1 else _raised(numbers[1])
        return f"max({inside} {_signed(-factor.numbers[0])}, 0){power}"
    if factor.transform == "spline":
        return f"spline{THIN}{factor.term}({inside}; knots {', '.join(numbers)})"
    if factor.transform in ("square", "power"):
        return bracketed + ("\u00b2" if factor.transform == "square" else _raised(numbers[0]))
    if factor.transform == "sqrt":
        return f"\u221a({inside})"
    if factor.transform == "linear":
        return bracketed
    return f"{'ln' if factor.transform == 'log' else factor.transform}({inside})"


def _raised(power: str) -> str:
    return {"2": "\u00b2", "3": "\u00b3"}.get(power, f"^{power}")


def _signed(number: float) -> str:
    return f"{MINUS if number < 0 else '+'} {_shown(abs(number))}"


def _shown(number: float) -> str:
    return f"{number:.6g}".replace("-", MINUS)


def formula_json(formula: Formula, name: str = "", outcome: str = "") -> str:
    """The formula as JSON text that `formula_tables.from_text` reads back.

    Parameters
    ----------
    formula : Formula
    name, outcome : str
        Name of the model, and of what it estimates the risk.

    Returns
    -------
    str
    """
    return to_json({"name": name, "outcome": outcome, "formula": written(formula), "fills": formula.fills}, indent=2)
