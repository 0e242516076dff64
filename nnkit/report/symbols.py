"""The symbols of all pages, the same letters as in the code, with their formulas in MathML."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """`formula` is MathML written here, never taken from a result."""

    name: str
    formula: str
    meaning: str
    shape: str = ""


def _math(inner: str) -> str:
    return f'<math displaystyle="true">{inner}</math>'


def _row(*parts: str) -> str:
    """`mi` for letters, `mo` for everything else."""
    return "".join(f"<mi>{part}</mi>" if part.isalpha() else f"<mo>{part}</mo>" for part in parts)


def _fraction(top: str, bottom: str) -> str:
    return f"<mfrac><mrow>{top}</mrow><mrow>{bottom}</mrow></mfrac>"


SYMBOLS = (
    Symbol("n", _math("<mi>n</mi>"), "number of samples in a batch"),
    Symbol(
        "d_in, d_out",
        _math("<msub><mi>d</mi><mtext>in</mtext></msub><mo>,</mo><msub><mi>d</mi><mtext>out</mtext></msub>"),
        "number of inputs and of units of a layer",
    ),
    Symbol("x", _math("<mi>x</mi>"), "input, one sample a row", "(n, d_in)"),
    Symbol("W", _math("<mi>W</mi>"), "weights of a layer", "(d_in, d_out)"),
    Symbol("b", _math("<mi>b</mi>"), "biases of a layer", "(d_out,)"),
    Symbol("z", _math(_row("z", "=", "x", "W", "+", "b")), "pre-activation: what a unit sums up", "(n, d_out)"),
    Symbol("a", _math(_row("a", "=", "f", "(", "z", ")")), "activation: what a unit puts out", "(n, d_out)"),
    Symbol("y", _math("<mi>y</mi>"), "target: 0 or 1, or one row with a single 1 for each sample", "(n, d_out)"),
    Symbol("p", _math("<mi>p</mi>"), "predicted probability: the activation of the output layer", "(n, d_out)"),
    Symbol(
        "L",
        _math("<mi>L</mi><mo>=</mo>" + _fraction("<mn>1</mn>", "<mi>n</mi>") + "<munderover><mo>&#8721;</mo>"
              "<mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><msub><mi>L</mi><mi>i</mi></msub>"),
        "loss, a mean over the samples; in nats where it is a cross-entropy",
    ),
    Symbol(
        "delta",
        _math("<mi>&#948;</mi><mo>=</mo>" + _fraction("<mo>&#8706;</mo><mi>L</mi>", "<mo>&#8706;</mo><mi>z</mi>")),
        "delta: how the loss changes with a pre-activation",
        "(n, d_out)",
    ),
    Symbol(
        "dL/dW",
        _math(_fraction("<mo>&#8706;</mo><mi>L</mi>", "<mo>&#8706;</mo><mi>W</mi>")
              + "<mo>=</mo><msup><mi>x</mi><mi>T</mi></msup><mi>&#948;</mi>"),
        "gradient of the loss for the weights",
        "(d_in, d_out)",
    ),
    Symbol(
        "eta",
        _math("<mi>W</mi><mo>&#8592;</mo><mi>W</mi><mo>&#8722;</mo><mi>&#951;</mi>"
              + _fraction("<mo>&#8706;</mo><mi>L</mi>", "<mo>&#8706;</mo><mi>W</mi>")),
        "eta, the learning rate: the size of a step down the gradient",
    ),
)  # fmt: skip
