"""Makes Tests/Fixtures/encoders/<name> for every architecture: random models of the Transformers library, and their figures.

Each is made small: a folder with `config.json` and `model.safetensors` (float32), and beside it `<name>.safetensors`:
`embeddings` of all sequences, mean pooled; `hidden/<layer>` of the tokens of the first two and the last sequence end to end, where
hidden/0 is what the embedding layer gives: both in float32, and in float64 under the same name and `.f64`.
`loss`, and `gradient/<parameter>` of it, in float64: the sum over the first six sequences of the squared cosine similarity to the
sequence six later.

The ids of all are in `architectures.json`. In float64 everything is computed in double precision, also what these models otherwise
keep in float32, such as the angles of rotations.
"""

import contextlib
import random
import shutil
import sys

import torch
import transformers as tf

from safetensors.torch import load_file

from common import folder, gradients, save_json, save_tensors

WIDTH, HEADS, INNER, VOCABULARY, LENGTH = 16, 2, 24, 48, 40
BERT = dict(vocab_size=VOCABULARY, hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=HEADS, intermediate_size=INNER,
            initializer_range=0.3)
TABLE = dict(BERT, max_position_embeddings=LENGTH)
T5 = dict(vocab_size=VOCABULARY, d_model=WIDTH, d_kv=6, d_ff=INNER, num_layers=2, num_heads=3, relative_attention_num_buckets=8,
          relative_attention_max_distance=16)
DEBERTA = dict(TABLE, relative_attention=True, pos_att_type=["c2p", "p2c"], position_biased_input=False, type_vocab_size=0)
LLAMA = dict(BERT, max_position_embeddings=64, num_attention_heads=4, num_key_value_heads=2, pad_token_id=0, bos_token_id=1,
             eos_token_id=2)
LOCAL = ["sliding_attention", "full_attention"]

MODELS = {
    "mpnet": (tf.MPNetModel, tf.MPNetConfig, dict(TABLE, relative_attention_num_buckets=32, layer_norm_eps=1e-5)),
    "albert": (tf.AlbertModel, tf.AlbertConfig, dict(TABLE, embedding_size=8, num_hidden_layers=3)),
    "albert-groups": (tf.AlbertModel, tf.AlbertConfig,
                      dict(TABLE, embedding_size=8, num_hidden_layers=4, num_hidden_groups=2, inner_group_num=2)),
    "electra": (tf.ElectraModel, tf.ElectraConfig, dict(TABLE, embedding_size=8)),
    "electra-wide": (tf.ElectraModel, tf.ElectraConfig, dict(TABLE, embedding_size=WIDTH)),
    "xlm-roberta": (tf.XLMRobertaModel, tf.XLMRobertaConfig, dict(TABLE, type_vocab_size=1, layer_norm_eps=1e-5)),
    "camembert": (tf.CamembertModel, tf.CamembertConfig, dict(TABLE, type_vocab_size=1, layer_norm_eps=1e-5)),
    "ernie": (tf.ErnieModel, tf.ErnieConfig, dict(TABLE)),
    "ernie-tasks": (tf.ErnieModel, tf.ErnieConfig, dict(TABLE, use_task_id=True, type_vocab_size=4)),
    "distilbert-sinusoidal": (tf.DistilBertModel, tf.DistilBertConfig,
                              dict(vocab_size=VOCABULARY, dim=WIDTH, n_layers=2, n_heads=HEADS, hidden_dim=INNER,
                                   max_position_embeddings=LENGTH, initializer_range=0.3, sinusoidal_pos_embds=True)),
    "t5": (tf.T5EncoderModel, tf.T5Config, T5),
    "t5-gated": (tf.T5EncoderModel, tf.T5Config, dict(T5, feed_forward_proj="gated-gelu")),
    "mt5": (tf.MT5EncoderModel, tf.MT5Config, T5),
    "modernbert": (tf.ModernBertModel, tf.ModernBertConfig,
                   dict(BERT, num_hidden_layers=3, max_position_embeddings=64, local_attention=6, pad_token_id=0, bos_token_id=1,
                        eos_token_id=2, cls_token_id=1, sep_token_id=2)),
    "modernbert-biased": (tf.ModernBertModel, tf.ModernBertConfig,
                          dict(BERT, max_position_embeddings=64, local_attention=6, norm_bias=True, attention_bias=True, mlp_bias=True,
                               layer_types=LOCAL, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)),
    "deberta": (tf.DebertaModel, tf.DebertaConfig, dict(DEBERTA, max_relative_positions=8)),
    "deberta-absolute": (tf.DebertaModel, tf.DebertaConfig,
                         dict(DEBERTA, pos_att_type=["c2p"], position_biased_input=True, type_vocab_size=2)),
    "deberta-v2": (tf.DebertaV2Model, tf.DebertaV2Config,
                   dict(DEBERTA, max_relative_positions=-1, conv_kernel_size=3, conv_act="gelu", conv_groups=2)),
    "deberta-v2-p2c": (tf.DebertaV2Model, tf.DebertaV2Config,
                       dict(DEBERTA, pos_att_type=["p2c"], position_buckets=4, max_relative_positions=12)),
    "deberta-v3": (tf.DebertaV2Model, tf.DebertaV2Config,
                   dict(DEBERTA, position_buckets=6, max_relative_positions=-1, share_att_key=True, norm_rel_ebd="layer_norm")),
    "nomic-bert": (tf.NomicBertModel, tf.NomicBertConfig, dict(BERT, max_position_embeddings=64)),
    "llama": (tf.LlamaModel, tf.LlamaConfig, dict(LLAMA)),
    "llama3": (tf.LlamaModel, tf.LlamaConfig,
               dict(LLAMA, attention_bias=True, mlp_bias=True, head_dim=8, rope_parameters=dict(
                   rope_type="llama3", rope_theta=100.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=32))),
    "llama-bidirectional": (tf.LlamaModel, tf.LlamaConfig, dict(LLAMA, is_causal=False)),
    "mistral": (tf.MistralModel, tf.MistralConfig, dict(LLAMA, sliding_window=5)),
    "qwen2": (tf.Qwen2Model, tf.Qwen2Config,
              dict(LLAMA, use_sliding_window=True, sliding_window=5, max_window_layers=1)),
    "qwen3": (tf.Qwen3Model, tf.Qwen3Config, dict(LLAMA, head_dim=6)),
    "gemma2": (tf.Gemma2Model, tf.Gemma2Config,
               dict(LLAMA, head_dim=6, query_pre_attn_scalar=10, sliding_window=5, attn_logit_softcapping=2.0)),
    "gemma3": (tf.Gemma3TextModel, tf.Gemma3TextConfig,
               dict(LLAMA, head_dim=6, query_pre_attn_scalar=10, sliding_window=5, layer_types=LOCAL)),
    "gemma3-bidirectional": (tf.Gemma3TextModel, tf.Gemma3TextConfig,
                             dict(LLAMA, head_dim=6, query_pre_attn_scalar=10, sliding_window=6, layer_types=LOCAL,
                                  use_bidirectional_attention=True)),
}


def sequences() -> list[list[int]]:
    """Of 1 to 30 tokens; two of one length."""
    draw = random.Random(7)
    lengths = [5, 1, 12, 7, 3, 30, 12, 2, 9, 21, 4, 16, 8]
    return [[draw.randrange(4, VOCABULARY) for _ in range(length)] for length in lengths]


def randomize(model: torch.nn.Module) -> None:
    """Biases and the weights of norms start as zeros and ones, which would hide mistakes."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
            elif parameter.requires_grad and float(parameter.std()) < 0.2:
                parameter.copy_(0.3 * torch.randn_like(parameter))


@contextlib.contextmanager
def double_precision():
    """Where these models keep to float32, they compute in float64."""
    original = torch.float32, torch.float, torch.Tensor.float
    torch.float32 = torch.float = torch.float64
    torch.Tensor.float = torch.Tensor.double
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.float32, torch.float, torch.Tensor.float = original
        torch.set_default_dtype(torch.float32)


def hidden(model: torch.nn.Module, rows: list[list[int]]) -> list[torch.Tensor]:
    """[T, H] for each layer, one sequence after another without any padding."""
    outputs = [model(input_ids=torch.tensor([row]), attention_mask=torch.ones(1, len(row), dtype=torch.long),
                     output_hidden_states=True).hidden_states for row in rows]
    # Of a group of layers that counts as one, what its last gives.
    step = getattr(model.config, "inner_group_num", 1)
    return [torch.cat([states[layer][0] for states in outputs]) for layer in range(0, len(outputs[0]), step)]


def pooled(tokens: torch.Tensor, rows: list[list[int]]) -> torch.Tensor:
    return torch.stack([part.mean(0) for part in tokens.split([len(row) for row in rows])])


def check_padding(model: torch.nn.Module, rows: list[list[int]], side: str) -> None:
    """In a padded batch, the tokens have the same numbers."""
    longest = max(len(row) for row in rows)
    pads = [[model.config.pad_token_id or 0] * (longest - len(row)) for row in rows]
    ids = torch.tensor([pad + row if side == "left" else row + pad for row, pad in zip(rows, pads)])
    mask = torch.tensor([[0] * len(pad) + [1] * len(row) if side == "left" else [1] * len(row) + [0] * len(pad)
                         for row, pad in zip(rows, pads)])
    with torch.no_grad():
        padded = model(input_ids=ids, attention_mask=mask).last_hidden_state[mask.bool()]
        alone = hidden(model, rows)[-1]
    difference = float((padded - alone).abs().max())
    if difference > 2e-5 * float(alone.abs().max()):
        print(f"  {side} padding changes the numbers by {difference:.1e}")


def make(name: str, seed: int, rows: list[list[int]]) -> None:
    kind, settings, sizes = MODELS[name]
    torch.manual_seed(seed)
    config = settings(**sizes)
    config._attn_implementation = "eager"
    model = kind(config).eval()
    randomize(model)
    place = folder("encoders") / name
    shutil.rmtree(place, ignore_errors=True)
    model.save_pretrained(place)
    stored = load_file(place / "model.safetensors")
    tensors = {}
    for suffix in ["", ".f64"]:
        with double_precision() if suffix else contextlib.nullcontext():
            if suffix:
                double = kind(settings(**sizes, attn_implementation="eager")).double().eval()
                double.load_state_dict({key: value.double() for key, value in model.state_dict().items()}, strict=False)
                float_model, model = model, double
            tensors[f"embeddings{suffix}"] = pooled(hidden(model, rows)[-1], rows)
            for layer, state in enumerate(hidden(model, [rows[0], rows[1], rows[-1]])):
                tensors[f"hidden/{layer}{suffix}"] = state
    for key in [key for key in tensors if not key.endswith(".f64")]:
        difference = float((tensors[key] - tensors[key + ".f64"]).abs().max() / tensors[key + ".f64"].abs().max())
        if difference > 1e-5:
            print(f"  {key}: float32 is off by {difference:.1e}")
    check_padding(float_model, rows, "left" if issubclass(kind, (tf.LlamaModel, tf.MistralModel, tf.Qwen2Model, tf.Qwen3Model,
                                                                 tf.Gemma2Model, tf.Gemma3TextModel)) else "right")
    with double_precision():
        embeddings = tensors["embeddings.f64"]
        loss = torch.cosine_similarity(embeddings[:6], embeddings[6:12]).square().sum()
        parameters = {key: value for key, value in model.named_parameters() if "pooler" not in key and value.requires_grad}
        found = dict(zip(parameters, gradients(loss, list(parameters.values()))))
    tensors["loss"] = loss
    for key, gradient in as_stored(found, stored, model).items():
        tensors[f"gradient/{key}"] = gradient
    save_tensors(folder("encoders") / f"{name}.safetensors", tensors)
    print(name, f"{float(loss):.6f}", sum(value.numel() for value in stored.values()))


def as_stored(found: dict[str, torch.Tensor], stored: dict[str, torch.Tensor], model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Gradients by the names of files."""
    if not isinstance(model, tf.NomicBertModel):
        return {key: value for key, value in found.items() if key in stored}
    result = {}
    for key, value in found.items():
        for new, old in [("layers", "encoder.layers"), ("embeddings.LayerNorm", "emb_ln"), ("self_attn.o_proj", "attn.out_proj"),
                         ("up_proj", "fc11"), ("gate_proj", "fc12"), ("down_proj", "fc2"), ("post_attention_layernorm", "norm1"),
                         ("post_mlp_layernorm", "norm2")]:
            key = key.replace(new, old)
        result[key] = value
    for key in [key for key in result if key.endswith("self_attn.q_proj.weight")]:
        parts = [result.pop(key.replace("q_proj", f"{part}_proj")) for part in "qkv"]
        result[key.replace("self_attn.q_proj", "attn.Wqkv")] = torch.cat(parts)
    if set(result) != {key for key in stored if "pooler" not in key}:
        raise ValueError(f"{sorted(result)} are not {sorted(stored)}")
    return result


if __name__ == "__main__":
    rows = sequences()
    save_json(folder("encoders") / "architectures.json", rows)
    for number, name in enumerate(MODELS):
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            make(name, 100 + number, rows)
