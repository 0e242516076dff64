"""Made-up results that look like real ones: every status, every kind of evidence, and the worst that a network can
send.

`passing` is a whole climb, `stopped` one with a proved bug at stage 4, `mixed` has every status, `hostile` tries to
break out.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from nnkit.curriculum.evidence import (
    Bars,
    Caption,
    Curves,
    Diagram,
    Evidence,
    Group,
    Histograms,
    Images,
    Line,
    Mark,
    Matrices,
    Panel,
    Scatter,
    Surface,
    Table,
)
from nnkit.curriculum.results import CheckResult, Diagnosis, Failure, Passage, StageResult, StageStatus, StageText
from nnkit.curriculum.training_pictures import histograms_picture, runs_picture, training_pictures
from nnkit.curriculum.training_results import TrainingCause, TrainingResult, went
from nnkit.diagnosis.runs import Run
from nnkit.diagnosis.trace import LayerTrace, Symptom, Trace

TITLES = (
    ("and-one-neuron", "AND on one neuron"),
    ("forward-pass", "Hand-checked forward pass"),
    ("numerical-gradient", "Numerical-gradient training"),
    ("analytic-gradient-checks", "Analytic gradient checks"),
    ("hidden-layer", "Hidden layer"),
    ("xor", "XOR"),
    ("overfit-ten", "Overfit 10 samples"),
    ("full-mnist", "Full MNIST"),
)

CLAIMS = (
    "One neuron of this network can represent AND, a step lowers its loss, and its own training learns it.",
    "The forward pass computes what the formulas say, for hand-set weights, to a few units in the last place.",
    "The loss and the training procedure are right: with numerical gradients alone, AND is learned.",
    "Backpropagation computes the derivative of the loss, for every weight, near the start, trained and saturated.",
    "Backpropagation works through hidden layers.",
    "The network learns a problem that needs its hidden layer.",
    "The network can fit ten real digits, so data and labels belong together.",
    "The network learns real data and generalises: at least 98 % of unseen digits.",
)

CAPTION = Caption(
    look_for="A line that falls from ln 2 at the start and keeps falling.",
    healthy="Smooth, steep at first, below 0.05 at the end.",
    suspect="Flat at ln 2: the step has the wrong sign or is far too small. Jagged: the rate is too large.",
)

TEXT = """A single neuron is the smallest network that learns anything. AND is the smallest problem that it can learn.

If training fails here, the cause is not the problem: the loss surface is convex, so a bug in the step, in the loss or
in its gradient is all that is left.

    z = x W + b
    a = 1 / (1 + exp(-z))

Three things are asked of it:

- hand-set weights `W = (10, 10)`, `b = -15` compute the truth table;
- one step lowers the loss;
- training gets all four right, whatever the seed.
"""

HINTS = (
    "What does the network put out for (0, 0), before any training? Is it what `b` alone would give?",
    "Print the loss before and after one `train_step` with a tiny rate. If it rises, look at the sign of the update.",
    "Gradient descent moves *against* the gradient: `W -= rate * gradient`.\n\n    W = W - eta * dL/dW\n\n"
    "With the sign turned, the loss rises with every step, however small the rate is.",
)

AND_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND_Y = np.array([0.0, 0.0, 0.0, 1.0])


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def _train_and(steps: int = 400, rate: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Losses (steps + 1,) and parameters (steps + 1, 3) of one neuron learning AND with cross-entropy."""
    w = np.array([0.3, -0.4, 0.1])
    losses, parameters = [], []
    for _ in range(steps + 1):
        z = AND_X @ w[:2] + w[2]
        losses.append(float(np.mean(np.logaddexp(0.0, z) - AND_Y * z)))
        parameters.append(w.copy())
        delta = (_sigmoid(z) - AND_Y) / 4
        w -= rate * np.array([*(AND_X.T @ delta), delta.sum()])
    return np.array(losses), np.array(parameters)


def loss_curve() -> Curves:
    losses, _ = _train_and()
    return Curves(
        title="Loss while AND is learned",
        caption=CAPTION,
        x_label="step",
        y_label="loss (nats)",
        lines=[Line("training loss", np.arange(len(losses)), losses)],
        marks=[Mark("ln 2, a coin's loss", "y", float(np.log(2)))],
    )


def weights_curve() -> Curves:
    _, parameters = _train_and()
    steps = np.arange(len(parameters))
    lines = [Line(name, steps, parameters[:, i]) for i, name in enumerate(("w1", "w2", "b"))]
    return Curves(title="Weights while AND is learned", caption=CAPTION, x_label="step", y_label="value", lines=lines)


def decision_surface() -> Surface:
    _, parameters = _train_and()
    axis = np.linspace(-0.5, 1.5, 60)
    grid_x, grid_y = np.meshgrid(axis, axis)
    w = parameters[-1]
    return Surface(
        title="What the neuron has learned",
        caption=CAPTION,
        x_label="x1",
        y_label="x2",
        value_label="p(AND)",
        x=axis,
        y=axis,
        values=_sigmoid(w[0] * grid_x + w[1] * grid_y + w[2]),
        levels=[0.5],
        points=[Group("target 0", AND_X[:3, 0], AND_X[:3, 1]), Group("target 1", AND_X[3:, 0], AND_X[3:, 1])],
    )


def loss_slice() -> Surface:
    axis = np.linspace(-8.0, 8.0, 80)
    grid_x, grid_y = np.meshgrid(axis, axis)
    z = grid_x[..., None] * AND_X[:, 0] + grid_x[..., None] * AND_X[:, 1] + grid_y[..., None]
    _, parameters = _train_and()
    return Surface(
        title="The way down, on a slice of the loss surface",
        caption=CAPTION,
        x_label="w1 = w2",
        y_label="b",
        value_label="loss (nats)",
        x=axis,
        y=axis,
        values=np.mean(np.logaddexp(0, z) - AND_Y * z, axis=-1),
        path=Line("way of training", parameters[:, :2].mean(axis=1), parameters[:, 2]),
        log_values=True,
    )


def v_curve() -> Curves:
    h = np.logspace(-14, 0, 57)
    rng = np.random.default_rng(3)
    rounding = 1e-16 / h * rng.uniform(0.3, 1.5, h.size)
    return Curves(
        title="Error of the numerical gradient against the size of the step",
        caption=CAPTION,
        x_label="step size h",
        y_label="relative error",
        lines=[
            Line("forward", h, 0.4 * h + rounding),
            Line("central", h, 0.1 * h**2 + rounding),
            Line("complex step", h, 0.1 * h**2 + 1.2e-16, "points"),
        ],
        marks=[Mark("step chosen", "x", 6e-6), Mark("limit", "y", 1e-7)],
        log_x=True,
        log_y=True,
    )


def nan_curve() -> Curves:
    steps = np.arange(60.0)
    loss = 0.7 * np.exp(0.2 * steps)
    loss[43:] = np.nan
    return Curves(
        title="Loss with a rate that is too large",
        caption=CAPTION,
        x_label="step",
        y_label="loss (nats)",
        lines=[
            Line("rate 3", steps, loss),
            Line("rate 1", steps, 0.7 * np.exp(-0.03 * steps)),
            Line("rate 0.3", steps, np.where(steps == 20, np.inf, 0.69 * np.exp(-0.01 * steps)), "steps"),
        ],
        log_y=True,
    )


def gradient_scatter(factor: float = 1.0) -> Scatter:
    rng = np.random.default_rng(5)
    groups = []
    for name, n in (("W1", 40), ("b1", 8), ("W2", 24), ("b2", 3)):
        numerical = rng.normal(size=n) * 10 ** rng.uniform(-6, 0, n)
        wrong = factor if name == "W1" else 1.0
        groups.append(Group(name, numerical, wrong * numerical * (1 + 1e-10 * rng.normal(size=n))))
    return Scatter(
        title="Analytic against numerical gradient, entry by entry",
        caption=CAPTION,
        x_label="numerical gradient",
        y_label="analytic gradient",
        groups=groups,
        diagonal=True,
        log=True,
        annotations=[("worst entry, W1[2, 1]", float(groups[0].x[3]), float(groups[0].y[3]))],
    )


def many_points() -> Scatter:
    rng = np.random.default_rng(8)
    points = rng.normal(size=(6000, 2))
    return Scatter(
        title="Hidden space of 6,000 images",
        caption=CAPTION,
        x_label="first direction",
        y_label="second direction",
        groups=[Group(f"digit {i}", points[i::3, 0] + 2 * i, points[i::3, 1] - i) for i in range(3)],
    )


def error_bars(worst: float = 4e-10) -> Bars:
    return Bars(
        title="Largest error of each parameter",
        caption=CAPTION,
        value_label="relative error",
        labels=["W1", "b1", "W2", "b2"],
        values=np.array([worst, 6e-11, 1.2e-10, 3e-11]),
        marks=[Mark("limit", "x", 1e-7)],
        log=True,
    )


def success_bars() -> Bars:
    return Bars(
        title="Runs that learned XOR",
        caption=CAPTION,
        value_label="share of 100 seeds",
        labels=["this network", "the reference network", "no hidden layer"],
        values=np.array([0.97, 0.96, 0.0]),
        low=np.array([0.915, 0.90, 0.0]),
        high=np.array([0.99, 0.985, 0.036]),
    )


def weight_matrices() -> Matrices:
    rng = np.random.default_rng(2)
    return Matrices(
        title="Weights after training",
        caption=CAPTION,
        panels=[
            Panel("W1", rng.normal(size=(784, 30)) * 0.1),
            Panel("W2", rng.normal(size=(30, 10))),
            Panel("W3", np.array([[0.5, np.nan], [-2.0, 1.0]])),
        ],
        row_label="input",
        column_label="unit",
        value_label="weight",
    )


def error_matrices() -> Matrices:
    rng = np.random.default_rng(4)
    first = 10 ** rng.uniform(-12, -9, (5, 7))
    first[:, 3] = 0.4
    return Matrices(
        title="Where the error sits",
        caption=CAPTION,
        panels=[Panel("W1", first), Panel("W2", 10 ** rng.uniform(-12, -10, (7, 3)))],
        row_label="row",
        column_label="column",
        value_label="relative error",
        scale="log",
    )


def confusion() -> Matrices:
    rng = np.random.default_rng(6)
    counts = rng.poisson(3, (10, 10)) + np.diag(rng.integers(880, 1135, 10))
    return Matrices(
        title="Confusion matrix of 10,000 test images",
        caption=CAPTION,
        panels=[Panel("test images", counts)],
        row_label="label",
        column_label="prediction",
        value_label="images",
        scale="counts",
    )


def activation_histograms(log_y: bool = False) -> Histograms:
    rng = np.random.default_rng(7)
    panels = []
    for name, values in (
        ("layer 1", rng.beta(0.4, 0.4, 4000)),
        ("layer 2", rng.normal(0, 0.3, 4000)),
        ("layer 3", rng.normal(-2, 1, 900)),
    ):
        counts, edges = np.histogram(values, bins=40)
        panels.append(Panel(name, counts, edges))
    return Histograms(
        title="Activations, layer by layer", caption=CAPTION, x_label="activation", panels=panels, log_y=log_y
    )


def digits(n: int = 10, *, labels: bool = True, diverging: bool = False) -> Images:
    rng = np.random.default_rng(9)
    y, x = np.mgrid[0:28, 0:28]
    pictures = np.stack(
        [
            np.exp(-(((x - 14 - 5 * np.sin(i)) / 3) ** 2)) * (abs(y - 14) < 10) * (1 + 0.1 * rng.random((28, 28)))
            for i in range(n)
        ]
    )
    if diverging:
        pictures = pictures * 2 - 1 + 0.4 * rng.normal(size=pictures.shape)
    return Images(
        title="The ten digits, as the network receives them" if not diverging else "First-layer weights",
        caption=CAPTION,
        values=pictures,
        labels=[f"is {i % 10}, said {(i + (i == 7)) % 10}, p {0.9 + 0.001 * i:.3f}" for i in range(n)]
        if labels
        else [],
        columns=10,
        diverging=diverging,
    )


def worked_table() -> Table:
    return Table(
        title="The forward pass by hand, in the order of evaluation",
        caption=CAPTION,
        header=["quantity", "formula", "by hand", "network", "difference (ulp)"],
        rows=[
            ["z1[0]", "x1 W[0, 0] + x2 W[1, 0] + b[0]", "1.2000000000000002", "1.2000000000000002", 0],
            ["a1[0]", "1 / (1 + exp(-z1[0]))", "0.7685247834990176", "0.7685247834990175", 1],
            ["z2", "a1 W2 + b2", 0.31622776601683794, 0.4162277660168379, 900719925474099],
            ["loss", "-ln(p)", 0.6931471805599453, float("nan"), float("inf")],
        ],
        wrong_rows=[2, 3],
    )


def network_diagram(sizes: tuple[int, ...] = (2, 3, 1)) -> Diagram:
    rng = np.random.default_rng(11)
    x = np.array([1.0, -0.5, 2.0, 0.25][: sizes[0]])
    weights, biases, zs, activations = [], [], [], []
    a = x
    for d_in, d_out in pairwise(sizes):
        weights.append(rng.normal(size=(d_in, d_out)).round(2))
        biases.append(rng.normal(size=d_out).round(2))
        zs.append(a @ weights[-1] + biases[-1])
        a = _sigmoid(zs[-1])
        activations.append(a)
    return Diagram(
        title=f"The {'-'.join(map(str, sizes))} network with all its numbers",
        caption=CAPTION,
        weights=weights,
        biases=biases,
        x=x,
        z=zs,
        a=activations,
        activations=["sigmoid"] * (len(sizes) - 1),
    )


def empty_evidence() -> list[Evidence]:
    """Every kind with nothing in it, or nothing finite."""
    none, nan = np.zeros(0), np.full(5, np.nan)
    common = {"caption": CAPTION}
    return [
        Curves(title="no lines", x_label="x", y_label="y", lines=[], **common),
        Curves(title="no points", x_label="x", y_label="y", lines=[Line("a", none, none)], **common),
        Curves(
            title="all NaN", x_label="step", y_label="y", lines=[Line("a", np.arange(5.0), nan)], log_y=True, **common
        ),
        Curves(title="one point", x_label="step", y_label="y", lines=[Line("a", [3], [4])], **common),
        Curves(
            title="not above zero",
            x_label="step",
            y_label="y",
            lines=[Line("a", [1, 2], [0, -1])],
            log_y=True,
            **common,
        ),
        Surface(
            title="all NaN",
            x_label="x",
            y_label="y",
            value_label="v",
            x=np.arange(3.0),
            y=np.arange(2.0),
            values=np.full((2, 3), np.nan),
            **common,
        ),
        Surface(
            title="empty", x_label="x", y_label="y", value_label="v", x=none, y=none, values=np.zeros((0, 0)), **common
        ),
        Surface(
            title="flat",
            x_label="x",
            y_label="y",
            value_label="v",
            x=np.arange(3.0),
            y=np.arange(2.0),
            values=np.ones((2, 3)),
            levels=[0.5],
            **common,
        ),
        Scatter(title="empty", x_label="x", y_label="y", groups=[], **common),
        Scatter(
            title="all NaN", x_label="x", y_label="y", groups=[Group("g", nan, nan)], diagonal=True, log=True, **common
        ),
        Scatter(
            title="all zero",
            x_label="x",
            y_label="y",
            groups=[Group("g", np.zeros(3), np.zeros(3))],
            diagonal=True,
            log=True,
            **common,
        ),
        Bars(title="empty", value_label="v", labels=[], values=none, **common),
        Bars(title="all NaN", value_label="v", labels=list("abcde"), values=nan, **common),
        Bars(
            title="some infinite",
            value_label="v",
            labels=list("abc"),
            values=np.array([1.0, np.inf, np.nan]),
            log=True,
            **common,
        ),
        Bars(title="all zero", value_label="v", labels=list("ab"), values=np.zeros(2), log=False, **common),
        Matrices(title="empty", panels=[], row_label="r", column_label="c", value_label="v", **common),
        Matrices(
            title="all NaN",
            panels=[Panel("W", np.full((2, 2), np.nan))],
            row_label="r",
            column_label="c",
            value_label="v",
            scale="log",
            **common,
        ),
        Matrices(
            title="all zero",
            panels=[Panel("W", np.zeros((1, 3)))],
            row_label="r",
            column_label="c",
            value_label="v",
            **common,
        ),
        Matrices(
            title="no counts",
            panels=[Panel("W", np.zeros((2, 2)))],
            row_label="r",
            column_label="c",
            value_label="v",
            scale="counts",
            **common,
        ),
        Histograms(title="empty", x_label="x", panels=[], **common),
        Histograms(
            title="no values", x_label="x", panels=[Panel("a", np.zeros(4), np.arange(5.0))], log_y=True, **common
        ),
        Images(title="empty", values=np.zeros((0, 8, 8)), **common),
        Images(title="all NaN", values=np.full((2, 8, 8), np.nan), **common),
        Table(title="empty", header=["a"], rows=[], **common),
        Diagram(title="empty", weights=[], biases=[], x=none, z=[], a=[], **common),
        replace(network_diagram(), title="NaN inside", x=np.array([np.nan, np.inf])),
    ]


def every_kind() -> list[Evidence]:
    return [
        loss_curve(),
        weights_curve(),
        v_curve(),
        nan_curve(),
        decision_surface(),
        loss_slice(),
        gradient_scatter(),
        gradient_scatter(0.3),
        many_points(),
        error_bars(),
        error_bars(0.3),
        success_bars(),
        weight_matrices(),
        error_matrices(),
        confusion(),
        activation_histograms(),
        activation_histograms(log_y=True),
        digits(),
        digits(60, labels=False, diverging=True),
        worked_table(),
        network_diagram(),
        network_diagram((2, 1)),
        network_diagram((4, 3, 3, 2)),
    ]


def text_of(number: int) -> StageText:
    name, title = TITLES[number - 1]
    return StageText(
        number=number,
        name=name,
        title=title,
        claim=CLAIMS[number - 1],
        not_yet="Nothing is said yet about hidden layers, about other data, or about how long training takes.",
        text=TEXT,
        hints=HINTS,
        references=("S2.1", "S2.2", "Bland 1998, Learning XOR: exploring the space of a classic problem"),
        source=f"stages/stage_{number}_{name.replace('-', '_')}.py",
    )


def passed_check(name: str, claim: str, evidence: list[Evidence], **changes: object) -> CheckResult:
    check = CheckResult(
        name=name,
        claim=claim,
        status="passed",
        measured=3.2e-10,
        limit=1e-7,
        relation="<=",
        because="central differences in double precision are good to 1e-9 here, and every formula bug is beyond 5e-2",
        message="The largest error is 3.2e-10, at W1[2, 1].",
        unit="relative error",
        why="A gradient that is wrong by a factor still trains, only worse. Nothing but a comparison shows it.",
        seconds=0.034,
        evidence=evidence,
    )
    return replace(check, **changes)  # type: ignore[arg-type]


ENVIRONMENT = {
    "nnkit": "0.1.0",
    "python": "3.11.7",
    "numpy": "2.4.6",
    "blas": "scipy-openblas 0.3.30",
    "platform": "Linux x86_64",
    "system": "Linux-6.1.0-x86_64-with-glibc2.36",
    "processor": "A processor with a long name, 12 cores at 3.40 GHz",
    "threads": "1",
    "dtype": "float64",
}

FINGERPRINT = {"network": "9f86d081884c7d65", "nnkit": "60303ae22b998861", "seed": "0", "stage": "fd61a03af4f77d87"}


def result(number: int, status: StageStatus = "passed", **changes: object) -> StageResult:
    made = StageResult(
        stage=text_of(number),
        status=status,
        network="nnkit.network:build",
        seed=0,
        seconds=0.31,
        fingerprint=FINGERPRINT,
        environment=ENVIRONMENT,
        started="2025-11-20T18:56:00+00:00",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def accuracy_check(name: str, evidence: list[Evidence]) -> CheckResult:
    return passed_check(
        name,
        "Training from each of 10 seeds ends with at least 98 % of the test images right",
        evidence,
        measured=0.9812,
        limit=0.98,
        relation=">=",
        unit="of the test images",
        message="The worst seed reaches 98.12 %.",
        because="a network of this size that is right reaches 98.0 % in every one of 200 runs",
    )


def passing(dataset: str = "mnist") -> list[StageResult]:
    """All eight stages passed."""
    evidence: dict[int, list[list[Evidence]]] = {
        1: [[decision_surface(), worked_table()], [loss_curve(), weights_curve()], []],
        2: [[network_diagram(), worked_table()], [network_diagram((2, 1))]],
        3: [[v_curve()], [loss_curve(), loss_slice()]],
        4: [[gradient_scatter(), error_bars()], [error_matrices()], []],
        5: [[activation_histograms()], [gradient_scatter(), weights_curve()]],
        6: [[decision_surface(), success_bars()], [loss_curve()]],
        7: [[digits()], [nan_curve(), loss_curve()]],
        8: [
            [confusion(), digits(40)],
            [weight_matrices(), digits(30, labels=False, diverging=True)],
            [activation_histograms(log_y=True)],
        ],
    }
    headlines = {
        1: "AND learned from 20 of 20 seeds",
        2: "all 64 hand values met within 2 ulp",
        4: "all gradients within 3.2e-10",
        6: "97 of 100 seeds learn XOR",
        8: "98.3 % of 10,000 test images right",
    }
    results = []
    for number, groups in evidence.items():
        checks = [
            passed_check(f"check-{i}", f"The quantity number {i} of this stage is what the formula says", pieces)
            for i, pieces in enumerate(groups, start=1)
        ]
        if number == 8:
            checks.insert(0, accuracy_check("accuracy", []))
        results.append(
            result(
                number,
                checks=checks,
                headline=headlines.get(number, ""),
                dataset=dataset if number >= 7 else None,
                dataset_source="data/mnist" if number >= 7 and dataset == "mnist" else "",
                seconds=4.2 if number == 8 else 0.31,
            )
        )
    return results


DIAGNOSIS = Diagnosis(
    cause="activation-derivative-missing",
    where={"layer": 1, "layers": 3, "parameter": "W1", "operation": "delta"},
    summary="the hidden delta is not multiplied by the sigmoid's derivative",
    proof="Recomputed without the factor a (1 - a) in layer 1, the gradient of W1 agrees with the network's to 2e-16.",
    fix="delta1 = (delta2 @ W2.T) * a1 * (1 - a1)",
    source="S0.2",
    lines=(
        Passage(
            file="my_network.py",
            function="backward",
            first=29,
            last=34,
            line=32,
            called_by="gradients",
            called_at=41,
            shown=(
                "def backward(self, x, y):",
                "    delta2 = self.forward(x) - y",
                "    back = delta2 @ self.W2.T",
                f"    delta1 = back  # {'and a very long remark ' * 9}",
                "    if delta1.size > 0 and y.size < 9:",
                "        return [x.T @ delta1]",
            ),
            shown_from=29,
        ),
        Passage(
            file="my_network.py",
            function="slope",
            first=5,
            last=5,
            called_by="backward",
            called_at=32,
            shown=("slope = lambda a: a * (1 - a)",),
            shown_from=5,
        ),
    ),
)


HARMLESS = Diagnosis(
    cause="gradient-scaled",
    where={"layer": None, "parameter": None, "operation": "loss"},
    summary="the loss is a sum over the batch, the gradient a mean",
    proof="Numerical over analytic gradient is 4 for every parameter with 4 samples, and 7 with 7.",
    fix="Divide the loss by the number of samples.",
    source="S2.0; S0.4",
    severity="warning",
)


def stopped() -> list[StageResult]:
    """Stage 4 fails with a diagnosis; 5 to 8 are blocked."""
    failed = passed_check(
        "per-weight",
        "Each weight's analytic gradient agrees with the numerical one",
        [gradient_scatter(0.3), error_bars(0.3), error_matrices()],
        status="failed",
        measured=0.298,
        message="W1 is wrong by 0.298 at entry [2, 1]: analytic 0.0123, numerical 0.0175. b1, W2 and b2 agree.",
    )
    warning = passed_check(
        "scale",
        "Loss and gradient belong to each other",
        [],
        status="warning",
        measured=0.75,
        limit=0.01,
        unit="",
        message="The loss is a sum over the batch, the gradient a mean: one factor of 4 on all parameters, harmless.",
    )
    fine = passed_check("deltas", "The output delta agrees with the numerical derivative", [])
    first = passing()[:3]
    fourth = result(
        4,
        "failed",
        checks=[fine, warning, failed],
        diagnoses=[HARMLESS, DIAGNOSIS],
        cure="With this mended from outside, stage 4 passes.",
    )
    return [
        *first,
        fourth,
        *(result(n, "blocked", reason="stage 4 failed", started="", environment={}) for n in range(5, 9)),
    ]


def mixed() -> list[StageResult]:
    """Every status once."""
    one = passing()
    failing_check = passed_check(
        "learns",
        "Own training learns AND from every seed",
        [loss_curve()],
        status="failed",
        measured=0.75,
        limit=1.0,
        relation=">=",
        unit="of the four cases right",
        message="Seed 3 stops at 3 of 4; its loss stands at 0.56 from step 40 on.",
    )
    raised = passed_check(
        "batch",
        "Batch equals one by one",
        [],
        status="failed",
        measured=np.nan,
        limit=np.nan,
        message="raised ValueError",
    )
    trace = 'Traceback (most recent call last):\n  File "my_network.py", line 31, in gradients\nValueError: shapes'
    return [
        replace(
            one[0],
            checks=[
                *one[0].checks,
                passed_check("w", "The loss is a mean", [], status="warning", message="It is a sum."),
            ],
        ),
        replace(one[1], status="stale", reason="the network's source changed since"),
        result(3, "failed", checks=[failing_check, *one[2].checks]),
        result(
            4,
            "error",
            checks=[raised],
            failure=Failure(
                kind="ValueError",
                message="shapes (7,3) and (3,5) not aligned",
                check="batch",
                place="my_network.py:31 in gradients",
                traceback=trace,
            ),
        ),
        result(5, "timeout", failure=Failure(kind="Timeout", message="no answer within 10 s", check="learns")),
        result(
            6,
            "crashed",
            failure=Failure(kind="Crash", message="the process ended with signal 11 (segmentation fault)"),
        ),
        result(
            7,
            "blocked",
            reason="its data cannot be had",
            failure=Failure(kind="MnistUnavailable", message="MNIST was required, and no mirror answers."),
            started="",
        ),
        result(8, "not-run", reason="it has not run yet", started="", environment={}, fingerprint={}),
    ]


def missing(words: str) -> StageResult:
    """A first stage where two of three checks cannot run."""
    nothing: dict[str, object] = {
        "measured": np.nan,
        "limit": np.nan,
        "blocked": True,
        "message": f"cannot run: {words}",
    }
    checks = [
        passed_check("right", "Outputs are right", [], status="failed", **nothing),
        passed_check("finite", "Outputs are finite", []),
        passed_check("lower", "The loss becomes lower", [], status="failed", **nothing),
    ]
    return result(1, "blocked", checks=checks, failure=Failure(kind="Blocked", message=words, check="right"))


HOSTILE = (
    "<script>alert('x')</script>\"'>&amp;{{ 7*7 }}{% raw %}\x00\x1b[31m\ud800\ue000"
    "`</code><img src=x onerror=alert(1)>`$\\frac{$ --><!--"
)


def hostile(text: str = HOSTILE, filler: str = "x" * 4000) -> list[StageResult]:
    """Every string of a result says `text`, names are very long, the exception has 4,000 characters."""
    caption = Caption(text, text, text)
    values = np.array([1.0, 2.0, 4.0])
    evidence: list[Evidence] = [
        Curves(
            title=text,
            caption=caption,
            x_label=text,
            y_label=text,
            lines=[Line(text, values, values), Line(filler, values, values**2)],
            marks=[Mark(text, "y", 2.0)],
        ),
        Bars(title=text, caption=caption, value_label=text, labels=[text, filler, "c"], values=values),
        Scatter(
            title=text,
            caption=caption,
            x_label=text,
            y_label=text,
            groups=[Group(text, values, values)],
            annotations=[(text, 1.0, 1.0)],
        ),
        Surface(
            title=text,
            caption=caption,
            x_label=text,
            y_label=text,
            value_label=text,
            x=values,
            y=values,
            values=np.outer(values, values),
            points=[Group(text, values, values)],
            path=Line(text, values, values),
        ),
        Matrices(
            title=text,
            caption=caption,
            panels=[Panel(text, np.eye(2))],
            row_label=text,
            column_label=text,
            value_label=text,
            scale="counts",
        ),
        Histograms(title=text, caption=caption, x_label=text, panels=[Panel(text, values)]),
        Images(title=text, caption=caption, values=np.ones((2, 3, 3)), labels=[text, filler]),
        Table(title=text, caption=caption, header=[text, filler], rows=[[text, 1.0]]),
        replace(network_diagram(), title=text, caption=caption, activations=[text, filler]),
    ]
    stage = StageText(
        number=1,
        name=text,
        title=text,
        claim=text,
        not_yet=text,
        text=text,
        hints=(text, filler, text),
        references=(text,),
        source=text,
    )
    check = CheckResult(
        name=text,
        claim=text,
        status="failed",
        measured=float("nan"),
        limit=1.0,
        relation="<=",
        because=text,
        message=text + filler,
        unit=text,
        why=text,
        evidence=evidence,
    )
    return [
        StageResult(
            stage=stage,
            status="error",
            network=filler[:300] + text,
            seed=-1,
            checks=[check],
            reason=text,
            dataset=text,
            dataset_source=text,
            diagnoses=[
                Diagnosis(
                    cause=text,
                    where={text: text, "layers": 2, "operation": "loss"},
                    summary=text,
                    proof=text,
                    fix=text,
                    source=text,
                    lines=[Passage(file=text, function=text, first=1, last=2, line=1, shown=[text, filler])],
                )
            ],
            cure=text,
            failure=Failure(kind=text, message=text + filler, check=text, place=text, traceback=text),
            conventions={text: text},
            fingerprint={text: text},
            environment={text: filler},
            started=text,
            headline=text,
        )
    ]


RUNS = [
    {
        "when": "2025-11-20T18:50:00+00:00",
        "command": "make stage-3",
        "network": "nnkit.network:build",
        "seed": 0,
        "passed": True,
        "stopped_at": None,
        "seconds": 1.2,
        "options": {},
    },
    {
        "when": "2025-11-20T18:56:00+00:00",
        "command": "nnkit run my_network.py --until 8 --seed 3",
        "network": "my_network.py:build",
        "seed": 3,
        "passed": False,
        "stopped_at": 4,
        "seconds": 75.0,
        "options": {},
    },
]


def training() -> TrainingResult:
    """A training with a proved cause, symptoms, and every picture that a trace gives."""
    rng = np.random.default_rng(0)
    steps = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256]
    falling = list(np.geomspace(2.3, 0.2, len(steps)))
    layers = [
        LayerTrace(
            f"layer {n}", weight_norm=[5.0] * 10, gradient_norm=list(rng.uniform(0.1, 0.2, 10) ** n),
            update_norm=[0.01 * n] * 9 + [float("nan")], activation_spread=[0.5 / n] * 10, saturated=[0.1 * n] * 10,
            dead=[0.0] * 9 + [0.2],
        )
        for n in range(1, 9)
    ]  # fmt: skip
    trace = Trace(
        steps, falling, [2 * value for value in falling], [0.1 + 0.1 * n for n in range(9)] + [0.97], [0.1] * 10,
        list(np.linspace(0.5, 0.1, 10)), [0.3] * 10, [*rng.uniform(0.1, 2.3, 256), float("nan")], layers, 10,
    )  # fmt: skip
    before, after = (
        Run(label, steps, falling, list(np.linspace(0, end, 10)))
        for label, end in (("as it is", 0.1), ("a third", 1.0))
    )
    weights = {f"weights of layer {n}": rng.normal(size=500) for n in (1, 2)}
    histograms = histograms_picture(weights, {name: 2 * values for name, values in weights.items()})
    assert histograms is not None
    proved = Diagnosis(
        cause="rate-too-large", where={"operation": "update"}, summary="The learning rate is too large: 5.",
        proof="A score of 0.10 as it is, and of 1.00 with the rate divided by 3.", fix="Divide by 3.", source="S3.2",
    )  # fmt: skip
    return TrainingResult(
        name="a <b>program</b>.py", status="failed", proving=True, went=went(trace), seconds=3.2,
        started="2025-11-20T18:56:00+00:00", environment={"numpy": "2.0"}, loop={"Updates": "256"},
        symptoms=[Symptom("oscillating", "The loss goes up and down.", 1.3, 0.7, None, 272, "update")],
        causes=[
            TrainingCause(diagnosis=proved, change="a rate of 1.7", runs=runs_picture(before, after, "a third")),
            TrainingCause(diagnosis=replace(proved, cause="last-batch-dropped", severity="warning")),
        ],
        pictures=[*training_pictures(trace), histograms], printed="epoch 1\n", printed_bytes=8,
    )  # fmt: skip
