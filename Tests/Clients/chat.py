"""`client.chat.completions` of the official `openai` client."""

import asyncio
import json

import openai
import pydantic
from agents import Agent, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from patchbay import KEY_A, KEY_B, Server

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather", "description": "The weather of a city.", "strict": True,
        "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
            "additionalProperties": False}},
}
TIME = {
    "type": "function",
    "function": {
        "name": "get_time",
        "parameters": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]}},
}
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CRC32 = """
    tools:
      - name: crc32
        ffi:
          library: libz.so.1
          symbol: crc32
          trust: in_process
          args: [{type: ulong, value: 0}, {name: data, type: bytes}, {type: uint, length_of: data}]
          returns: ulong
"""


class Point(pydantic.BaseModel):
    x: int


def api_of(server, key=KEY_A):
    return OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=600)


def say(text):
    return [{"role": "user", "content": text}]


def streamed(api, **request):
    """The chunks of a stream, each of the client's type, with its rules checked, and its text."""
    raw = api.chat.completions.with_raw_response.create(stream=True, **request)
    frames = [line for line in raw.http_response.read().decode().split("\n") if line]
    assert frames[-1] == "data: [DONE]" and all(line.startswith("data: ") for line in frames), frames[-3:]
    chunks = [ChatCompletionChunk.model_validate_json(frame[6:]) for frame in frames[:-1]]
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1 and chunks[0].id.startswith("chatcmpl-")
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert choices[0].delta.role == "assistant" and not any(choice.delta.role for choice in choices[1:])
    assert [bool(choice.finish_reason) for choice in choices] == [False] * (len(choices) - 1) + [True], choices
    return chunks, "".join(choice.delta.content or "" for choice in choices)


def refused(call, param, status=400, kind=openai.BadRequestError):
    try:
        call()
    except kind as error:
        assert error.status_code == status and error.param == param, (error, error.param)
        return error
    raise AssertionError(f"{param} was taken")


def answers_streamed_and_not(server):
    api = api_of(server)
    raw = api.chat.completions.with_raw_response.create(
        model="echo", messages=[{"role": "system", "content": "Be brief."}, *say("one two three")])
    answer = ChatCompletion.model_validate_json(raw.http_response.text)
    choice = answer.choices[0]
    assert (choice.message.content, choice.finish_reason, choice.message.role) == ("one two three", "stop", "assistant")
    assert answer.id.startswith("chatcmpl-") and answer.usage.completion_tokens == 3, answer
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    chunks, text = streamed(api, model="echo", messages=say("one two three"))
    assert text == "one two three" and not any(chunk.usage for chunk in chunks)
    chunks, text = streamed(
        api, model="echo", messages=say("one two three"), stream_options={"include_usage": True})
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 3 and not any(c.usage for c in chunks[:-1])
    for model, reason in (("length", "length"), ("filter", "content_filter"), ("silent", "stop"), ("unicode", "stop")):
        whole = api.chat.completions.create(model=model, messages=say("a b c d"), max_completion_tokens=50).choices[0]
        chunks, text = streamed(api, model=model, messages=say("a b c d"))
        assert whole.finish_reason == chunks[-1].choices[0].finish_reason == reason, (model, whole)
        assert (whole.message.content or "") == text, model
    whole = api.chat.completions.create(model="refuse", messages=say("x")).choices[0].message
    chunks, _ = streamed(api, model="refuse", messages=say("x"))
    assert whole.refusal and whole.refusal == "".join(c.choices[0].delta.refusal or "" for c in chunks), whole
    whole = api.chat.completions.create(model="reason", messages=say("x"), reasoning_effort="low")
    chunks, text = streamed(api, model="reason", messages=say("x"))
    thought = "".join((c.choices[0].delta.model_extra or {}).get("reasoning_content", "") for c in chunks)
    assert thought == whole.choices[0].message.reasoning_content and thought and text == "x", thought
    assert whole.usage.completion_tokens_details.reasoning_tokens > 0, whole.usage
    whole = api.chat.completions.create(model="annotations", messages=say("x")).choices[0].message
    assert whole.annotations[0].url_citation.url == "https://example.org/", whole
    whole = api.chat.completions.create(model="logprobs", messages=say("x"), logprobs=True, top_logprobs=1).choices[0]
    chunks, _ = streamed(api, model="logprobs", messages=say("x"), logprobs=True)
    tokens = [entry.token for c in chunks if c.choices[0].logprobs for entry in c.choices[0].logprobs.content]
    assert [entry.token for entry in whole.logprobs.content] == tokens == ["Hello", " world"], (whole, tokens)


def the_stream_helper_knows_the_events(server):
    api = api_of(server)
    with api.chat.completions.stream(
        model="tools", messages=say("x"), tools=[WEATHER, {**TIME, "function": {**TIME["function"], "strict": True,
            "parameters": {**TIME["function"]["parameters"], "additionalProperties": False}}}],
    ) as stream:
        kinds = [event.type for event in stream]
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert kinds.count("tool_calls.function.arguments.done") == 2, kinds
    assert [(c.function.name, c.function.arguments) for c in calls] == [
        ("get_weather", '{"city":"Paris"}'), ("get_time", '{"zone":"London"}')], calls
    with api.chat.completions.stream(model="echo", messages=say('{"x":7}'), response_format=Point) as stream:
        assert [event.type for event in stream][-1] == "content.done"
        assert stream.get_final_completion().choices[0].message.parsed == Point(x=7)


def tools_make_a_round_trip(server):
    api = api_of(server)
    messages = say("What is the weather in Paris?")
    whole = api.chat.completions.create(model="tools", messages=messages, tools=[WEATHER, TIME])
    assert whole.choices[0].finish_reason == "tool_calls" and whole.choices[0].message.content is None, whole
    chunks, text = streamed(api, model="tools", messages=messages, tools=[WEATHER, TIME], parallel_tool_calls=True)
    assert chunks[-1].choices[0].finish_reason == "tool_calls" and text == ""
    calls = {}
    for call in (call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []):
        assert (call.index in calls) == (call.id is None), call
        entry = calls.setdefault(call.index, [call.id, call.function.name, 0, ""])
        entry[2] += 1
        entry[3] += call.function.arguments or ""
    assert [(entry[1], entry[3]) for entry in calls.values()] == [
        (call.function.name, call.function.arguments) for call in whole.choices[0].message.tool_calls]
    assert list(calls) == [0, 1] and all(entry[2] >= 2 for entry in calls.values()), calls
    messages += [whole.choices[0].message]
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": f"{call.function.name}: 18 degrees"}
        for call in whole.choices[0].message.tool_calls]
    assert api.chat.completions.create(model="tools", messages=messages, tools=[WEATHER, TIME]).choices[0].message.content \
        == "get_time: 18 degrees"
    seen = api.chat.completions.create(model="count", messages=messages).choices[0].message.content
    assert seen == "5 items: user function_call function_call function_call_output function_call_output", seen
    named = api.chat.completions.create(
        model="tool", messages=say("x"), tools=[WEATHER, TIME],
        tool_choice={"type": "function", "function": {"name": "get_time"}})
    assert named.choices[0].message.tool_calls[0].function.name == "get_time", named
    refused(lambda: api.chat.completions.create(
        model="tool", messages=say("x"), tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "no"}}),
        "tool_choice.function.name")


def shapes_and_images_reach_the_provider(server):
    api = api_of(server)
    parsed = api.chat.completions.parse(model="echo", messages=say('{"x":7}'), response_format=Point)
    assert parsed.choices[0].message.parsed == Point(x=7), parsed
    image = {"type": "image_url", "image_url": {"url": PIXEL, "detail": "low"}}
    content = [{"type": "text", "text": "What is it?"}, image]
    body = json.loads(api.chat.completions.create(
        model="dump", messages=[{"role": "user", "content": content}], response_format={"type": "json_object"},
        stop=["END"], seed=7, max_tokens=50).choices[0].message.content)
    assert body["input"][0]["content"] == [
        {"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": PIXEL, "detail": "low"}]
    assert body["text"]["format"] == {"type": "json_object"} and body["stop"] == ["END"] and body["seed"] == 7, body
    assert body["max_output_tokens"] == 50 and "messages" not in body, body


def errors_are_the_clients_classes(server):
    api = api_of(server)
    create = api.chat.completions.create
    refused(lambda: create(model="echo", messages=say("x"), n=9), "n")
    refused(lambda: create(model="echo", messages=say("x"), n=2, store=True), "n")
    refused(lambda: create(model="fail", messages=say("ratelimit"), n=3, stream=True), None, 429, openai.RateLimitError)
    error = refused(lambda: create(model="echo", messages=say("x"), functions=[{"name": "f"}]), "functions")
    assert "tools" in error.message, error
    refused(lambda: create(model="echo", messages=say("x"), modalities=["text", "audio"]), "modalities[1]")
    refused(lambda: create(model="echo", messages=[{"role": "user", "content": [{"type": "video"}]}]),
            "messages[0].content[0].type")
    refused(lambda: create(model="echo", messages=say("x"), temperature=9), "temperature")
    refused(lambda: create(model="fail", messages=say("ratelimit")), None, 429, openai.RateLimitError)
    refused(lambda: create(model="fail", messages=say("ratelimit"), stream=True), None, 429, openai.RateLimitError)
    refused(lambda: create(model="fail", messages=say("invalid")), "messages[0]")
    refused(lambda: create(model="fail", messages=say("auth")), None, 502, openai.InternalServerError)
    refused(lambda: api_of(server, "wrong").chat.completions.create(model="echo", messages=say("x")), None, 401,
            openai.AuthenticationError)
    seen = []
    try:
        for chunk in create(model="fail_after", messages=say("overloaded"), stream=True):
            seen.append(chunk.choices[0].delta.content)
        raise AssertionError("no error")
    except openai.APIError as error:
        assert "".join(seen) == "It began well" and error.message, (seen, error)


def several_choices_are_answered_side_by_side(server):
    api = api_of(server)
    whole = api.chat.completions.create(model="tools", messages=say("x"), tools=[WEATHER, TIME], n=3)
    assert [choice.index for choice in whole.choices] == [0, 1, 2], whole
    assert all(len(choice.message.tool_calls) == 2 and choice.finish_reason == "tool_calls" for choice in whole.choices)
    once = api.chat.completions.create(model="tools", messages=say("x"), tools=[WEATHER, TIME])
    assert whole.usage.prompt_tokens == 3 * once.usage.prompt_tokens, (whole.usage, once.usage)
    seeds = api.chat.completions.create(model="dump", messages=say("x"), seed=5, n=3)
    assert [json.loads(choice.message.content)["seed"] for choice in seeds.choices] == [5, 6, 7]
    texts, ends, usages, ids = {}, {}, [], set()
    stream = api.chat.completions.create(
        model="slow", messages=say("a b c every 5"), n=3, stream=True, stream_options={"include_usage": True})
    order = []
    for chunk in stream:
        ids.add(chunk.id)
        if chunk.usage:
            usages.append(chunk.usage)
        for choice in chunk.choices:
            order.append(choice.index)
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
            if choice.finish_reason:
                ends[choice.index] = choice.finish_reason
    assert texts == {index: "a b c every 5" for index in range(3)} and len(ids) == 1 and len(usages) == 1, texts
    assert ends == {index: "stop" for index in range(3)} and order != sorted(order), order
    with api.chat.completions.stream(model="echo", messages=say("hello"), n=2) as helper:
        assert [choice.message.content for choice in helper.get_final_completion().choices] == ["hello", "hello"]


def kept_completions_are_listed(server):
    api, other = api_of(server), api_of(server, KEY_B)
    before = [completion.id for completion in api.chat.completions.list(limit=100)]
    made = [
        api.chat.completions.create(
            model="echo", messages=say(str(number)), store=True, metadata={"number": str(number), "run": "list"}).id
        for number in range(5)]
    api.chat.completions.create(model="echo", messages=say("not kept"))
    api.responses.create(model="echo", input="a response")
    listed = [completion.id for completion in api.chat.completions.list(limit=2)]
    assert listed[:len(before)] == before and set(listed[len(before):]) == set(made), (before, made, listed)
    # Those of one millisecond are in no order that is known here.
    oldest = listed[len(before):]
    newest = list(api.chat.completions.list(limit=2, order="desc", metadata={"run": "list"}))
    assert [completion.id for completion in newest] == oldest[::-1], newest
    assert all(c.choices[0].message.content == c.metadata["number"] for c in newest), newest
    assert [c.id for c in api.chat.completions.list(metadata={"run": "list", "number": "3"})] == [made[3]]
    assert [c.id for c in api.chat.completions.list(after=oldest[3])] == [oldest[4]]
    assert list(api.chat.completions.list(model="nobody")) == []
    assert not set(made) & {completion.id for completion in other.chat.completions.list(limit=100)}
    refused(lambda: other.chat.completions.list(after=made[0]), "after")
    changed = api.chat.completions.update(made[0], metadata={"changed": "yes"})
    assert changed.metadata == {"changed": "yes"} and changed == api.chat.completions.retrieve(made[0]), changed
    assert [c.id for c in api.chat.completions.list(metadata={"changed": "yes"})] == [made[0]]
    refused(lambda: other.chat.completions.update(made[0], metadata={}), None, 404, openai.NotFoundError)


def a_kept_completion_is_a_response(server):
    api, other = api_of(server), api_of(server, KEY_B)
    plain = api.chat.completions.create(model="echo", messages=say("x"))
    refused(lambda: api.chat.completions.retrieve(plain.id), None, 404, openai.NotFoundError)
    messages = [{"role": "developer", "content": "Be brief."}, *say("remember lapis")]
    kept = api.chat.completions.create(model="echo", messages=messages, store=True, metadata={"topic": "stones"})
    assert kept.metadata == {"topic": "stones"}, kept
    server.restart()
    api, other = api_of(server), api_of(server, KEY_B)
    raw = api.chat.completions.with_raw_response.retrieve(kept.id)
    assert ChatCompletion.model_validate_json(raw.http_response.text) == kept
    listed = list(api.chat.completions.messages.list(kept.id, limit=1, order="asc"))
    assert [(m.role, m.content) for m in listed] == [("developer", "Be brief."), ("user", "remember lapis")], listed
    # One history: it goes on as a response, by either form of its id.
    for identifier in (kept.id, kept.id.replace("chatcmpl-", "resp_")):
        on = api.responses.create(model="count", input="and now?", previous_response_id=identifier)
        assert on.output_text == "4 items: developer user assistant user", on.output_text
        assert on.previous_response_id == kept.id.replace("chatcmpl-", "resp_"), on
        assert api.responses.input_tokens.count(
            model="echo", input="x", previous_response_id=identifier).input_tokens > 3
    for call in (
        other.chat.completions.retrieve, other.chat.completions.delete, other.chat.completions.messages.list,
    ):
        refused(lambda: call(kept.id), None, 404, openai.NotFoundError)
    chunks, _ = streamed(api, model="echo", messages=say("streamed"), store=True)
    assert api.chat.completions.retrieve(chunks[0].id).choices[0].message.content == "streamed"
    gone = api.chat.completions.delete(kept.id)
    assert gone.deleted and gone.id == kept.id and gone.object == "chat.completion.deleted", gone
    refused(lambda: api.chat.completions.retrieve(kept.id), None, 404, openai.NotFoundError)


def the_servers_calls_are_not_shown(server):
    api = api_of(server)
    asked = '{"data":"123456789"}'
    whole = api.chat.completions.create(model="tool", messages=say(asked)).choices[0]
    chunks, text = streamed(api, model="tool", messages=say(asked))
    assert whole.message.content == text == "3421780262" and whole.message.tool_calls is None, whole
    assert whole.finish_reason == chunks[-1].choices[0].finish_reason == "stop", whole
    assert not any(chunk.choices[0].delta.tool_calls for chunk in chunks), chunks


def agents_and_many_at_once(server):
    """Streams at once, each with its own text, and the Agents SDK with a model of chat."""

    @function_tool
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return f"{city}: 18 degrees"

    async def streams(api, number):
        asked = f"a b c {number} every 10"
        stream = await api.chat.completions.create(model="slow", messages=say(asked), stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == asked

    async def run():
        async with AsyncOpenAI(base_url=server.url, api_key=KEY_A, max_retries=0, timeout=600) as api:
            await asyncio.gather(*(streams(api, number) for number in range(30)))
            model = OpenAIChatCompletionsModel(model="tool", openai_client=api)
            agent = Agent(name="a", instructions="Be brief.", model=model, tools=[get_weather])
            assert (await Runner.run(agent, "weather?")).final_output == "Paris: 18 degrees"
            followed = Runner.run_streamed(agent, "weather?")
            async for _ in followed.stream_events():
                pass
            assert followed.final_output == "Paris: 18 degrees", followed

    set_tracing_disabled(True)
    asyncio.run(run())


def a_local_model_answers(server):
    api = api_of(server)
    options = dict(model="smollm2", temperature=0, max_completion_tokens=20)
    whole = api.chat.completions.create(messages=say("Tell me about the sea."), **options)
    assert whole.choices[0].message.content.strip() and whole.usage.prompt_tokens > 0, whole
    _, text = streamed(api, messages=say("Tell me about the sea."), **options)
    assert text == whole.choices[0].message.content, (text, whole)


def tests(configuration):
    """The tests, for a server with this configuration; each has a name, as those of run.py have."""

    def test(checks, more=""):
        def run(folder):
            with Server(folder, configuration + more) as server:
                checks(server)

        run.__name__ = "chat_" + checks.__name__
        return run

    return [
        test(answers_streamed_and_not), test(the_stream_helper_knows_the_events), test(tools_make_a_round_trip),
        test(shapes_and_images_reach_the_provider), test(errors_are_the_clients_classes),
        test(several_choices_are_answered_side_by_side), test(kept_completions_are_listed),
        test(a_kept_completion_is_a_response), test(the_servers_calls_are_not_shown, CRC32),
        test(agents_and_many_at_once),
    ]
