"""A small Q-network of plain numpy, with replay: what zTT learns with."""

from collections import deque
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CLIP = 1.0  # of one step's error: rewards are of that size [1]


class Step(NamedTuple):
    """What was seen, what was done, what it brought, what was seen then."""

    state: Floats
    action: int
    reward: float
    after: Floats


class QNetwork:
    """Two hidden layers of six rectified units; one output per action."""

    def __init__(self, inputs: int, actions: int, seed: int, *, hidden: int = 6) -> None:
        self._draw = np.random.default_rng(seed)
        sizes = (inputs, hidden, hidden, actions)
        self._weights = [
            self._draw.normal(0.0, np.sqrt(2.0 / a), (a, b)) for a, b in pairwise(sizes)
        ]
        self._biases = [np.zeros(b) for b in sizes[1:]]
        self.replay: deque[Step] = deque(maxlen=500)

    def values(self, states: Floats) -> Floats:
        """Return the value of every action in each state."""
        return self._layers(states)[-1]

    def train(self, rate: float, discount: float, batch: int) -> None:
        """Take one step of gradient descent on remembered steps."""
        if not self.replay:
            return
        chosen = [self.replay[int(i)] for i in self._draw.integers(len(self.replay), size=batch)]
        states = np.array([step.state for step in chosen])
        after = self.values(np.array([step.after for step in chosen])).max(axis=1)
        wanted = np.array([step.reward for step in chosen]) + discount * after
        layers = self._layers(states)
        actions = np.array([step.action for step in chosen])
        error = np.zeros_like(layers[-1])
        rows = np.arange(batch)
        off = layers[-1][rows, actions] - wanted
        error[rows, actions] = np.clip(off, -_CLIP, _CLIP) / batch
        for number in reversed(range(len(self._weights))):
            back = error @ self._weights[number].T
            self._weights[number] -= rate * layers[number].T @ error
            self._biases[number] -= rate * error.sum(axis=0)
            error = back * (layers[number] > 0)

    def _layers(self, states: Floats) -> list[Floats]:
        layers = [np.atleast_2d(states)]
        for number, (weights, bias) in enumerate(zip(self._weights, self._biases, strict=True)):
            total = layers[-1] @ weights + bias
            is_last = number == len(self._weights) - 1
            layers.append(total if is_last else np.maximum(total, 0.0))
        return layers
