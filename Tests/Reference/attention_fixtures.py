"""Makes Tests/Fixtures/attention: attention layers inside models of the Transformers library, in float64.

For each case attention.safetensors holds `<case>/x` [T, W], the layer's input of all sequences end to end, its projections
`<case>/{q,k,v,o}` (with `.bias` where there are biases), `<case>/out` [T, W], a random cotangent `<case>/seed`, and
`<case>/grad`, the gradient of sum(out * seed) by x. Where the layer attends to something else than x there are
`<case>/memory` and `<case>/memoryGrad`, where it has biases by distance `<case>/table` [H, buckets] and `<case>/tableGrad`.
`buckets.<rule>` are the buckets of the relative positions -200 ... 200, `slopes.<H>` the slopes of linear biases.
attention.json holds the options of each case. Rotations are float32 in the library: so exact are those cases.
"""

import torch
from transformers import (
    MistralConfig, MistralModel, ModernBertConfig, ModernBertModel, MPNetConfig, MPNetModel, T5Config, T5Model,
)
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.t5.modeling_t5 import T5Attention

from common import Draws, folder, gradients, save_json, save_tensors

LENGTHS, MEMORY_LENGTHS = [7, 1, 12], [3, 9, 5]
draws = Draws(seed=29)
tensors: dict[str, torch.Tensor] = {}
listing: dict[str, dict] = {}


def prepare(model: torch.nn.Module) -> torch.nn.Module:
    """In float64, without dropout, and with weights that make attention uneven."""
    model = model.double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.copy_(0.4 * draws.normal(*parameter.shape))
            elif parameter.dim() == 1 and parameter.abs().max() == 0:
                parameter.copy_(0.1 * draws.normal(*parameter.shape))
    return model


def record(name: str, run, module: torch.nn.Module, projections: dict[str, torch.Tensor], table=None, memory=False, **options) -> None:
    """One case of what `module` does while `run(ids, memory ids)` runs the model around it, sequence by sequence."""
    inputs, outputs, memories = [], [], []

    def hook(_, args, kwargs, result):
        inputs.append(args[0] if args else kwargs["hidden_states"])
        outputs.append(result[0] if isinstance(result, tuple) else result)
        if memory:
            memories.append(kwargs["key_value_states"])

    handle = module.register_forward_hook(hook, with_kwargs=True)
    for length, other in zip(LENGTHS, MEMORY_LENGTHS):
        ids = torch.tensor([[3 + (5 * i + length) % 20 for i in range(length)]])
        run(ids, torch.tensor([[3 + (7 * i + other) % 20 for i in range(other)]]))
    handle.remove()
    out = torch.cat([y[0] for y in outputs])
    seed = draws.normal(*out.shape)
    wanted = inputs + memories + ([table] if table is not None else [])
    found = gradients((out * seed).sum(), wanted)
    count = len(inputs)
    case = {"x": torch.cat([x[0] for x in inputs]), "out": out, "seed": seed,
            "grad": torch.cat([g[0] for g in found[:count]])}
    if memory:
        case |= {"memory": torch.cat([x[0] for x in memories]), "memoryGrad": torch.cat([g[0] for g in found[count:2 * count]])}
    if table is not None:
        case |= {"table": table.T, "tableGrad": found[-1].T}
    tensors.update({f"{name}/{part}": tensor for part, tensor in (case | projections).items()})
    listing[name] = {"lengths": LENGTHS} | ({"memoryLengths": MEMORY_LENGTHS} if memory else {}) | options


def named(q: torch.nn.Linear, k: torch.nn.Linear, v: torch.nn.Linear, o: torch.nn.Linear) -> dict[str, torch.Tensor]:
    layers = {"q": q, "k": k, "v": v, "o": o}
    weights = {name: layer.weight for name, layer in layers.items()}
    return weights | {f"{name}.bias": layer.bias for name, layer in layers.items() if layer.bias is not None}


def t5() -> None:
    model = prepare(T5Model(T5Config(
        vocab_size=32, d_model=10, d_kv=4, d_ff=12, num_layers=1, num_decoder_layers=1, num_heads=2,
        relative_attention_num_buckets=8, relative_attention_max_distance=10, attn_implementation="sdpa")))

    def run(ids, other):
        model(input_ids=other, decoder_input_ids=ids, use_cache=False)

    def case(name, module, memory=False, **options):
        table = module.relative_attention_bias.weight if module.has_relative_attention_bias else None
        record(name, run, module, named(module.q, module.k, module.v, module.o), table, memory,
               heads=2, scale=1, buckets=8, maximumDistance=10, **options)

    decoder = model.decoder.block[0].layer
    case("t5.causal", decoder[0].SelfAttention, causal=True)
    case("t5.cross", decoder[1].EncDecAttention, memory=True)
    encoder = model.encoder.block[0].layer[0].SelfAttention
    run_both = run

    def run(ids, other):  # the encoder reads the longer texts
        run_both(other, ids)

    record("t5.encoder", run, encoder, named(encoder.q, encoder.k, encoder.v, encoder.o), encoder.relative_attention_bias.weight,
           heads=2, scale=1, buckets=8, maximumDistance=10)


def mpnet() -> None:
    model = prepare(MPNetModel(MPNetConfig(
        vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12, max_position_embeddings=40)))
    attention = model.encoder.layer[0].attention.attn
    record("mpnet", lambda ids, _: model(input_ids=ids), attention, named(attention.q, attention.k, attention.v, attention.o),
           model.encoder.relative_attention_bias.weight, heads=2, buckets=32, maximumDistance=128)


def modernbert() -> None:
    config = ModernBertConfig(
        vocab_size=32, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, local_attention=6,
        global_attn_every_n_layers=2, global_rope_theta=50.0, local_rope_theta=20.0, pad_token_id=0,
        attn_implementation="sdpa")
    model = prepare(ModernBertModel(config))
    for layer, (name, options) in enumerate({"global": {"theta": 50}, "local": {"theta": 20, "window": [-3, 3]}}.items()):
        attention = model.layers[layer].attn
        q, k, v = attention.Wqkv.weight.chunk(3)
        record(f"modernbert.{name}", lambda ids, _: model(input_ids=ids), attention,
               {"q": q, "k": k, "v": v, "o": attention.Wo.weight}, heads=2, **options)


def mistral() -> None:
    model = prepare(MistralModel(MistralConfig(
        vocab_size=32, hidden_size=8, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2, head_dim=4,
        intermediate_size=12, sliding_window=4, rope_parameters={"rope_type": "default", "rope_theta": 100.0},
        attn_implementation="sdpa")))
    attention = model.layers[0].self_attn
    # The window of four ends with the query itself.
    record("mistral", lambda ids, _: model(input_ids=ids, use_cache=False), attention,
           named(attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj),
           heads=4, theta=100, window=[-3, 3], causal=True)


def rules() -> None:
    positions = torch.arange(-200, 201)
    for name, both, count, maximum in [("t5", True, 32, 128), ("t5.causal", False, 32, 128), ("small", True, 8, 10), ("odd", False, 20, 77)]:
        buckets = T5Attention._relative_position_bucket(positions, both, count, maximum)
        tensors[f"buckets.{name}"] = buckets.int()
        listing[f"buckets.{name}"] = {"buckets": count, "maximumDistance": maximum, "causal": not both}
    for heads in [8, 12]:
        mask = torch.ones(1, 2)
        tensors[f"slopes.{heads}"] = build_alibi_tensor(mask, heads, torch.float64).view(heads, 2)[:, 1]


if __name__ == "__main__":
    t5()
    mpnet()
    modernbert()
    mistral()
    rules()
    save_tensors(folder("attention") / "attention.safetensors", tensors)
    save_json(folder("attention") / "attention.json", listing)
