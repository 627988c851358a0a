#!/usr/bin/env python3
"""reference.py FOLDER: MiniLM's vectors computed from its checkpoint without llama.cpp, for Tests/vectors.json.

FOLDER is the package's model folder (see setup-model). Needs numpy; only run when the texts below change.
"""

import base64
import json
import math
import pathlib
import struct
import sys
import unicodedata

import numpy

TEXTS = [
    "The cat sits on the mat.",
    "A kitten is resting on a rug.",
    "Interest rates were raised by the central bank.",
    "Ein Café in München, naïve façade; 東京 2024!",
    "unbelievably long: " + "the quick brown fox jumps over the lazy dog, " * 30,
    "?",
]


def words_of(text):
    """BERT's basic tokens, in small letters and without accents."""
    words, word = [], ""
    for letter in unicodedata.normalize("NFD", text.lower()):
        kind = unicodedata.category(letter)
        if kind == "Mn":
            continue
        code = ord(letter)
        alone = kind.startswith("P") or (code < 127 and not letter.isalnum() and not letter.isspace()) or 0x4E00 <= code <= 0x9FFF
        if letter.isspace() or alone:
            words += [word] if word else []
            words += [letter] if alone else []
            word = ""
        else:
            word += letter
    return words + ([word] if word else [])


def tokens_of(text, vocabulary):
    tokens = [vocabulary["[CLS]"]]
    for word in words_of(text):
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = ("##" if start else "") + word[start:end]
                if piece in vocabulary:
                    pieces.append(vocabulary[piece])
                    break
            else:
                pieces = [vocabulary["[UNK]"]]
                break
            start = end
        tokens += pieces
    return tokens + [vocabulary["[SEP]"]]


def vector_of(tokens, weights, config):
    def linear(x, name):
        return x @ weights[name + ".weight"].T + weights[name + ".bias"]

    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / numpy.sqrt(x.var(-1, keepdims=True) + config["layer_norm_eps"])
        return x * weights[name + ".weight"] + weights[name + ".bias"]

    heads = config["num_attention_heads"]
    erf = numpy.vectorize(math.erf)
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][: len(tokens)] + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}."
        q, k, v = (linear(x, at + f"attention.self.{part}").reshape(len(tokens), heads, -1).transpose(1, 0, 2) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        scores = numpy.exp(scores - scores.max(-1, keepdims=True))
        seen = (scores / scores.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(tokens), -1)
        x = norm(x + linear(seen, at + "attention.output.dense"), at + "attention.output.LayerNorm")
        inner = linear(x, at + "intermediate.dense")
        inner = inner * 0.5 * (1 + erf(inner / math.sqrt(2)))
        x = norm(x + linear(inner, at + "output.dense"), at + "output.LayerNorm")
    mean = x.mean(0)
    return mean / numpy.linalg.norm(mean)


def main(folder):
    config = json.loads((folder / "config.json").read_text())
    data = (folder / "model.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    weights = {}
    for name, info in json.loads(data[8 : 8 + size]).items():
        if info.get("dtype") == "F32":
            begin, end = info["data_offsets"]
            values = numpy.frombuffer(data[8 + size + begin : 8 + size + end], "<f4")
            weights[name] = values.reshape(info["shape"]).astype("f8")
    vocabulary = {word: number for number, word in enumerate((folder / "vocab.txt").read_text().split("\n"))}
    out = []
    for text in TEXTS:
        tokens = tokens_of(text, vocabulary)
        vector = vector_of(tokens, weights, config).astype("<f4")
        out.append({"text": text, "tokens": tokens, "vector": base64.b64encode(vector.tobytes()).decode()})
    print("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in out) + "\n]")


main(pathlib.Path(sys.argv[1]))
