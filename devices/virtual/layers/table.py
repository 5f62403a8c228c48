"""Every type of layer that is read, and which of them are free."""

from collections.abc import Mapping

from devices.virtual.layers import numbers, products, reshaping, windows
from devices.virtual.layers.words import Costing

#: Layers that only pass over their numbers.
_PASSING = (
    "Split", "Noop", "Dropout", "ReLU", "Clip", "ELU", "HardSwish", "HardSigmoid", "Sigmoid",
    "Swish", "Mish", "TanH", "GELU", "UnaryOp", "Eltwise", "Softmax", "LRN", "ShuffleChannel",
)  # fmt: skip
COSTS: Mapping[str, Costing] = {
    **dict.fromkeys(_PASSING, numbers.same),
    "Input": reshaping.input,
    "MemoryData": reshaping.constant,
    "Convolution": windows.convolution,
    "ConvolutionDepthWise": windows.convolution,
    "Pooling": windows.pooling,
    "Padding": windows.padding,
    "Interp": windows.interp,
    "InnerProduct": products.inner_product,
    "MatMul": products.matmul,
    "Gemm": products.gemm,
    "MultiHeadAttention": products.attention,
    "SDPA": products.scaled_attention,
    "PReLU": numbers.per_channel(0, 1),
    "BatchNorm": numbers.per_channel(0, 4),
    "Bias": numbers.per_channel(0, 1),
    "Scale": numbers.scale,
    "LayerNorm": numbers.norm(0, 2),
    "GroupNorm": numbers.norm(1, 3),
    "InstanceNorm": numbers.norm(0, 2),
    "BinaryOp": numbers.binary,
    "Reduction": numbers.reduction,
    "Reshape": reshaping.reshape,
    "Flatten": reshaping.flatten,
    "Permute": reshaping.permute,
    "Squeeze": reshaping.squeeze,
    "ExpandDims": reshaping.expand,
    "Concat": reshaping.concat,
    "Slice": reshaping.slice,
    "Crop": reshaping.crop,
}
#: They move no data and compute nothing.
FREE = frozenset(
    (
        "Input", "MemoryData", "Split", "Noop", "Dropout", "Reshape", "Flatten", "Squeeze",
        "ExpandDims",
    )
)  # fmt: skip
