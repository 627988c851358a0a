"""The official `openai` client and what is built on it against a real server: run.py FOLDER [TEST...].

FOLDER: where the executable and the plugins are.

PATCHBAY_MODEL names the GGUF file of the local model.
"""

import asyncio
import os
import signal
import sys
import traceback

import openai
import pydantic
from openai import OpenAI

import background
import chat
import comply
import conversations
import embeddings
import messages
import models
import providers
import sockets
import with_agents
from patchbay import KEY_A, KEY_B, Server
from transcripts import answers_are_of_the_clients_types, transcripts_are_of_the_clients_types

SCRIPTED = f"""
    plugins:
      - {{name: scripted, library: libpatchbay_scripted.so}}
      - {{name: history, library: libpatchbay_sqlite.so, config: {{path: ./patchbay.db}}}}
    models:
      - {{name: "*", provider: scripted}}
    storage: {{plugin: history}}
    keys:
      - {{name: a, key: {KEY_A}}}
      - {{name: b, key: {KEY_B}}}
"""

LOCAL = f"""
    plugins:
      - {{name: local, library: libpatchbay_llama.so, config: {{model: "{os.environ.get('PATCHBAY_MODEL', '')}"}}}}
      - {{name: history, library: libpatchbay_sqlite.so, config: {{path: ./patchbay.db}}}}
    models:
      - {{name: smollm2, provider: local}}
    storage: {{plugin: history}}
    keys:
      - {{name: a, key: {KEY_A}}}
      - {{name: b, key: {KEY_B}}}
"""

WEATHER = {
    "type": "function", "name": "get_weather", "description": "The weather of a city.", "strict": True,
    "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
        "additionalProperties": False},
}


def client(server, key=KEY_A):
    return OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=600)


def streamed(api, **request):
    """The events of a stream, with its rules checked, and its last response."""
    events = list(api.responses.create(stream=True, **request))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    terminal = [e for e in events if e.type in ("response.completed", "response.incomplete", "response.failed")]
    assert len(terminal) == 1 and terminal[0] is events[-1], [event.type for event in events]
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == terminal[0].response.output_text
    return events, terminal[0].response


def raises(kind, call, status, code=None, param=None):
    try:
        call()
    except kind as error:
        assert error.status_code == status, error
        assert code is None or error.code == code, error.code
        assert param is None or error.param == param, error.param
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def a_streamed_chain_with_a_tool_survives_a_restart(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        events, first = streamed(api, model="tool", input="What is the weather in Paris?", tools=[WEATHER])
        call = next(item for item in first.output if item.type == "function_call")
        arguments = "".join(e.delta for e in events if e.type == "response.function_call_arguments.delta")
        assert call.name == "get_weather" and call.arguments == arguments
        server.restart(signal.SIGKILL)
        api = client(server)
        _, second = streamed(
            api, model="tool", previous_response_id=first.id, tools=[WEATHER],
            input=[{"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees, sunny"}])
        assert "18 degrees, sunny" in second.output_text
        assert second.previous_response_id == first.id
        server.restart()
        api = client(server)
        assert api.responses.retrieve(second.id).output_text == second.output_text
        items = list(api.responses.input_items.list(second.id, order="asc", limit=2))
        assert [item.type for item in items] == ["message", "function_call", "function_call_output"], items


def a_chain_belongs_to_its_key(folder):
    with Server(folder, SCRIPTED) as server:
        mine, other = client(server), client(server, KEY_B)
        response = mine.responses.create(model="echo", input="secret")
        for call in (
            lambda: other.responses.retrieve(response.id),
            lambda: other.responses.delete(response.id),
            lambda: other.responses.input_items.list(response.id),
        ):
            raises(openai.NotFoundError, call, 404)
        raises(
            openai.NotFoundError,
            lambda: other.responses.create(model="echo", input="x", previous_response_id=response.id), 404,
            "previous_response_not_found", "previous_response_id")
        assert mine.responses.create(model="count", input="x", previous_response_id=response.id).output_text == \
            "3 items: user assistant user"
        mine.responses.delete(response.id)
        raises(openai.NotFoundError, lambda: mine.responses.retrieve(response.id), 404)


def errors_are_the_clients_classes(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        create = api.responses.create
        raises(openai.AuthenticationError, lambda: client(server, "wrong").models.list(), 401)
        raises(openai.BadRequestError, lambda: create(model="echo", input="x", temperature=9), 400, param="temperature")
        error = raises(openai.RateLimitError, lambda: create(model="fail", input="ratelimit"), 429)
        assert int(error.response.headers["retry-after"]) > 0
        raises(openai.RateLimitError, lambda: create(model="fail", input="ratelimit", stream=True), 429)
        raises(openai.BadRequestError, lambda: create(model="fail", input="context"), 400, "context_length_exceeded")
        raises(openai.InternalServerError, lambda: create(model="fail", input="auth"), 502)
        _, failed = streamed(api, model="fail_after", input="x")
        assert failed.status == "failed" and failed.error is not None


def the_stream_helper_and_the_models(folder):
    with Server(folder, SCRIPTED.replace('name: "*"', "name: echo")) as server:
        api = client(server)
        assert [model.id for model in api.models.list()] == ["echo"]
        raises(openai.NotFoundError, lambda: api.responses.create(model="none", input="x"), 404, "model_not_found")
        with api.responses.stream(model="echo", input="one two three") as stream:
            for _ in stream:
                pass
            assert stream.get_final_response().output_text == "one two three"


def the_stream_helper_parses(folder):
    class Point(pydantic.BaseModel):
        x: int

    with Server(folder, SCRIPTED) as server:
        api = client(server)
        with api.responses.stream(model="tool", input="x", tools=[WEATHER]) as stream:
            for _ in stream:
                pass
            call = stream.get_final_response().output[0]
        assert (call.name, call.arguments) == ("get_weather", '{"city":"Paris"}'), call
        with api.responses.stream(model="echo", input='{"x":7}', text_format=Point) as stream:
            text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
            assert (text, stream.get_final_response().output_parsed) == ('{"x":7}', Point(x=7))


def input_items_are_paged(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        items = [{"role": "user", "content": str(number)} for number in range(45)]
        response = api.responses.create(model="echo", input=items)
        for order, expected in (("asc", list(range(45))), ("desc", list(range(44, -1, -1)))):
            pages = api.responses.input_items.list(response.id, order=order, limit=7)
            assert [int(item.content[0].text) for item in pages] == expected, order


def as_input(items):
    """Output items as they are given back in a request."""
    return [item.model_dump(exclude_none=True, warnings=False) for item in items]


def a_compacted_conversation_goes_on(folder):
    with Server(folder, SCRIPTED + "    compaction: {model: echo}\n") as server:
        api = client(server)
        first = api.responses.create(model="echo", input="remember the word lapis")
        compacted = api.responses.compact(model="echo", previous_response_id=first.id)
        assert compacted.object == "response.compaction" and compacted.usage.total_tokens > 0, compacted
        assert [item.type for item in compacted.output] == ["message", "compaction"], compacted.output
        assert "lapis" not in compacted.output[1].encrypted_content
        server.restart(signal.SIGKILL)
        api = client(server)
        window = as_input(compacted.output) + [{"role": "user", "content": "go on"}]
        events, answer = streamed(api, model="dump", input=window)
        assert "lapis" in answer.output_text and "pbc1." not in answer.output_text
        raises(
            openai.BadRequestError, lambda: client(server, KEY_B).responses.create(model="echo", input=window), 400,
            "invalid_compaction_item", "input[1].encrypted_content")
        rule = [{"type": "compaction", "compact_threshold": 20}]
        long = api.responses.create(model="count", input="many words " * 40)
        events, answer = streamed(
            api, model="count", input="and now?", previous_response_id=long.id, context_management=rule)
        assert [item.type for item in answer.output] == ["compaction", "message"], answer.output
        assert [e.type for e in events[2:5]] == [
            "response.output_item.added", "response.compaction.compacting", "response.output_item.done"]
        assert api.responses.retrieve(answer.id).output == answer.output


def tokens_are_counted_without_an_answer(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        count = api.responses.input_tokens.count
        assert count(model="echo", input="one two three").input_tokens == 3
        first = api.responses.create(model="echo", input="one two three")
        more = count(model="echo", input="four", previous_response_id=first.id, instructions="be brief")
        assert more.input_tokens == 9 and more.object == "response.input_tokens", more
        guess = count(model="uncounted", input="one two three")
        assert guess.input_tokens > 2 and guess.model_extra == {"estimated": True}, guess
        raises(openai.NotFoundError, lambda: count(model="echo", input="x", previous_response_id="resp_no"), 404,
               "previous_response_not_found", "previous_response_id")


def responses_have_the_clients_types(folder):
    with Server(folder, SCRIPTED) as server:
        answers_are_of_the_clients_types(client(server), [WEATHER])


def websocket_mode(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        sockets.a_tool_is_used_over_a_websocket(api, WEATHER)
        sockets.sockets_are_handled_by_events(api)
        sockets.parallel_chains(server, KEY_A)
        sockets.a_socket_without_a_key_is_refused(api)
        sockets.draining_closes_with_1001(server, api)
    with Server(folder, SCRIPTED + "    server: {websocket: {enabled: false}}\n") as server:
        sockets.a_socket_is_refused_where_they_are_off(client(server))


def background_and_resume(folder):
    with Server(folder, SCRIPTED) as server:
        api = client(server)
        background.polling_to_the_end(api)
        background.a_cancelled_response_stays_so(api)
        background.a_lost_stream_is_taken_up_again(api)
        background.parsing(api)
        asyncio.run(background.everything_at_once(server.url, KEY_A))


def agents_run(folder):
    with Server(folder, SCRIPTED) as server:
        asyncio.run(with_agents.everything(server.url, KEY_A))


def open_responses_comply(folder):
    reasoning = '- {name: gpt-5-reasoning, provider: scripted, upstream_model: reason}'
    with Server(folder, SCRIPTED.replace("models:", f"models:\n      {reasoning}") + "    compaction: {model: echo}\n") as server:
        comply.check(server, KEY_A)


def chat_and_messages_comply(folder):
    models = "".join(
        f"\n      - {{name: {name}, provider: scripted, upstream_model: reason}}" for name in ("gpt-5-reasoning", "claude-sonnet-4"))
    with Server(folder, SCRIPTED.replace("models:", "models:" + models)) as server:
        comply.check_chat(server, KEY_A)
        comply.check_messages(server, KEY_A)


def the_servers_tools_are_run(folder):
    tool = """
    tools:
      - name: absolute
        description: The absolute value of a number.
        ffi: {library: libc.so.6, symbol: labs, trust: in_process, args: [{name: value, type: long}], returns: long}
"""
    with Server(folder, SCRIPTED + tool) as server:
        api = client(server)
        events, first = streamed(api, model="tool", input='{"value": -7}')
        assert [item.type for item in first.output] == ["function_call", "function_call_output", "message"], first.output
        call, output, _ = first.output
        assert output.call_id == call.call_id and output.id.startswith("fco_"), output
        assert output.output == "7" and first.output_text == "7" and first.tools == [], first
        done = [event.item for event in events if event.type == "response.output_item.done"]
        assert [item.id for item in done] == [item.id for item in first.output]
        assert api.responses.retrieve(first.id).output == first.output
        # One call is the client's, the other the server's; the response ends for the client to answer.
        second = api.responses.create(
            model="tools", input="x", tools=[WEATHER], previous_response_id=first.id)
        assert [item.type for item in second.output] == ["function_call", "function_call", "function_call_output"], second
        own = next(item for item in second.output if item.type == "function_call" and item.name == WEATHER["name"])
        third = api.responses.create(
            model="tools", tools=[WEATHER], previous_response_id=second.id,
            input=[{"type": "function_call_output", "call_id": own.call_id, "output": "sunny"}])
        assert third.output_text == "sunny", third


def the_local_model_answers_and_remembers(folder):
    with Server(folder, LOCAL) as server:
        api = client(server)
        options = dict(model="smollm2", temperature=0, max_output_tokens=40)
        events, first = streamed(api, input="Tell me about the sea.", **options)
        assert first.output_text.strip() and first.usage.input_tokens > 0
        _, second = streamed(api, input="And the mountains?", previous_response_id=first.id, **options)
        cached = second.usage.input_tokens_details.cached_tokens
        # All of the first turn is in the cache, but for its very end, which the template closes.
        assert cached >= first.usage.input_tokens + first.usage.output_tokens - 4, (cached, first.usage, second.usage)
        count = api.responses.input_tokens.count(
            model="smollm2", input="And the mountains?", previous_response_id=first.id)
        assert count.input_tokens == second.usage.input_tokens and not count.model_extra, (count, second.usage)
        compacted = api.responses.compact(model="smollm2", previous_response_id=second.id)
        on = api.responses.create(
            input=as_input(compacted.output) + [{"role": "user", "content": "Go on."}], **options)
        assert on.output_text.strip(), on
        server.restart()
        api = client(server)
        _, third = streamed(api, input="Go on.", previous_response_id=second.id, **options)
        assert third.usage.input_tokens > second.usage.input_tokens
        raises(
            openai.NotFoundError,
            lambda: client(server, KEY_B).responses.create(input="x", previous_response_id=second.id, **options), 404)
        schema = {"type": "object", "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
                  "required": ["colour"], "additionalProperties": False}
        shaped = api.responses.create(
            input="Which colour is the sky?", text={"format": {"type": "json_schema", "name": "c", "schema": schema}},
            **options)
        assert shaped.output_text.replace(" ", "").replace("\n", "") in ('{"colour":"red"}', '{"colour":"blue"}'), shaped


def the_local_model_answers_chat_and_messages(folder):
    with Server(folder, LOCAL) as server:
        chat.a_local_model_answers(server)
        messages.a_local_model_answers(server)


TESTS = [
    a_streamed_chain_with_a_tool_survives_a_restart,
    a_chain_belongs_to_its_key,
    errors_are_the_clients_classes,
    the_stream_helper_and_the_models,
    the_stream_helper_parses,
    input_items_are_paged,
    *models.TESTS,
    *conversations.tests(SCRIPTED),
    a_compacted_conversation_goes_on,
    tokens_are_counted_without_an_answer,
    responses_have_the_clients_types,
    transcripts_are_of_the_clients_types,
    websocket_mode,
    background_and_resume,
    agents_run,
    the_servers_tools_are_run,
    *chat.tests(SCRIPTED),
    *messages.tests(SCRIPTED),
    *embeddings.tests(SCRIPTED),
    *providers.tests(),
    open_responses_comply,
    chat_and_messages_comply,
    the_local_model_answers_and_remembers,
    the_local_model_answers_chat_and_messages,
]


def main():
    passed = 0
    for test in TESTS:
        if sys.argv[2:] and test.__name__ not in sys.argv[2:]:
            continue
        try:
            test(sys.argv[1])
        except Exception:
            traceback.print_exc()
            print(f"FAIL {test.__name__}")
            print(f"{passed} passed, 1 failed")
            return 1
        print(f"ok {test.__name__}")
        passed += 1
    print(f"{passed} passed, 0 failed")
    return 0


sys.exit(main())
