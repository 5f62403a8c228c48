"""The same numbers elsewhere, and those that a network brings along."""

from collections.abc import Sequence

import numpy as np

from benchmarks.families.layer_rules import axis_of, integer
from benchmarks.families.layers.reshaping import cropped, permuted_axes
from benchmarks.families.param_file import Layer
from benchmarks.families.steps.stored import Blob, Blocks


def constant(layer: Layer, _: Sequence[Blob], blocks: Blocks) -> Blob:
    """Return a stored blob."""
    return blocks[0].reshape(layer.cost.shape)


def reshape(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return the numbers in their new shape; squeezing and flattening are that, too."""
    return sources[0].reshape(layer.cost.shape)


def permute(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return a blob with its axes in another order."""
    return sources[0].transpose(permuted_axes(layer.options, layer.sources[0]))


def concatenate(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return blobs one behind the other."""
    return np.concatenate(list(sources), axis_of(layer.options, 0, 0, layer.sources[0]))


def divide(layer: Layer, sources: Sequence[Blob]) -> list[Blob]:
    """Return the parts of a blob."""
    axis = axis_of(layer.options, 1, 0, layer.sources[0])
    ends = np.cumsum([part[axis] for part in layer.cost.parts])[:-1]
    return np.split(sources[0], ends, axis)


def crop(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return a part of a blob."""
    return sources[0][tuple(slice(*span) for span in cropped(layer.options, layer.sources[0]))]


def shuffle(layer: Layer, sources: Sequence[Blob], _: Blocks) -> Blob:
    """Return the channels of groups, dealt out in turn."""
    groups = integer(layer.options, 0, 1)
    if integer(layer.options, 1, 0):
        groups = len(sources[0]) // groups
    dealt = sources[0].reshape(groups, -1, *sources[0].shape[1:]).swapaxes(0, 1)
    return dealt.reshape(sources[0].shape)
