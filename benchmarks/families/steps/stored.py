"""What a step of the reference gets: a layer, its blobs, its stored numbers."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.families.param_file import Layer

Blob = NDArray[np.float64]  # with the dimensions of its Shape
Blocks = Sequence[Blob]  # the stored numbers of a layer, flat, in the order of the `.bin`
Step = Callable[[Layer, Sequence[Blob], Blocks], Blob]
