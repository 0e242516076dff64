"""Numbers and durations as people read them: three significant digits, never seventeen.

A number that rounds to something it is not says so: 0.99998 is not shown as 1, and two numbers that differ are not
shown alike when they stand side by side as "measured" and "required".
"""

from __future__ import annotations

import math
import re

import numpy as np

_SUPERSCRIPTS = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def number(value: float | int, digits: int = 3) -> str:
    """`value` with `digits` significant digits: 0.693, 12,345, 3.2e-10, "not a number", "infinity"."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)) and abs(value) < 10**9:
        return f"{value:,}"
    value = float(value)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    if value == 0.0:
        return "0"
    size = abs(value)
    if 0.99 < size < 1.0:  # 0.99998 must not read as 1
        while digits < 9 and float(f"{size:.{digits}g}") == 1.0:
            digits += 1
    if size < 9.995e-4 or size >= 1e6:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{_without_trailing_zeros(mantissa)}e{int(exponent)}"
    decimals = max(0, digits - 1 - math.floor(math.log10(float(f"{size:.{digits - 1}e}"))))
    text = f"{value:,.{decimals}f}"
    return _without_trailing_zeros(text) if "." in text else text


def apart(first: float, second: float, digits: int = 3) -> tuple[str, str]:
    """Both numbers with as many digits as it takes to tell them apart (at most nine)."""
    while digits < 9 and first != second and number(first, digits) == number(second, digits):
        digits += 1
    return number(first, digits), number(second, digits)


def with_unit(text: str, unit: str) -> str:
    """The number and its unit, one of which is a "fault" where several are "faults"."""
    if text == "1":
        unit = re.sub(r"^(\w{2,})s\b", r"\1", unit)
    return f"{text} {unit}" if unit else text


def margin(measured: float, limit: float, relation: str) -> str:
    """How far a measurement is from its limit, in words: "300 times below", "0.02 short", "12 times over".

    Two positive numbers that are ten or more times apart are compared by their ratio, others by their difference.
    """
    if not math.isfinite(measured):
        return "none: not finite"
    if not math.isfinite(limit):
        return "-"
    if measured == limit:
        return "as required"
    below = measured < limit
    holds = below == (relation == "<=")
    words = ("below" if holds else "short") if below else ("over" if not holds else "above")
    if measured > 0 and limit > 0:
        ratio = max(measured, limit) / min(measured, limit)
        if ratio >= 10:
            return f"{number(round(ratio) if ratio < 1e4 else ratio, 2)} times {words}"
    return f"{number(abs(limit - measured), 2)} {words}"


def duration(seconds: float) -> str:
    """A time such as "12 ms", "3.1 s" or "2 min 5 s"."""
    if not math.isfinite(seconds) or seconds < 0:
        return "unknown"
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.0005 else "under 1 ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def power_of_ten(exponent: int) -> str:
    """A tick label: 0.01, 0.1, 1, 10, 100, else ten with a superscript."""
    if -2 <= exponent <= 3:
        return f"{10.0**exponent:,g}"
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def count(n: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 check", "3 checks"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _without_trailing_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
