"""The official `anthropic` client."""

import json

import anthropic
import pydantic
from anthropic import Anthropic
from anthropic.types import Message, MessageTokensCount, ModelInfo, RawMessageStreamEvent

from chat import CRC32, PIXEL
from patchbay import KEY_A, Server

WEATHER = {
    "name": "get_weather", "description": "The weather of a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
TIME = {
    "name": "get_time",
    "input_schema": {"type": "object", "properties": {"zone": {"type": "string"}}, "required": ["zone"]},
}
EVENTS = pydantic.TypeAdapter(RawMessageStreamEvent)


def api_of(server, key=KEY_A):
    return Anthropic(base_url=server.url.removesuffix("/v1"), api_key=key, max_retries=0, timeout=600)


def say(text):
    return [{"role": "user", "content": text}]


def create(api, model, messages, **more):
    """The answer, read with validation: the client builds its objects without a look."""
    raw = api.messages.with_raw_response.create(model=model, max_tokens=1000, messages=messages, **more)
    return Message.model_validate_json(raw.http_response.read())


def events(api, model, messages, **more):
    """The events of a stream as they are on the wire, with the rules of their order checked."""
    raw = api.messages.with_raw_response.create(model=model, max_tokens=1000, messages=messages, stream=True, **more)
    seen = []
    for frame in raw.http_response.read().decode().strip().split("\n\n"):
        name, data = frame.split("\n", 1)
        event = json.loads(data.removeprefix("data: "))
        assert name == "event: " + event["type"], frame
        if event["type"] not in ("ping", "error"):
            EVENTS.validate_python(event)
        seen.append(event)
    kinds = [event["type"] for event in seen]
    assert kinds[:2] == ["message_start", "ping"] and kinds.count("message_start") == 1, kinds
    open_block, number = None, 0
    for event in seen:
        match event["type"]:
            case "content_block_start":
                assert open_block is None and event["index"] == number, event
                open_block = number
            case "content_block_delta":
                assert event["index"] == open_block, event
            case "content_block_stop":
                assert event["index"] == open_block, event
                open_block, number = None, number + 1
    if "error" not in kinds:
        assert kinds[-2:] == ["message_delta", "message_stop"] and open_block is None, kinds
    return seen


def streamed(api, model, messages, **more):
    """The message that the stream helper makes of the events, which are in order."""
    events(api, model, messages, **more)
    with api.messages.stream(model=model, max_tokens=1000, messages=messages, **more) as stream:
        return stream.get_final_message()


def contents(message):
    """What both forms of an answer say alike."""
    return [block.model_dump(exclude={"parsed_output"}, exclude_none=True) for block in message.content], message.stop_reason


def refused(call, kind, status, name, word=""):
    try:
        call()
    except kind as error:
        assert error.status_code == status and error.body["type"] == "error", error
        assert error.body["error"]["type"] == name and word in error.body["error"]["message"], error.body
        assert error.request_id, error
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def answers_streamed_and_not(server):
    api = api_of(server)
    for model, reason in (
        ("echo", "end_turn"), ("length", "max_tokens"), ("filter", "refusal"), ("refuse", "refusal"), ("reason", "end_turn"),
        ("unicode", "end_turn"), ("parts", "end_turn"), ("silent", "end_turn"), ("item", "end_turn"),
    ):
        whole = create(api, model, say("one two three"), system="Be brief.")
        assert whole.stop_reason == reason and whole.role == "assistant" and whole.id.startswith("msg_"), whole
        again = streamed(api, model, say("one two three"), system="Be brief.")
        assert contents(again) == contents(whole), (model, contents(again), contents(whole))
        assert again.usage.output_tokens == whole.usage.output_tokens, model
    whole = create(api, "echo", say("one two three"))
    assert whole.content[0].text == "one two three" and whole.usage.output_tokens == 3 and whole.usage.input_tokens == 3, whole
    with api.messages.stream(model="echo", max_tokens=9, messages=say("one two three")) as stream:
        assert "".join(stream.text_stream) == "one two three"


def thinking_goes_both_ways(server):
    api = api_of(server)
    for whole in (
        create(api, "reason", say("why"), thinking={"type": "enabled", "budget_tokens": 1024}),
        streamed(api, "reason", say("why"), thinking={"type": "enabled", "budget_tokens": 1024}),
    ):
        thought = whole.content[0]
        assert thought.type == "thinking" and thought.thinking and thought.signature, whole
        assert whole.content[-1].text == "why", whole
        body = json.loads(create(api, "dump", [
            *say("why"), {"role": "assistant", "content": [
                *whole.content, {"type": "redacted_thinking", "data": "opaque"}]}, *say("go on")]).content[0].text)
        kinds = [item["type"] for item in body["input"]]
        assert kinds == ["message", "reasoning", "message", "reasoning", "message"], kinds
        assert body["input"][1]["content"][0]["text"] == thought.thinking, body
        assert body["input"][1]["encrypted_content"] == thought.signature, body
        assert body["input"][3]["encrypted_content"] == "opaque", body


def tools_make_a_round_trip(server):
    api = api_of(server)
    asked = say("What is the weather in Paris?")
    whole = create(api, "tools", asked, tools=[WEATHER, TIME])
    assert whole.stop_reason == "tool_use", whole
    assert [(block.type, block.name, block.input) for block in whole.content] == [
        ("tool_use", "get_weather", {"city": "Paris"}), ("tool_use", "get_time", {"zone": "London"})], whole
    assert contents(streamed(api, "tools", asked, tools=[WEATHER, TIME])) == contents(whole)
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": [{"type": "text", "text": f"{block.name}: 18 degrees"}]}
        for block in whole.content]
    turns = [*asked, {"role": "assistant", "content": whole.content}, {"role": "user", "content": results}]
    assert create(api, "tools", turns, tools=[WEATHER, TIME]).content[0].text == "get_time: 18 degrees"
    assert create(api, "count", turns).content[0].text == \
        "5 items: user function_call function_call function_call_output function_call_output"
    results[0]["is_error"] = True
    body = json.loads(create(api, "dump", turns).content[0].text)
    assert body["input"][3]["is_error"] is True and "is_error" not in body["input"][4], body
    named = create(api, "tool", asked, tools=[WEATHER, TIME], tool_choice={"type": "tool", "name": "get_time"})
    assert named.content[0].name == "get_time", named
    refused(lambda: create(api, "tool", asked, tools=[WEATHER], tool_choice={"type": "tool", "name": "no"}),
            anthropic.BadRequestError, 400, "invalid_request_error", "no")


def images_documents_and_marks_reach_the_provider(server):
    api = api_of(server)
    mark = {"type": "ephemeral"}
    content = [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL.split(",")[1]}},
        {"type": "document", "title": "A", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="}},
        {"type": "text", "text": "What is it?", "cache_control": mark}]
    body = json.loads(create(
        api, "dump", [{"role": "user", "content": content}], system=[{"type": "text", "text": "Brief.", "cache_control": mark}],
        stop_sequences=["END"], metadata={"user_id": "u"}, extra_body={"top_k": 5, "unknown": {"kept": 1}},
        extra_headers={"anthropic-beta": "something-2026-01-01"}).content[0].text)
    assert body["input"][0]["role"] == "system" and body["input"][0]["content"][0]["cache_control"] == mark, body
    image, document, text = body["input"][1]["content"]
    assert image == {"type": "input_image", "image_url": PIXEL}, image
    assert document == {"type": "input_file", "filename": "A", "file_data": "data:application/pdf;base64,JVBERg=="}, document
    assert text == {"type": "input_text", "text": "What is it?", "cache_control": mark}, text
    assert (body["stop"], body["top_k"], body["user"]) == (["END"], 5, "u") and body["anthropic"] == {"unknown": {"kept": 1}}


def tokens_and_models_are_known(server):
    api = api_of(server)
    raw = api.messages.with_raw_response.count_tokens(model="echo", messages=say("one two three"), system="Be brief.")
    assert MessageTokensCount.model_validate_json(raw.http_response.read()).input_tokens == 5
    server.configure(server.configuration.replace('name: "*"', "name: echo"))
    server.restart()
    api = api_of(server)
    raw = api.models.with_raw_response.retrieve("echo")
    model = ModelInfo.model_validate_json(raw.http_response.read())
    assert [m for m in api.models.list()] == [model] and model.id == "echo", model
    refused(lambda: api.models.retrieve("none"), anthropic.NotFoundError, 404, "not_found_error")
    refused(lambda: create(api, "none", say("x")), anthropic.NotFoundError, 404, "not_found_error")


def errors_are_the_clients_classes(server):
    api = api_of(server)
    refused(lambda: create(api_of(server, "wrong"), "echo", say("x")), anthropic.AuthenticationError, 401, "authentication_error")
    refused(lambda: api_of(server, "wrong").models.list(), anthropic.AuthenticationError, 401, "authentication_error")
    refused(lambda: create(api, "echo", say("x"), extra_body={"temperature": 9}), anthropic.BadRequestError, 400, "invalid_request_error",
            "temperature")
    refused(lambda: create(api, "echo", [{"role": "user", "content": [{"type": "video"}]}]), anthropic.BadRequestError, 400,
            "invalid_request_error", "messages[0].content[0].type")
    for word, kind, status, name in (
        ("ratelimit", anthropic.RateLimitError, 429, "rate_limit_error"),
        ("overloaded", anthropic.APIStatusError, 503, "overloaded_error"),
        ("invalid", anthropic.BadRequestError, 400, "invalid_request_error"),
        ("auth", anthropic.InternalServerError, 502, "api_error"),
    ):
        refused(lambda: create(api, "fail", say(word)), kind, status, name)
        refused(lambda: events(api, "fail", say(word)), kind, status, name)
    seen = events(api, "fail_after", say("overloaded"))
    assert seen[-1]["type"] == "error" and seen[-1]["error"]["type"] == "overloaded_error", seen[-1]
    try:
        streamed_text = []
        with api.messages.stream(model="fail_after", max_tokens=9, messages=say("overloaded")) as stream:
            for text in stream.text_stream:
                streamed_text.append(text)
        raise AssertionError("no error")
    except anthropic.APIStatusError as error:
        assert "".join(streamed_text) == "It began well" and error.body["error"]["type"] == "overloaded_error", error
    # A Bearer token does as well as the header of a key.
    bearer = Anthropic(base_url=server.url.removesuffix("/v1"), auth_token=KEY_A, api_key=None, max_retries=0)
    assert create(bearer, "echo", say("x")).content[0].text == "x"


def the_servers_calls_are_not_shown(server):
    api = api_of(server)
    asked = say('{"data":"123456789"}')
    whole = create(api, "tool", asked)
    assert [(block.type, block.text) for block in whole.content] == [("text", "3421780262")], whole
    assert whole.stop_reason == "end_turn" and contents(streamed(api, "tool", asked)) == contents(whole), whole


def a_local_model_answers(server):
    api = api_of(server)
    options = dict(
        model="smollm2", max_tokens=20, messages=say("Tell me about the sea."), extra_body={"temperature": 0})
    whole = api.messages.create(**options)
    assert whole.content[0].text.strip() and whole.usage.output_tokens > 0, whole
    with api.messages.stream(**options) as stream:
        assert "".join(stream.text_stream) == whole.content[0].text, whole


def tests(configuration):
    """The tests, for a server with this configuration; each has a name, as those of run.py have."""

    def test(checks, more=""):
        def run(folder):
            with Server(folder, configuration + more) as server:
                server.configuration = configuration
                checks(server)

        run.__name__ = "messages_" + checks.__name__
        return run

    return [
        test(answers_streamed_and_not), test(thinking_goes_both_ways), test(tools_make_a_round_trip),
        test(images_documents_and_marks_reach_the_provider), test(tokens_and_models_are_known),
        test(errors_are_the_clients_classes), test(the_servers_calls_are_not_shown, CRC32),
    ]
