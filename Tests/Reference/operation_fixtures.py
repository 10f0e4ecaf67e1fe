"""Makes Tests/Fixtures/operations: values and gradients of the differentiable operations, computed by torch.

For each case `<op>.<variant>` operations.safetensors holds the inputs `<case>/in0`, `<case>/in1` … (float64;
int32 for indices, bool for masks), `<case>/out`, a random cotangent `<case>/seed` of out's shape, and
`<case>/grad0` …, the gradients of sum(out * seed) with respect to the floating-point inputs of the same numbers.
topK and sort have `<case>/indices` besides. operations.json names each case's operation and options.
"""

import math

import torch
import torch.nn.functional as F

from common import Draws, folder, gradients, save_json, save_tensors

draws = Draws(seed=11)
tensors: dict[str, torch.Tensor] = {}
listing: dict[str, dict] = {}


def case(name: str, function, *inputs: torch.Tensor, **options) -> None:
    """Records `function(*inputs)` and its gradients; `options` says how the operation has to be called."""
    if name in listing:
        raise ValueError(f"two cases are called {name}")
    inputs = [x.detach().clone().requires_grad_(x.is_floating_point()) for x in inputs]
    out = function(*inputs)
    seed = draws.normal(*out.shape)
    numbers = [index for index, x in enumerate(inputs) if x.requires_grad]
    found = gradients((out * seed).sum(), [inputs[index] for index in numbers])
    if name != "softmax.large" and not all(gradient.any() for gradient in found):
        raise ValueError(f"{name}: a gradient of zeros would prove nothing")
    tensors.update({f"{name}/in{index}": x for index, x in enumerate(inputs)})
    tensors.update({f"{name}/out": out, f"{name}/seed": seed})
    tensors.update({f"{name}/grad{index}": gradient for index, gradient in zip(numbers, found)})
    listing[name] = {"op": name.split(".")[0], "inputs": len(inputs), "options": options}


def indices(*values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.int32)


def pieces(x: torch.Tensor, offsets: list[int]) -> list[torch.Tensor]:
    """The rows of x between one offset and the next."""
    return [x[start:end] for start, end in zip(offsets, offsets[1:])]


def elementwise() -> None:
    binary = {
        "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div, "pow": torch.pow,
        "maximum": torch.maximum, "minimum": torch.minimum,
    }
    shapes = {
        "same": ([2, 3], [2, 3]), "row": ([2, 3], [1, 3]), "column": ([2, 3], [2, 1]), "scalar": ([2, 3], []),
        "scalarLeft": ([], [2, 3]), "outer": ([2, 1], [1, 3]),
    }
    for op, function in binary.items():
        for variant, (left, right) in shapes.items():
            if variant in ["scalarLeft", "outer"] and op not in ["subtract", "divide", "maximum"]:
                continue                                  # stretching the left side is the same code for all
            positive = op == "pow"                        # a power's base must be positive to have a gradient
            x = draws.uniform(0.5, 2, *left) if positive else draws.normal(*left)
            y = draws.normal(*right) if op != "divide" else draws.uniform(0.5, 2, *right)
            if op in ["maximum", "minimum"]:              # stretched numbers near 0 win some and lose some
                x, y = (z if z.numel() == 6 else 0.1 * z for z in (x, y))
            case(f"{op}.{variant}", function, x, y)

    unary = {
        "negate": torch.neg, "abs": torch.abs, "exp": torch.exp, "square": torch.square, "tanh": torch.tanh,
        "sigmoid": torch.sigmoid, "erf": torch.erf, "relu": torch.relu, "sin": torch.sin,
        "cos": torch.cos, "softplus": F.softplus, "silu": F.silu, "gelu": F.gelu,
        "geluTanh": lambda x: F.gelu(x, approximate="tanh"),
    }
    for op, function in unary.items():
        case(f"{op}.normal", function, 2 * draws.normal(2, 4))
    for op, function in {"log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt}.items():
        case(f"{op}.positive", function, draws.uniform(0.1, 3, 2, 4))
    case("log1p.negative", torch.log1p, draws.uniform(-0.9, 0, 2, 4))
    case("reciprocal.positive", torch.reciprocal, draws.uniform(0.3, 3, 2, 4))
    case("reciprocal.negative", torch.reciprocal, draws.uniform(-3, -0.3, 2, 4))
    tails = torch.tensor([-40.0, -9.0, -1e-5, 1e-5, 9.0, 25.0], dtype=torch.float64)
    for op in ["tanh", "sigmoid", "erf", "softplus", "gelu", "geluTanh"]:
        case(f"{op}.tails", unary[op], tails)
    kinks = torch.tensor([-1.0, 0.0, 2.0], dtype=torch.float64)
    case("abs.kink", torch.abs, kinks)
    case("relu.kink", torch.relu, kinks)

    x = torch.tensor([[-2.0, -0.4, 0.1], [0.6, 0.9, 3.0]], dtype=torch.float64)
    case("clamp.both", lambda x: x.clamp(-0.5, 0.75), x, min=-0.5, max=0.75)
    case("clamp.lower", lambda x: x.clamp(min=0.25), x, min=0.25)
    case("clamp.upper", lambda x: x.clamp(max=0.25), x, max=0.25)
    case("powScalar.fraction", lambda x: x.pow(2.5), draws.uniform(0.3, 2, 2, 3), exponent=2.5)
    case("powScalar.inverse", lambda x: x.pow(-1), draws.uniform(0.3, 2, 2, 3), exponent=-1)
    case("powScalar.cube", lambda x: x.pow(3), draws.normal(2, 3), exponent=3)
    mask = torch.tensor([[True, False, True], [False, False, True]])
    case("select.same", torch.where, mask, draws.normal(2, 3), draws.normal(2, 3))


def products() -> None:
    def product(left: bool, right: bool):
        return lambda a, b: torch.matmul(a.mT if left else a, b.mT if right else b)

    def case_shape(shape: list[int], flipped: bool) -> list[int]:
        return shape[:-2] + shape[:-3:-1] if flipped else shape

    kinds = {"matrix": ([2, 3], [3, 4]), "batched": ([2, 3, 4], [2, 4, 5]), "sharedRight": ([2, 3, 4], [4, 5])}
    for kind, (a, b) in kinds.items():
        for left in [False, True]:
            for right in [False, True]:
                if kind == "sharedRight" and left:
                    continue
                flags = {"transposeLeft": left, "transposeRight": right}
                name = f"matmul.{kind}" + ("TL" if left else "") + ("TR" if right else "")
                x, y = draws.normal(*case_shape(a, left)), draws.normal(*case_shape(b, right))
                case(name, product(left, right), x, y, **flags)
    case("linear.bias", F.linear, draws.normal(3, 4), draws.normal(2, 4), draws.normal(2))
    case("linear.plain", F.linear, draws.normal(3, 4), draws.normal(2, 4))


def reductions() -> None:
    functions = {
        "sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin, "logSumExp": torch.logsumexp,
    }
    axes = {"first": [0], "last": [-1], "two": [0, 2], "all": [0, 1, 2]}
    for op, function in functions.items():
        for variant, chosen in axes.items():
            for keeping in [False, True] if variant in ["last", "two"] else [False]:
                name = f"{op}.{variant}" + ("Kept" if keeping else "")
                options = {"axes": chosen, "keepingAxes": keeping}
                reduce = lambda x: function(x, dim=chosen, keepdim=keeping)
                case(name, reduce, draws.normal(2, 3, 4) if variant != "first" else draws.normal(2, 3), **options)
    case("logSumExp.large", lambda x: x.logsumexp(-1), 1e4 * draws.normal(2, 3), axes=[-1], keepingAxes=False)
    for order in [1, 2]:
        for keeping in [False, True]:
            name = f"norm.l{order}" + ("Kept" if keeping else "")
            norm = lambda x: torch.linalg.vector_norm(x, ord=order, dim=-1, keepdim=keeping)
            case(name, norm, draws.normal(3, 4), order=order, axis=-1, keepingAxis=keeping)
    zero_row = draws.normal(3, 4)
    zero_row[1] = 0
    norm = lambda x: torch.linalg.vector_norm(x, dim=-1)
    case("norm.l2ZeroRow", norm, zero_row, order=2, axis=-1, keepingAxis=False)
    case("softmax.matrix", lambda x: x.softmax(-1), draws.normal(3, 4))
    case("softmax.large", lambda x: x.softmax(-1), 1e4 * draws.normal(2, 3))
    case("softmax.threeAxes", lambda x: x.softmax(-1), draws.normal(2, 2, 3))
    case("logSoftmax.matrix", lambda x: x.log_softmax(-1), draws.normal(3, 4))
    case("logSoftmax.large", lambda x: x.log_softmax(-1), 1e4 * draws.normal(2, 3))
    cross_entropy = lambda z, t: F.cross_entropy(z, t.long())
    case("crossEntropy.mean", cross_entropy, draws.normal(5, 4), indices(3, 0, 1, 1, 2))
    case("crossEntropy.large", cross_entropy, 1e3 * draws.normal(2, 4), indices(3, 0))
    case("cumulativeSum.last", lambda x: x.cumsum(-1), draws.normal(2, 4), axis=-1)


def rearrangements() -> None:
    rows = indices(4, 0, 4, 2, 4)
    case("gatherRows.repeats", lambda x, i: F.embedding(i.long(), x), draws.normal(6, 3), rows)

    def scatter(x, i):
        return torch.zeros(6, 3, dtype=x.dtype).index_add(0, i.long(), x)

    case("scatterAddRows.repeats", scatter, draws.normal(5, 3), rows, rows=6)
    along = lambda x, i: x.gather(-1, i.long())
    columns = indices([3, 0, 3], [1, 1, 1], [0, 2, 3])
    case("takeAlongAxis.last", along, draws.normal(3, 4), columns, axis=-1)
    scatter_along = lambda x, i: torch.zeros(3, 4, dtype=x.dtype).scatter_add(-1, i.long(), x)
    case("scatterAddAlongAxis.last", scatter_along, draws.normal(3, 3), columns, axis=-1, length=4)
    join = lambda axis: lambda *parts: torch.cat(parts, dim=axis)
    case("concatenate.rows", join(0), draws.normal(2, 3), draws.normal(1, 3), draws.normal(3, 3), axis=0)
    case("concatenate.columns", join(1), draws.normal(2, 3), draws.normal(2, 1), draws.normal(2, 2), axis=1)
    case("concatenate.middle", join(1), draws.normal(2, 1, 3), draws.normal(2, 2, 3), axis=1)
    for axis, sizes in [(0, [1, 3]), (1, [2, 1, 2])]:
        for piece in range(len(sizes)):
            split = lambda x: x.split(sizes, dim=axis)[piece]
            case(f"split.axis{axis}Piece{piece}", split, draws.normal(4, 5), sizes=sizes, axis=axis, piece=piece)
    case("slice.rows", lambda x: x[1:3], draws.normal(4, 3), axis=0, start=1, end=3)
    case("slice.columns", lambda x: x[:, 1:4], draws.normal(3, 5), axis=1, start=1, end=4)
    case("slice.middle", lambda x: x[:, 1:2], draws.normal(2, 3, 2), axis=1, start=1, end=2)
    case("stack.first", lambda *parts: torch.stack(parts), *[draws.normal(2, 3) for _ in range(3)], axis=0)
    case("transpose.matrix", lambda x: x.T, draws.normal(2, 3))
    for order in [[0, 2, 1], [1, 0, 2], [2, 0, 1], [2, 1, 0]]:
        name = "permute." + "".join(str(axis) for axis in order)
        case(name, lambda x: x.permute(order), draws.normal(2, 3, 4), order=order)
    case("reshape.matrix", lambda x: x.reshape(4, 3), draws.normal(2, 3, 2), shape=[4, 3])
    case("broadcast.rows", lambda x: x.expand(3, 4), draws.normal(1, 4), shape=[3, 4])
    case("diagonal.square", lambda x: x.diagonal(), draws.normal(4, 4))
    for variant, largest in [("largest", True), ("smallest", False)]:
        x = draws.normal(3, 7)
        case(f"topK.{variant}", lambda x: x.topk(3, dim=-1, largest=largest).values, x, count=3, largest=largest)
        tensors[f"topK.{variant}/indices"] = x.topk(3, dim=-1, largest=largest).indices.int()
    for variant, descending in [("ascending", False), ("descending", True)]:
        x = draws.normal(3, 5)
        case(f"sort.{variant}", lambda x: x.sort(-1, descending=descending).values, x, descending=descending)
        tensors[f"sort.{variant}/indices"] = x.sort(-1, descending=descending).indices.int()


def encoder_parts() -> None:
    layer_norm = lambda x, gamma, beta: F.layer_norm(x, [4], gamma, beta, eps=1e-12)
    case("layerNorm.rows", layer_norm, draws.normal(5, 4), draws.normal(4), draws.normal(4), epsilon=1e-12)
    wide = lambda x, gamma, beta: F.layer_norm(x, [4], gamma, beta, eps=1e-5)
    case("layerNorm.flatRow", wide, torch.tensor([[2.0] * 4, [1.0, 2, 3, 5]]).double(), draws.normal(4),
         draws.normal(4), epsilon=1e-5)

    def attention(offsets: list[int], heads: int):
        def attend(*inputs):
            outputs = []
            for q, k, v in zip(*(pieces(x, offsets) for x in inputs)):
                q, k, v = (x.unflatten(-1, (heads, -1)).transpose(0, 1) for x in (q, k, v))
                weights = (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-1)
                outputs.append((weights @ v).transpose(0, 1).flatten(1))
            return torch.cat(outputs)
        return attend

    for variant, offsets, heads in [("ragged", [0, 3, 4, 9], 2), ("oneHead", [0, 2, 5], 1),
                                    ("emptySequence", [0, 2, 2, 5], 2)]:
        inputs = [draws.normal(offsets[-1], 6) for _ in range(3)]
        case(f"attention.{variant}", attention(offsets, heads), *inputs, offsets=offsets, heads=heads)

    reductions = {
        "segmentSum": lambda x: x.sum(0), "segmentMean": lambda x: x.sum(0) / max(len(x), 1e-9),
        "segmentMax": lambda x: x.amax(0), "segmentFirst": lambda x: x[0], "segmentLast": lambda x: x[-1],
    }
    for op, reduction in reductions.items():
        summed = op in ["segmentSum", "segmentMean"]      # the others have no value for an empty segment
        offsets = [0, 2, 2, 5, 6] if summed else [0, 2, 5, 6]
        over_segments = lambda x: torch.stack([reduction(piece) for piece in pieces(x, offsets)])
        variant = "emptySegment" if summed else "ragged"
        case(f"{op}.{variant}", over_segments, draws.normal(6, 3), offsets=offsets)
    offsets = [0, 2, 5, 6]
    softmax = lambda x: torch.cat([piece.softmax(0) for piece in pieces(x, offsets)])
    case("segmentSoftmax.ragged", softmax, draws.normal(6, 2), offsets=offsets)
    repeat = lambda x: x.repeat_interleave(torch.tensor([2, 0, 3, 1]), 0)
    case("repeatRows.emptySegment", repeat, draws.normal(4, 2), offsets=[0, 2, 2, 5, 6])


def similarities() -> None:
    matrix = {
        "cosineSimilarity": lambda a, b: F.normalize(a, eps=1e-12) @ F.normalize(b, eps=1e-12).T,
        "dotProduct": lambda a, b: a @ b.T,
        "euclideanDistance": lambda a, b: torch.cdist(a, b, p=2, compute_mode="donot_use_mm_for_euclid_dist"),
        "manhattanDistance": lambda a, b: torch.cdist(a, b, p=1),
    }
    pairwise = {
        "pairwiseCosineSimilarity": lambda a, b: (F.normalize(a, eps=1e-12) * F.normalize(b, eps=1e-12)).sum(-1),
        "pairwiseClampedCosine": lambda a, b: F.cosine_similarity(a, b, eps=1e-8),
        "pairwiseDotProduct": lambda a, b: (a * b).sum(-1),
        "pairwiseEuclideanDistance": lambda a, b: torch.linalg.vector_norm(a - b, dim=-1),
        "pairwiseManhattanDistance": lambda a, b: (a - b).abs().sum(-1),
    }
    for op, function in matrix.items():
        case(f"{op}.matrix", function, draws.normal(4, 5), draws.normal(3, 5))
        x = draws.normal(3, 4)
        case(f"{op}.equalRow", function, x, torch.stack([x[0], draws.normal(4)]))
    for op, function in pairwise.items():
        case(f"{op}.rows", function, draws.normal(4, 5), draws.normal(4, 5))
        x = draws.normal(3, 4)
        case(f"{op}.equalRow", function, x, torch.stack([x[0], 2 * x[1], draws.normal(4)]))
    x = draws.normal(3, 4)
    x[1] = 0
    for op, function in [("cosineSimilarity", matrix["cosineSimilarity"]),
                         ("pairwiseCosineSimilarity", pairwise["pairwiseCosineSimilarity"]),
                         ("pairwiseClampedCosine", pairwise["pairwiseClampedCosine"])]:
        case(f"{op}.zeroRow", function, x, draws.normal(3, 4))
    case("normalize.rows", lambda x: F.normalize(x, eps=1e-12), draws.normal(3, 4))
    case("normalize.zeroRow", lambda x: F.normalize(x, eps=1e-12), x)


if __name__ == "__main__":
    for part in [elementwise, products, reductions, rearrangements, encoder_parts, similarities]:
        part()
    output = folder("operations")
    save_tensors(output / "operations.safetensors", tensors)
    save_json(output / "operations.json", listing)
    print(f"{len(listing)} cases of {len({entry['op'] for entry in listing.values()})} operations")
