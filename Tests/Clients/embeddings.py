"""`client.embeddings` of the official `openai` client, which asks for base64 where it isn't told otherwise."""

import asyncio
import math

import openai
from openai import AsyncOpenAI, OpenAI
from openai.types import CreateEmbeddingResponse

from patchbay import KEY_A, Server


def api_of(server, key=KEY_A):
    return OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=120)


def raises(kind, call, param=None, code=None):
    try:
        call()
    except kind as error:
        assert (error.param, error.code) == (param, code), error
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def checked(answer, count, dimensions):
    """The vectors of an answer, which is of the client's type."""
    CreateEmbeddingResponse.model_validate(answer.model_dump(), strict=True)
    assert answer.object == "list" and [entry.index for entry in answer.data] == list(range(count))
    assert all(entry.object == "embedding" and len(entry.embedding) == dimensions for entry in answer.data)
    for entry in answer.data:
        assert abs(math.sqrt(sum(number * number for number in entry.embedding)) - 1) < 1e-5
    return [entry.embedding for entry in answer.data]


def close(one, other):
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))


def tests(configuration):
    def vectors_in_each_encoding(folder):
        with Server(folder, configuration) as server:
            create = api_of(server).embeddings.create
            encoded = create(model="vectors", input=["one two", "three"])
            assert encoded.model == "vectors" and encoded.usage.model_dump() == {"prompt_tokens": 3, "total_tokens": 3}
            one, three = checked(encoded, 2, 64)
            plain = checked(create(model="vectors", input=["one two", "three"], encoding_format="float"), 2, 64)
            assert close(plain[0], one) and close(plain[1], three) and not close(one, three)
            raw = create(model="vectors", input="three", encoding_format="base64")
            assert isinstance(raw.data[0].embedding, str) and len(raw.data[0].embedding) == (64 * 4 + 2) // 3 * 4
            assert close(checked(create(model="vectors", input="three"), 1, 64)[0], three)

    def dimensions_and_token_numbers(folder):
        with Server(folder, configuration) as server:
            create = api_of(server).embeddings.create
            checked(create(model="vectors", input="x", dimensions=3072), 1, 3072)
            listed = create(model="vectors", input=[[1, 2, 3], [4]], dimensions=8, user="someone")
            assert listed.usage.prompt_tokens == 4
            assert close(checked(create(model="vectors", input=[1, 2, 3], dimensions=8), 1, 8)[0], checked(listed, 2, 8)[0])

    def a_long_list_is_split_and_in_order(folder):
        texts = [f"text number {number}" for number in range(100)]
        with Server(folder, configuration) as server:
            create = api_of(server).embeddings.create
            answer = create(model="vectors", input=texts, dimensions=16)
            assert answer.usage.total_tokens == 300
            vectors = checked(answer, 100, 16)
            for number in (0, 15, 16, 63, 99):
                assert close(vectors[number], checked(create(model="vectors", input=texts[number], dimensions=16), 1, 16)[0])
            checked(create(model="vectors", input=["x"] * 2048, dimensions=4), 2048, 4)

            async def at_once():
                api = AsyncOpenAI(base_url=server.url, api_key=KEY_A, max_retries=0)
                answers = await asyncio.gather(
                    *(api.embeddings.create(model="vectors", input=texts[number:], dimensions=16) for number in range(40)))
                for number, answer in enumerate(answers):
                    assert close(checked(answer, 100 - number, 16)[0], vectors[number])

            asyncio.run(at_once())

    def wrong_ones_are_refused(folder):
        with Server(folder, configuration) as server:
            create, bad = api_of(server).embeddings.create, openai.BadRequestError
            raises(bad, lambda: create(model="vectors", input=[]), "input", "empty_array")
            raises(bad, lambda: create(model="vectors", input=["a", ""]), "input[1]", "invalid_value")
            raises(bad, lambda: create(model="vectors", input=["a"] * 2049), "input", "array_above_max_length")
            raises(bad, lambda: create(model="vectors", input="a", encoding_format="int8"), "encoding_format", "invalid_value")
            raises(bad, lambda: create(model="vectors", input="a", dimensions=0), "dimensions", "integer_below_min_value")
            raises(bad, lambda: create(model="vectors", input=["a"] * 2048, dimensions=5000), "dimensions", "integer_above_max_value")
            raises(bad, lambda: create(model="unembedded", input="a"), "model", "unsupported")
            long = ["short"] * 40 + ["far too many words for a model that takes eight"]
            raises(bad, lambda: create(model="short", input=long), "input[40]", "context_length_exceeded")
            error = raises(openai.RateLimitError, lambda: create(model="fail_at", input=["x"] * 40 + ["fail ratelimit"]))
            assert int(error.response.headers["retry-after"]) > 0
            for model in ("missing", "uneven", "infinite", "twice"):
                raises(openai.InternalServerError, lambda: create(model=model, input=["x"] * 20))
            raises(openai.AuthenticationError, lambda: api_of(server, "wrong").embeddings.create(model="vectors", input="a"), code="invalid_api_key")

    return [vectors_in_each_encoding, dimensions_and_token_numbers, a_long_list_is_split_and_in_order, wrong_ones_are_refused]
