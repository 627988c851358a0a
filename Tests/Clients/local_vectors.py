"""The local engine's vectors by the official client: of MiniLM itself, and through the OpenAI plugin, whose upstream is the same server."""

import base64
import json
import os
import struct

import openai

from embeddings import api_of, raises
from patchbay import KEY_A, Server

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def configuration(port):
    return f"""
    plugins:
      - {{name: engine, library: libpatchbay_llama.so, config: {{model: "{os.environ.get('PATCHBAY_EMBEDDINGS_MODEL', '')}"}}}}
      - name: upstream
        library: libpatchbay_openai.so
        config: {{base_url: "http://127.0.0.1:{port}/v1", api_key: {KEY_A}, max_inputs: 4}}
    models:
      - {{name: minilm, provider: engine}}
      - {{name: through, provider: upstream, upstream_model: minilm}}
    keys:
      - {{name: a, key: {KEY_A}}}
    """


def floats(text):
    data = base64.b64decode(text)
    return struct.unpack(f"<{len(data) // 4}f", data)


def product(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def the_local_model_makes_vectors(folder):
    with open(os.path.join(ROOT, "Plugins/Llama/Tests/vectors.json")) as file:
        references = json.load(file)
    texts = [reference["text"] for reference in references]
    with Server(folder, configuration(1)) as server:
        server.configure(configuration(server.port))
        server.restart()
        create = api_of(server).embeddings.create
        for model in ("minilm", "through"):
            answers = [create(model=model, input=texts), create(model=model, input=texts, encoding_format="float")]
            for answer in answers:
                assert answer.usage.prompt_tokens == sum(len(reference["tokens"]) for reference in references)
                for entry, reference in zip(answer.data, references, strict=True):
                    assert product(entry.embedding, floats(reference["vector"])) > 0.999, (model, reference["text"])
            by_tokens = create(model=model, input=references[0]["tokens"]).data[0].embedding
            assert product(by_tokens, answers[0].data[0].embedding) > 0.9999
            same, other = (product(answers[0].data[0].embedding, answers[0].data[number].embedding) for number in (1, 2))
            assert same > 0.5 > 0.2 > other, (same, other)
            long = ["a"] * 5 + ["word " * 600]
            raises(openai.BadRequestError, lambda: create(model=model, input=long), "input[5]", "context_length_exceeded")
        raises(openai.BadRequestError, lambda: create(model="minilm", input="a", dimensions=100), "dimensions", "unsupported")
        chat = api_of(server).chat.completions.create
        hello = [{"role": "user", "content": "Hello"}]
        error = raises(openai.BadRequestError, lambda: chat(model="minilm", messages=hello), "model", "wrong_model_kind")
        assert "is for embeddings" in error.message
