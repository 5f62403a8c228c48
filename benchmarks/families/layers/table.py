"""Every layer type that is accepted, and the options that it may carry."""

from collections.abc import Mapping

from benchmarks.families.layer_rules import Rule, rule, up_to
from benchmarks.families.layers import numbers, products, reshaping, windows

#: 9 fuses an activation; -23310, array 10, has its numbers.
_CONVOLUTION = (0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19)

RULES: Mapping[str, Rule] = {
    "Input": rule(reshaping.picture, 0, 1, 2, 11, inputs=0),
    "MemoryData": rule(reshaping.constant, 0, 1, 2, 11, 21, inputs=0),
    "Split": rule(numbers.same, outputs=up_to(1)),
    "Noop": rule(numbers.same),
    # windows
    "Convolution": rule(windows.convolution, *_CONVOLUTION),
    "ConvolutionDepthWise": rule(windows.depthwise, *_CONVOLUTION, 7),
    "Pooling": rule(windows.pooling, *range(9), 11, 12, 13, 14, 15, 18),
    "Padding": rule(windows.padding, *range(9)),
    "Interp": rule(windows.interpolation, *range(7)),
    # products
    "InnerProduct": rule(products.inner_product, 0, 1, 2, 8, 9, 10),
    "MatMul": rule(products.matrix_product, 0, inputs=2),
    "Gemm": rule(products.general_product, *range(15), 18, 20, 21, 22, inputs=up_to(1, 3)),
    "MultiHeadAttention": rule(products.attention, *range(8), 18, inputs=up_to(1, 3)),
    "SDPA": rule(products.scaled_attention, 5, 6, 7, 18, inputs=3),
    # one number after the other
    "ReLU": rule(numbers.shaped(0), 0),
    "Clip": rule(numbers.shaped(0, 1), 0, 1),
    "ELU": rule(numbers.shaped(0), 0),
    "HardSwish": rule(numbers.shaped(0, 1), 0, 1),
    "HardSigmoid": rule(numbers.shaped(0, 1), 0, 1),
    "Sigmoid": rule(numbers.same),
    "Swish": rule(numbers.same),
    "Mish": rule(numbers.same),
    "TanH": rule(numbers.same),
    "Dropout": rule(numbers.shaped(0), 0),
    "GELU": rule(numbers.gelu, 0),
    "PReLU": rule(numbers.rectifier_per_channel, 0),
    "UnaryOp": rule(numbers.unary, 0),
    "BinaryOp": rule(numbers.binary, 0, 1, 2, inputs=up_to(1, 2)),
    "Eltwise": rule(numbers.eltwise, 0, 1, inputs=up_to(2)),
    "Softmax": rule(numbers.softmax, 0, 1),
    "BatchNorm": rule(numbers.batch_norm, 0, 1),
    "Scale": rule(numbers.scale, 0, 1, inputs=up_to(1, 2)),
    "Bias": rule(numbers.bias, 0),
    "LayerNorm": rule(numbers.layer_norm, 0, 1, 2),
    "GroupNorm": rule(numbers.group_norm, 0, 1, 2, 3),
    "InstanceNorm": rule(numbers.instance_norm, 0, 1, 2),
    "LRN": rule(numbers.local_response, *range(5)),
    "Reduction": rule(numbers.reduction, *range(6)),
    # the same numbers elsewhere
    "Reshape": rule(reshaping.reshape, 0, 1, 2, 11),
    "Flatten": rule(reshaping.flatten),
    "Permute": rule(reshaping.permute, 0),
    "Squeeze": rule(reshaping.squeeze, 0, 1, 2, 3, 11),
    "ExpandDims": rule(reshaping.expand, 3),
    "Concat": rule(reshaping.concatenate, 0, inputs=up_to(1)),
    "Slice": rule(reshaping.divide, 0, 1, 2, outputs=up_to(1)),
    "Crop": rule(reshaping.crop, *range(12), 13, 14, 15),
    "ShuffleChannel": rule(reshaping.shuffle, 0, 1),
}
#: They move no data and compute nothing: no operator of an inference, nothing to wait for.
FREE = frozenset(
    (
        "Input", "MemoryData", "Split", "Noop", "Dropout", "Reshape", "Flatten", "Squeeze",
        "ExpandDims",
    )
)  # fmt: skip
