"""The network that reference latencies are given for: ResNet50 at 224 × 224, in 32-bit floats."""

from devices.virtual.physics.cpu import FLOAT_BYTES, Layer, Work

_STAGES = ((3, 64, 56), (4, 128, 28), (6, 256, 14), (3, 512, 7))  # blocks, width, side


def _conv(inputs: int, outputs: int, kernel: int, side_in: int, side_out: int) -> Layer:
    weights = inputs * outputs * kernel * kernel
    pixels = side_out * side_out
    moved = weights + inputs * side_in * side_in + outputs * pixels
    kind = "pointwise" if kernel == 1 else "winograd" if side_in == side_out else "conv"
    return Layer(kind, weights * pixels, FLOAT_BYTES * moved, FLOAT_BYTES * weights)


def _block(inputs: int, width: int, side_in: int, side: int, *, projects: bool) -> list[Layer]:
    outputs = 4 * width
    layers = [
        _conv(inputs, width, 1, side_in, side_in),
        _conv(width, width, 3, side_in, side),
        _conv(width, outputs, 1, side, side),
        Layer("add", outputs * side * side, 12 * outputs * side * side),
        Layer("relu", outputs * side * side, 8 * outputs * side * side),
    ]
    return [*layers, _conv(inputs, outputs, 1, side_in, side)] if projects else layers


def _resnet50() -> Work:
    layers = [_conv(3, 64, 7, 224, 112), Layer("pool", 9 * 64 * 56 * 56, 4 * 64 * (112**2 + 56**2))]
    inputs, side_in = 64, 56
    for blocks, width, side in _STAGES:
        for number in range(blocks):
            layers += _block(inputs, width, side_in, side, projects=number == 0)
            inputs, side_in = 4 * width, side
    layers += [
        Layer("pool", 2048 * 49, 4 * 2048 * 50),
        Layer("fc", 2048 * 1000, 4 * 2048 * 1001, 4 * 2048 * 1000),
    ]
    return Work("resnet50", tuple(layers))


RESNET50 = _resnet50()
