"""An equation read from a formula as people write it: the text of a paper, or what R prints."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

from medtune.foundation.errors import ModelError
from medtune.models.terms import Factor, Formula, Term

LONGEST, DEEPEST = 20_000, 60
SIGNS = str.maketrans("\u2212\u2013\u00d7\u00b7\u22c5\u201c\u201d", '--***""')
WORDS = (("\u2265", ">="), ("\u2264", "<="), ("\u00b2", "^2"), ("\u00b3", "^3"), ("**", "^"), ("==", "="))
LEFT = re.compile(
    r"^\s*(?:logit\s*\([^()]*\)|logit|(?:ln|log)\s*\(\s*p\s*/\s*\(\s*1\s*-\s*p\s*\)\s*\)|lp|linear predictor"
    r"|log[- ]?odds|eta|xb|y|z)\s*[=~]",
    re.I,
)
TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |`(?P<quoted>[^`]+)`|"(?P<text>[^"]*)"|'(?P<word>[^']*)'
    |(?P<name>[^\W\d][\w.%]*)|(?P<sign>>=|<=|[-+*/^()=<>,:]))""",
    re.X,
)
COMPARISONS = {">=": "at_least", ">": "above", "<=": "at_most", "<": "below"}
FUNCTIONS = {"log": "log", "ln": "log", "log10": "log10", "log2": "log2", "exp": "exp", "sqrt": "sqrt"}
IDENTITIES = ("i", "as.numeric", "as.integer")

# A sum of products: factors -> coefficient; the empty product is the constant.
Sum = dict[tuple[Factor, ...], float]


def read_formula(text: str) -> Formula:
    """Read an equation for the log-odds.

    Parameters
    ----------
    text : str
        For example ``-4.42 + 0.060*age + 0.246*(sex=male) + 0.74*log(creatinine) - 0.1*max(age-50, 0)^2``. Columns
        with spaces stand in backticks, categories with spaces in quotes. ``rcs(age, 40, 55, 70, term=1)`` is a
        non-linear term of a restricted cubic spline. What rms' ``Function()`` prints (pmax, ^, ==) is understood.

    Returns
    -------
    Formula
        Brackets are multiplied out.

    Raises
    ------
    ModelError
        When the text cannot be read, with the place.
    """
    total = _Reader(LEFT.sub("", text, count=1)).all()
    terms = tuple(Term(coefficient, factors) for factors, coefficient in total.items() if factors and coefficient)
    return Formula(total.get((), 0.0), terms).check()


def read_term(text: str) -> Sum:
    """Read one term without its coefficient, such as ``log(age):sex`` or ``(Intercept)``."""
    if text.strip().strip("()").strip().casefold() in ("intercept", "constant", "const", "_cons"):
        return {(): 1.0}
    return _Reader(text).all()


class _Reader:
    """Reads tokens from left to right; each rule below returns a sum of products."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ModelError("The formula is longer than {most} characters; enter it in parts.", most=LONGEST)
        text = text.translate(SIGNS)
        for written, plain in WORDS:
            text = text.replace(written, plain)
        self.text, self.at, self.depth = text, 0, 0
        self.tokens: list[tuple[str, str, int]] = []
        place = 0
        while place < len(text) and text[place:].strip():
            found = TOKEN.match(text, place)
            if found is None:
                self._fail(place)
            self.tokens.append((found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
            place = found.end()

    def all(self) -> Sum:
        total = self._sum()
        if self.at < len(self.tokens):
            self._fail()
        return total

    # -- grammar, from loose to tight --

    def _sum(self) -> Sum:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ModelError("The formula has too many brackets inside each other; multiply some out.")
        total = self._product()
        while self._next("+", "-"):
            sign = -1.0 if self._take() == "-" else 1.0
            total = _added(total, self._product(), sign)
        self.depth -= 1
        return total

    def _product(self) -> Sum:
        value = self._signed()
        while True:
            if self._next("*", ":"):
                self._take()
                value = _multiplied(value, self._signed())
            elif self._next("/"):
                self._take()
                value = self._divided(value, self._signed())
            elif self._kind() in ("name", "quoted") or (self._next("(") and self._constant(value) is not None):
                value = _multiplied(value, self._power())  # 0.06 age
            else:
                return value

    def _signed(self) -> Sum:
        if self._next("+", "-"):
            minus = self._take() == "-"
            self.depth += 1
            value = self._signed() if self.depth <= DEEPEST else self._fail()
            self.depth -= 1
            return _scaled(value, -1.0) if minus else value
        return self._power()

    def _power(self) -> Sum:
        base = self._atom()
        if not self._next("^"):
            return base
        self._take()
        power = self._constant(self._signed())
        return self._raised(base, power) if power is not None else self._fail()

    def _atom(self) -> Sum:
        kind, value = self._kind(), self._value()
        if kind == "number":
            self._take()
            return {(): float(value)}
        if kind == "sign" and value == "(":
            self._take()
            inside = self._compared(self._sum())
            self._expect(")")
            return _tidied(inside)
        if kind not in ("name", "quoted"):
            self._fail()
        self._take()
        if kind == "name" and self._next("("):
            self._take()
            return self._function(value)
        return self._compared({(Factor(value),): 1.0})

    def _compared(self, left: Sum) -> Sum:
        if not self._next("=", *COMPARISONS):
            return left
        sign, place = self._take(), self.at
        column = _affine(left)
        if column is None:
            self._fail(self.tokens[place - 1][2])
        if sign == "=":
            if self._kind() not in ("number", "name", "text", "word", "quoted"):
                self._fail()
            if (column.centre, column.scale) != (0, 1):
                self._fail(self.tokens[place - 1][2])
            return {(Factor(column.column, "level", level=self._take()),): 1.0}
        limit = self._constant(self._signed())
        if limit is None:
            self._fail()
        return {(Factor(column.column, COMPARISONS[sign], (limit,), centre=column.centre, scale=column.scale),): 1.0}

    # -- functions --

    def _function(self, name: str) -> Sum:
        place = self.at - 2
        folded = name.casefold()
        if folded == "rcs":
            return self._spline()
        arguments = [self._compared(self._sum())]
        while self._next(","):
            self._take()
            arguments.append(self._sum())
        self._expect(")")
        if folded in IDENTITIES and len(arguments) == 1:
            return arguments[0]
        if folded in FUNCTIONS and len(arguments) == 1:
            return self._transformed(FUNCTIONS[folded], arguments[0], place)
        if folded in ("max", "pmax", "min", "pmin") and len(arguments) == 2:
            constants = [self._constant(argument) for argument in arguments]
            limit = next((number for number in constants if number is not None), None)
            x = _affine(arguments[0 if constants[0] is None else 1])
            if limit is not None and x is not None:
                return _limited(x, limit, folded.endswith("max"))
        return self._fail(self.tokens[place][2])

    def _transformed(self, transform: str, argument: Sum, place: int) -> Sum:
        constant = self._constant(argument)
        if constant is not None:
            return {(): self._number(lambda: float(getattr(math, transform)(constant)), place)}
        x = _affine(argument)
        if x is None:
            self._fail(self.tokens[place][2])
        return {(Factor(x.column, transform, centre=x.centre, scale=x.scale),): 1.0}

    def _spline(self) -> Sum:
        x, knots, term = _affine(self._sum()), [], 1
        while self._next(","):
            self._take()
            if self._kind() == "name" and self._value() == "term":
                self._take()
                self._expect("=")
                term = self._constant(self._signed())
            else:
                knots.append(self._constant(self._signed()))
        self._expect(")")
        if x is None or None in knots or term is None:
            self._fail()
        factor = Factor(x.column, "spline", tuple(knots), term=int(term), centre=x.centre, scale=x.scale)
        factor.check()
        return {(factor,): 1.0}

    # -- arithmetic that can fail --

    def _divided(self, left: Sum, right: Sum) -> Sum:
        divisor = self._constant(right)
        if divisor is not None:
            return _scaled(left, self._number(lambda: 1 / divisor, self.at - 1))
        return _multiplied(left, self._raised(right, -1.0))

    def _raised(self, base: Sum, power: float) -> Sum:
        constant = self._constant(base)
        if constant is not None:
            return {(): self._number(lambda: float(constant**power), self.at - 1)}
        if len(base) == 1:
            ((factors, coefficient),) = base.items()
            raised = _factor_raised(factors[0], power) if len(factors) == 1 else None
            if raised is not None and (coefficient > 0 or power.is_integer()):
                return {raised: coefficient**power}
        x = _affine(base)
        if x is not None:
            return {_factor_raised(x, power): 1.0}
        if power not in (2.0, 3.0):
            self._fail()
        product = base
        for _ in range(int(power) - 1):
            product = _multiplied(product, base)
        return product

    def _number(self, compute: Callable[[], float], place: int) -> float:
        try:
            number = compute()
        except (ValueError, ZeroDivisionError, OverflowError):
            number = math.nan
        if isinstance(number, complex) or not math.isfinite(number):
            self._fail(self.tokens[place][2])
        return number

    @staticmethod
    def _constant(value: Sum) -> float | None:
        return value.get((), 0.0) if set(value) <= {()} else None

    # -- tokens --

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _value(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _next(self, *signs: str) -> bool:
        return self._kind() == "sign" and self._value() in signs

    def _take(self) -> str:
        if self.at >= len(self.tokens):
            self._fail()
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _expect(self, sign: str) -> None:
        if not self._next(sign):
            self._fail()
        self._take()

    def _fail(self, place: int | None = None):
        if place is None:
            place = self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)
        near = self.text[place : place + 20].strip()
        if not near:
            raise ModelError("The formula ends too early; something is missing at its end.")
        raise ModelError(
            "The formula cannot be read from “{near}” on; write 0.06*age, 0.25*(sex=male) or 0.7*log(creatinine), "
            "and put names with spaces into backticks.",
            near=near,
        )


def _added(left: Sum, right: Sum, sign: float = 1.0) -> Sum:
    total = dict(left)
    for factors, coefficient in right.items():
        total[factors] = total.get(factors, 0.0) + sign * coefficient
    return total


def _scaled(value: Sum, by: float) -> Sum:
    return {factors: by * coefficient for factors, coefficient in value.items()}


def _multiplied(left: Sum, right: Sum) -> Sum:
    if len(left) * len(right) > 2000:
        raise ModelError("Multiplying the brackets of the formula out gives too many terms; write them one by one.")
    total: Sum = {}
    for a, x in left.items():
        for b, y in right.items():
            total = _added(total, {(*a, *b): x * y})
    return total


def _affine(value: Sum) -> Factor | None:
    """(column - centre) / scale where the sum is that, else None."""
    held = {factors: coefficient for factors, coefficient in value.items() if factors}
    if len(held) != 1:
        return None
    ((factors, slope),) = held.items()
    if len(factors) != 1 or factors[0].transform != "linear" or slope == 0:
        return None
    x = factors[0]
    scale = x.scale / slope
    return Factor(x.column, centre=x.centre - value.get((), 0.0) * scale, scale=scale)


def _tidied(value: Sum) -> Sum:
    """(age - 60) / 10 in brackets stays together, because it was published so; other brackets are multiplied out."""
    x = _affine(value)
    whole = 0.0 if x is None else float(round(x.scale))
    if whole < 1 or abs(x.scale - whole) > 1e-9 * whole:
        return value
    return {(replace(x, scale=whole),): 1.0}


def _limited(x: Factor, limit: float, largest: bool) -> Sum:
    """max(x, limit) = limit + (x - limit)+ and min(x, limit) = x - (x - limit)+, for x = (column - centre) / scale."""
    knot = x.centre + limit * x.scale
    column, above = {(Factor(x.column),): 1.0}, {(Factor(x.column, "above_knot", (knot,)),): 1 / abs(x.scale)}
    if x.scale < 0:
        above = _added(above, _scaled(_added(column, {(): -knot}), 1 / abs(x.scale)), -1.0)
    straight = _scaled(_added(column, {(): -x.centre}), 1 / x.scale)
    whole = _added({(): limit}, above) if largest else _added(straight, above, -1.0)
    return {factors: coefficient for factors, coefficient in whole.items() if coefficient}


def _factor_raised(factor: Factor, power: float) -> tuple[Factor, ...] | None:
    """A factor to a power, as a product of factors; None where that is not one."""
    start = {"linear": 1.0, "square": 2.0, "sqrt": 0.5}.get(factor.transform)
    if factor.transform == "power":
        start = factor.numbers[0]
    if start is not None:
        whole = start * power
        name = {1.0: "linear", 2.0: "square", 0.5: "sqrt"}.get(whole, "power")
        numbers = (whole,) if name == "power" else ()
        return (Factor(factor.column, name, numbers, centre=factor.centre, scale=factor.scale),)
    if factor.transform == "above_knot" and power > 0:
        first = (*factor.numbers[1:], 1.0)[0] * power
        return (Factor(factor.column, "above_knot", (factor.numbers[0], *(() if first == 1 else (first,)))),)
    if factor.transform in (*COMPARISONS.values(), "level") and power > 0:
        return (factor,)
    return (factor,) * int(power) if power in (1.0, 2.0, 3.0) else None
