"""One case per accepted layer type, and more where it has more than one way to work."""

from dataclasses import dataclass

from benchmarks.families.graph import MAGIC
from benchmarks.families.layer_rules import Shape

PIC, TOK, VEC = Shape(8, 6, 5), Shape(7, 12), Shape(10)


@dataclass(frozen=True)
class Case:
    """A layer behind an input: `in` and `out` are its blobs unless the lines name others."""

    lines: str
    source: Shape
    shape: tuple[int, ...]
    macs: int = 0

    @property
    def kind(self) -> str:
        """The type that is looked at."""
        return self.lines.split()[0]

    @property
    def param(self) -> bytes:
        """The whole file."""
        sizes = zip((0, 1, 2), reversed(self.source), strict=False)
        first = "Input in 0 1 in " + " ".join(f"{key}={size}" for key, size in sizes)
        body = [first, *(line.strip() for line in self.lines.split("\n"))]
        blobs = sum(int(line.split()[3]) for line in body)
        return "\n".join([str(MAGIC), f"{len(body)} {blobs}", *body, ""]).encode()


def one(kind: str, options: str, source: Shape, shape: tuple[int, ...], macs: int = 0) -> Case:
    """A layer with one input and one output."""
    return Case(f"{kind} layer 1 1 in out {options}", source, shape, macs)


def same(kind: str, options: str = "", source: Shape = PIC) -> Case:
    """A layer that keeps the shape."""
    return one(kind, options, source, source)


def two(lines: str, source: Shape, shape: tuple[int, ...], macs: int = 0) -> Case:
    """A layer that takes two copies of the input."""
    return Case(f"Split split 1 2 in a b\n{lines}", source, shape, macs)


def stored(lines: str, memory: str, source: Shape, shape: tuple[int, ...], macs: int = 0) -> Case:
    return Case(f"MemoryData memory 0 1 m {memory}\n{lines}", source, shape, macs)


CASES = (
    # windows
    one("Convolution", "0=4 1=3 5=1 6=288 9=1", PIC, (4, 4, 3), 288 * 12),
    one("Convolution", "0=4 1=3 11=1 3=2 13=1 4=1 14=0 5=1 6=96", PIC, (4, 6, 3), 96 * 18),
    one("Convolution", "0=4 1=3 2=2 4=-233 5=0 6=288", PIC, (4, 6, 5), 288 * 30),
    one("Convolution", "0=4 1=3 3=2 4=-234 6=288 9=6 -23310=2,0.2,0.5", PIC, (4, 3, 3), 288 * 9),
    one("Convolution", "0=4 1=3 4=1 15=2 16=0 6=288 9=2 -23310=1,0.1", PIC, (4, 5, 6), 288 * 30),
    one("Convolution", "0=4 1=1 6=32 9=4", PIC, (4, 6, 5), 32 * 30),
    one("Convolution", "0=4 1=1 6=32 9=5 5=1", PIC, (4, 6, 5), 32 * 30),
    one("ConvolutionDepthWise", "0=8 1=3 4=1 5=1 6=72 7=8 9=3 -23310=2,0.0,6.0", PIC, PIC,
        72 * 30),
    one("ConvolutionDepthWise", "0=16 1=3 3=2 4=1 5=1 6=576 7=2", PIC, (16, 3, 3), 576 * 9),
    one("Pooling", "0=0 1=2 2=2 5=1", PIC, (8, 3, 2)),
    one("Pooling", "0=0 1=2 2=2", PIC, (8, 3, 3)),
    one("Pooling", "0=1 1=3 2=2 3=1", PIC, (8, 4, 3)),
    one("Pooling", "0=1 1=3 2=1 3=1 5=1 6=1", PIC, (8, 6, 5)),
    one("Pooling", "0=0 1=3 11=2 2=2 12=1 5=2", PIC, (8, 6, 3)),
    one("Pooling", "0=1 1=3 2=2 5=3", PIC, (8, 3, 3)),
    one("Pooling", "0=1 4=1", PIC, (8,)),
    one("Pooling", "0=0 4=1", PIC, (8,)),
    one("Pooling", "0=1 7=1 8=3 18=2", PIC, (8, 2, 3)),
    one("Pooling", "0=0 7=1 8=-233 18=4", PIC, (8, 4, 5)),
    one("Padding", "0=1 1=2 2=3 3=0 5=0.5", PIC, (8, 9, 8)),
    one("Padding", "0=1 1=2 2=3 3=0 4=1", PIC, (8, 9, 8)),
    one("Padding", "0=1 1=2 2=3 3=0 4=2", PIC, (8, 9, 8)),
    one("Padding", "7=1 8=2", PIC, (11, 6, 5)),
    one("Padding", "0=1 2=2", TOK, (8, 14)),
    one("Interp", "0=1 1=2.0 2=2.0", PIC, (8, 12, 10)),
    one("Interp", "0=1 3=3 4=7", PIC, (8, 3, 7)),
    one("Interp", "0=2 1=2.0 2=2.0", PIC, (8, 12, 10)),
    one("Interp", "0=2 3=11 4=3 6=1", PIC, (8, 11, 3)),
    # products
    one("InnerProduct", "0=4 1=1 2=40 9=1", VEC, (4,), 40),
    one("InnerProduct", "0=4 2=960", PIC, (4,), 960),
    one("InnerProduct", "0=5 1=1 2=60", TOK, (7, 5), 60 * 7),
    two("MatMul m 2 1 a b out 0=1", TOK, (7, 7), 7 * 7 * 12),
    two("Permute p 1 1 b bt 0=1\nMatMul m 2 1 a bt out", TOK, (7, 7), 7 * 7 * 12),
    two("MatMul m 2 1 a b out 0=1", PIC, (8, 6, 6), 8 * 6 * 6 * 5),
    stored("MatMul m 2 1 in m out", "0=3 1=5", PIC, (8, 6, 3), 8 * 6 * 5 * 3),
    stored("MatMul m 2 1 in m out", "0=12", TOK, (7,), 7 * 12),
    stored("MatMul m 2 1 in m out 0=1", "0=10 1=3", VEC, (3,), 30),
    two("MatMul m 2 1 a b out", VEC, (1,), 10),
    one("Gemm", "3=1 5=1 6=1 8=5 9=12 10=4", TOK, (7, 5), 7 * 12 * 5),
    one("Gemm", "0=0.5 1=2.0 5=1 6=1 7=7 8=5 9=12 10=1", TOK, (7, 5), 7 * 12 * 5),
    one("Gemm", "2=1 5=1 6=1 8=5 9=7 10=-1", TOK, (12, 5), 7 * 12 * 5),
    one("Gemm", "4=1 7=3 9=7 6=1 10=3 8=12", TOK, (3, 12), 7 * 12 * 3),
    one("Gemm", "5=1 6=1 7=7 8=5 9=12 10=2 14=1", TOK, (5, 7), 7 * 12 * 5),
    one("Gemm", "5=1 6=1 8=5 9=12 10=0 11=1", TOK, (7, 1, 5), 7 * 12 * 5),
    one("Gemm", "3=1 5=1 6=1 8=5 9=10 10=4", VEC, (1, 5), 50),
    two("Gemm g 2 1 a b out 3=1", TOK, (7, 7), 7 * 7 * 12),
    stored("Gemm g 2 1 in m out 5=1 8=5 9=12", "0=5", TOK, (7, 5), 7 * 12 * 5),
    one("MultiHeadAttention", "0=12 1=3 2=144", TOK, TOK, 4 * 7 * 144 + 2 * 49 * 12),
    one("MultiHeadAttention", "0=6 1=2 2=72 3=12 4=12 6=0.25", TOK, TOK, 4 * 7 * 72 + 2 * 49 * 6),
    stored("MultiHeadAttention a 2 1 in m out 0=12 1=2 2=144 3=4 4=4", "0=4 1=3", TOK, TOK,
                2 * 7 * 144 + 2 * 3 * 48 + 2 * 7 * 3 * 12),
    Case("Split s 1 3 in a b c\nSDPA x 3 1 a b c out", PIC, PIC, 8 * 6 * 6 * 10),
    Case("Split s 1 3 in a b c\nSDPA x 3 1 a b c out 6=0.7", PIC, PIC, 8 * 6 * 6 * 10),
    # one number after the other
    same("ReLU"), same("ReLU", "0=0.1"), same("Clip", "0=-0.2 1=0.3"), same("Clip", "1=0.3"),
    same("ELU", "0=1.0"), same("HardSwish", "0=1.6666667e-01 1=0.5"), same("HardSwish"),
    same("HardSigmoid", "0=1.6666667e-01 1=0.5"), same("HardSigmoid"),
    same("Sigmoid"), same("Swish"), same("Mish"), same("TanH"),
    same("Dropout"), same("Dropout", "0=0.5"),
    same("GELU"), same("GELU", "0=1"), same("GELU", source=TOK), same("Noop"),
    same("PReLU", "0=1"), same("PReLU", "0=8"), same("PReLU", "0=7", TOK),
    same("PReLU", "0=10", VEC),
    *(same("UnaryOp", f"0={kind}")
      for kind in (0, 1, 2, 3, 4, 7, *range(9, 17), *range(18, 25), 26)),
    *(Case(f"UnaryOp e 1 1 in x 0=7\nUnaryOp u 1 1 x out 0={kind}", PIC, PIC)
      for kind in (5, 6, 8, 17, 27)),
    Case("BinaryOp b 1 1 in x 0=0 1=1 2=3.0\nUnaryOp u 1 1 x out 0=25", PIC, PIC),
    *(Case(f"Split s 1 2 in a b\nReLU r 1 1 b c 0=-0.5\nUnaryOp e 1 1 c d 0=7\n"
           f"BinaryOp x 2 1 a d out 0={kind}", PIC, PIC)
      for kind in (0, 1, 2, 3, 4, 5, 7, 8, 10, 11)),
    *(Case(f"Split s 1 2 in a b\nUnaryOp e 1 1 b d 0=7\nUnaryOp f 1 1 a c 0=7\n"
           f"BinaryOp x 2 1 c d out 0={kind}", PIC, PIC) for kind in (6, 9)),
    same("BinaryOp", "0=2 1=1 2=3.0"), same("BinaryOp", "0=7 1=1 2=3.0"),
    stored("BinaryOp b 2 1 in m out 0=2", "0=8", PIC, PIC),
    stored("BinaryOp b 2 1 in m out 0=2", "0=5", PIC, PIC),
    stored("BinaryOp b 2 1 m in out 0=1", "0=1", PIC, PIC),
    stored("BinaryOp b 2 1 in m out 0=1", "0=6 1=8", PIC, PIC),
    stored("BinaryOp b 2 1 in m out 0=0", "0=1 1=1 2=8", PIC, PIC),
    stored("BinaryOp b 2 1 in m out 0=0", "0=12", TOK, TOK),
    stored("BinaryOp b 2 1 in m out 0=0", "0=7", TOK, TOK),
    stored("BinaryOp b 2 1 in m out 0=0", "0=12 1=7", Shape(1, 12), TOK),
    two("Eltwise e 2 1 a b out 0=0", PIC, PIC),
    two("Eltwise e 2 1 a b out 0=1", PIC, PIC),
    two("Eltwise e 2 1 a b out 0=1 -23301=2,0.5,-2.0", PIC, PIC),
    two("Eltwise e 2 1 a b out 0=2", PIC, PIC),
    same("Softmax", "0=0"), same("Softmax", "0=1 1=1"), same("Softmax", "0=-1 1=1"),
    same("Softmax", "0=2 1=1"),
    same("Softmax", "0=1 1=1", TOK), same("Softmax", "0=0", VEC),
    same("BatchNorm", "0=8 1=1.0e-05"), same("BatchNorm", "0=7", TOK),
    same("BatchNorm", "0=10", VEC),
    same("Scale", "0=8 1=1"), same("Scale", "0=7", TOK), same("Bias", "0=8"),
    stored("Scale s 2 1 in m out 0=-233", "0=8", PIC, PIC),
    same("LayerNorm", "0=12 1=1.0e-06", TOK), same("LayerNorm", "0=12 2=0", TOK),
    same("LayerNorm", "0=5 1=1.0e-06"), same("LayerNorm", "0=30"),
    same("GroupNorm", "0=4 1=8 2=1.0e-05"), same("GroupNorm", "0=2 1=8 3=0"),
    same("InstanceNorm", "0=8 1=1.0e-05"), same("InstanceNorm", "0=0 1=1.0e-05 2=0"),
    same("LRN", "0=0 1=5 2=0.01 3=0.75 4=2.0"),
    one("Reduction", "0=3 1=0 -23303=2,1,2 4=0 5=1", PIC, (8,)),
    one("Reduction", "0=3 1=0 -23303=1,-1 4=1 5=1", PIC, (8, 6, 1)),
    one("Reduction", "0=0 1=0 -23303=1,0 4=0 5=1", PIC, (6, 5)),
    one("Reduction", "0=4 1=0 -23303=1,0 4=0 5=1", TOK, (12,)),
    one("Reduction", "0=3", PIC, (1,)),
    *(one("Reduction", f"0={kind} 1=0 2=0.5 -23303=1,1 5=1", TOK, (7,))
      for kind in (1, 2, 5, 6, 7, 8, 10)),
    # the same numbers elsewhere
    one("Reshape", "0=30 1=8", PIC, (8, 30)),
    one("Reshape", "0=-1 1=8", PIC, (8, 30)),
    one("Reshape", "0=-1", PIC, (240,)),
    one("Reshape", "0=0 1=-1 2=4", PIC, (4, 12, 5)),
    one("Reshape", "0=4 1=3 2=7", TOK, (7, 3, 4)),
    one("Reshape", "0=1 1=1 2=-1", VEC, (10, 1, 1)),
    one("Flatten", "", PIC, (240,)),
    *(one("Permute", f"0={order}", PIC, shape) for order, shape in enumerate(
        [(8, 6, 5), (8, 5, 6), (6, 8, 5), (6, 5, 8), (5, 8, 6), (5, 6, 8)])),
    one("Permute", "0=1", TOK, (12, 7)),
    *(Case(f"Reshape r 1 1 in x 0=5 1=6 11=2 2=4\nPermute p 1 1 x y 0={order}\nFlatten f 1 1 y out",
           PIC, (240,)) for order in (0, 3, 6, 9, 14, 17, 21, 23)),
    one("Squeeze", "0=1 1=1", Shape(8, 1, 1), (8,)),
    one("Squeeze", "-23303=1,-1", Shape(8, 6, 1), (8, 6)),
    one("Squeeze", "-23303=1,0", Shape(8, 6, 1), (8, 6, 1)),
    one("ExpandDims", "-23303=1,0", TOK, (1, 7, 12)),
    one("ExpandDims", "-23303=2,-1,-2", VEC, (10, 1, 1)),
    two("Concat c 2 1 a b out 0=0", PIC, (16, 6, 5)),
    two("Concat c 2 1 a b out 0=-1", PIC, (8, 6, 10)),
    stored("Concat c 2 1 m in out 0=0", "0=12 1=1", TOK, (8, 12)),
    stored("Concat c 2 1 m in out 0=0", "0=12 1=1 21=0", TOK, (8, 12)),
    Case("Slice s 1 2 in a b -23300=2,-233,-233\nConcat c 2 1 b a out", PIC, (8, 6, 5)),
    Case("Slice s 1 3 in a b c -23300=3,2,-233,-233 1=1\nConcat c 3 1 c a b out 0=1", PIC,
         (8, 6, 5)),
    Case("Slice s 1 2 in a b -23302=1,-4 1=-1\nConcat c 2 1 b a out 0=1", TOK, TOK),
    one("Crop", "-23309=1,0 -23310=1,1 -23311=1,0", TOK, (1, 12)),
    one("Crop", "-23309=2,1,-3 -23310=2,2147483647,-1 -23311=2,0,2", PIC, (7, 6, 2)),
    one("Crop", "-23309=1,-233 -23310=1,-233 -23311=1,1", PIC, PIC),
    one("Crop", "0=1 1=2 3=3 4=-233 5=8", PIC, (8, 4, 3)),
    one("Crop", "2=3 3=-233 4=-233 5=-233 6=1", PIC, (5, 6, 4)),
    one("ShuffleChannel", "0=2", PIC, PIC),
    one("ShuffleChannel", "0=2 1=1", PIC, PIC),
)  # fmt: skip
