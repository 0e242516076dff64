"""What the references of a stage say: ids such as S2.3 stand for facts in the documents that founded this project.

S0 is a question about a Haskell network that gives NaN on MNIST; S1 notes on why optimisation fails; S2 an answer on
how to debug backpropagation step by step, which is the curriculum itself; S3 an answer on how to debug a network
better; S4 a digest of articles on exploding gradients and the control of training.
"""

from __future__ import annotations

FACTS = {
    "S0.1": "Wide logistic layers with squared error on MNIST: some sizes, batches and rates give NaN, others never "
    "learn.",
    "S0.2": "With squared error, leaving out the output unit's own derivative in the backward pass makes the gradient "
    "wrong; with cross-entropy it is right to leave it out.",
    "S0.3": "Saturated logistic units pass almost no gradient; units that do not saturate help, but may die.",
    "S0.4": "Averaging gradients over the batch, and passing the rate in negative, are conventions and no bugs.",
    "S1.1": "Where the gradient has vanished, the eigenvalues of the Hessian tell a saddle point from a minimum.",
    "S1.2": "At a saddle, a step along a direction of negative curvature leads out.",
    "S1.3": "Large batches are smooth and quick, small ones noisy and often better on test data.",
    "S1.4": "Momentum carries a share of the last update over into the next.",
    "S1.5": "A loss that stands still while the gradient stays large oscillates: the rate is too large.",
    "S1.6": "Adagrad, RMSProp and Adam scale each parameter's step by the size of its past gradients.",
    "S1.7": "Squared error loses its gradient where the output saturates, cross-entropy does not; a cross-entropy "
    "that already holds the softmax must not get another one.",
    "S2.0": "A sigmoid network whose outputs all stay alike while its cost falls: cost and gradient disagree by the "
    "number of cases.",
    "S2.0b": "A gradient check that compares the wrong columns proves nothing, so ours says what each column is.",
    "S2.1": "Begin with AND, not with XOR or MNIST: one neuron can learn it, and a failure means a bug.",
    "S2.2": "Check the forward pass by hand, then train with numerical gradients; on a convex problem that must "
    "converge.",
    "S2.3": "Then check the analytic gradient, first the deltas of each neuron, then each weight.",
    "S2.4": "Then add one hidden layer and repeat the same checks on AND.",
    "S2.5": "Then XOR, for which two hidden units are the least.",
    "S2.6": "Going step by step looks slow, and nearly always ends with a network that works.",
    "S3.1": "Most bugs raise no error; they only make training worse. So everything is measured.",
    "S3.2": "NaN within the first hundred steps means a rate that is too high: divide it by three until there is none.",
    "S3.3": "Later NaN comes from peaks in the gradient, a division by zero, or an unstable softmax.",
    "S3.4": "A network that does not learn should be made to overfit ten examples; if it cannot, look at how data and "
    "labels pair.",
    "S3.5": "Batches of one show errors that hide in batch computations; look at the outputs.",
    "S3.6": "When ten examples work, try a hundred, then the simplest real problem, and go on step by step.",
    "S3.7": "Draw what happens during training; look at the weights; scale inputs and labels; let the rate decay.",
    "S4.1": "Exploding gradients show as a loss that jumps, as NaN, and as gradient norms that stay above one.",
    "S4.2": "Cures for exploding gradients: fewer layers, a smaller rate, other units, clipping, regularisation.",
    "S4.3": "Callbacks act during training: lower the rate on a plateau, stop on NaN, stop early, keep the best.",
    "S4.4": "Robust losses help where squared error overweights outliers.",
    "S4.5": "NaN comes from bad input, a logarithm of zero, a division by zero, or an unnormalised loss input.",
    "S4.6": "Check gradients numerically, and compare the size of each weight with the size of its update.",
    "S4.7": "Do not trust a metric alone: look at inputs and outputs.",
    "S4.8": "A range test over learning rates shows where training begins, works best, and breaks.",
    "S4.9": "Training should be possible to stop, save and resume.",
}  # fmt: skip


def resolve(reference: str) -> tuple[str, str]:
    """(id, what it says); a reference that is no id is returned as ("", itself)."""
    name = reference.strip()
    return (name, FACTS[name]) if name in FACTS else ("", name)
