"""The official clients, with their own helpers, through each provider plugin to an upstream of its API (upstreams.py)."""

import asyncio
import concurrent.futures
import json

import anthropic
import openai
import pydantic
from anthropic import Anthropic, AsyncAnthropic, beta_tool
from anthropic.types import Message
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from chat import PIXEL, TIME, WEATHER
from patchbay import Server
from upstream_model import SIGNATURES, USAGE
from upstreams import Upstream

APIS = ("chat", "responses", "messages", "gemini")
FLAT = [{"type": "function", **tool["function"]} for tool in (WEATHER, TIME)]
CLAUDES = [{"name": tool["name"], "input_schema": tool["parameters"]} for tool in FLAT]
CALLS = [("get_weather", {"city": "Paris"}), ("get_time", {"zone": "London"})]
PICTURE, PAPER = PIXEL.split(",")[1], "JVBERi0xLjQK"
THOUGHT = "I think, so I am."


WORDS = "a long text of many words, " * 4


class Point(pydantic.BaseModel):
    x: int


class Weather(pydantic.BaseModel):
    city: str


def clients(server, **more):
    options = {"api_key": "k", "max_retries": 0, "timeout": 60, **more}
    return OpenAI(base_url=server.url, **options), Anthropic(base_url=server.url.removesuffix("/v1"), **options)


def say(text):
    return [{"role": "user", "content": text}]


def texts_streamed_and_not(server, upstream):
    """The text, the tokens and the end of an answer, whole and by the helpers' snapshots."""
    openais, claude = clients(server)
    for api in APIS:
        for model, reason, claudes, status in (("text", "stop", "end_turn", "completed"), ("length", "length", "max_tokens", "incomplete")):
            asked = dict(model=f"{api}/{model}", messages=[{"role": "system", "content": "Be brief."}, *say("Why is the sky blue?")])
            raw = openais.chat.completions.with_raw_response.create(**asked)
            whole = ChatCompletion.model_validate_json(raw.text if isinstance(raw.text, str) else raw.text())
            with openais.chat.completions.stream(**asked, stream_options={"include_usage": True}) as stream:
                snapshots = [event.snapshot for event in stream if event.type == "content.delta"]
                try:
                    kept = stream.get_final_completion()
                except openai.LengthFinishReasonError as error:
                    kept = error.completion
            for answer in (whole, kept):
                assert answer.choices[0].message.content == "Why is the sky blue?", (api, answer)
                assert answer.choices[0].finish_reason == reason, (api, answer)
                assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == USAGE, (api, answer)
            assert snapshots[-1] == "Why is the sky blue?" and upstream.ask.system == ["Be brief."], (api, snapshots, upstream.ask.body)
            asked = dict(model=f"{api}/{model}", input="Why is the sky blue?", instructions="Be brief.", store=False)
            whole = Response.model_validate(openais.responses.create(**asked).model_dump())
            with openais.responses.stream(**asked) as stream:
                snapshots = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
                kept = stream.get_final_response() if status == "completed" else None
            for answer in (whole, kept or whole):
                assert (answer.output_text, answer.status) == ("Why is the sky blue?", status), (api, answer)
                assert (answer.usage.input_tokens, answer.usage.output_tokens) == USAGE, (api, answer)
            assert snapshots[-1] == "Why is the sky blue?", (api, snapshots)
            asked = dict(model=f"{api}/{model}", max_tokens=99, messages=say("Why is the sky blue?"), system="Be brief.")
            whole = Message.model_validate(claude.messages.create(**asked).model_dump())
            with claude.messages.stream(**asked) as stream:
                snapshots = [event.snapshot for event in stream if event.type == "text"]
                kept = stream.get_final_message()
            for answer in (whole, kept):
                assert ([b.text for b in answer.content], answer.stop_reason) == (["Why is the sky blue?"], claudes), (api, answer)
                assert (answer.usage.input_tokens, answer.usage.output_tokens) == USAGE, (api, answer)
            assert snapshots[-1] == "Why is the sky blue?" and upstream.ask.system == ["Be brief."], (api, snapshots)


def refusals_and_stops(server, upstream):
    openais, claude = clients(server)
    for api in APIS:
        whole = openais.chat.completions.create(model=f"{api}/refusal", messages=say("x")).choices[0]
        chunks = list(openais.chat.completions.create(model=f"{api}/refusal", messages=say("x"), stream=True))
        streamed = "".join(c.choices[0].delta.refusal or "" for c in chunks if c.choices)
        assert (whole.message.refusal or "") == streamed and whole.finish_reason == chunks[-1].choices[0].finish_reason, (api, whole)
        if api in ("chat", "responses"): assert streamed == "I can't.", (api, whole)
        else: assert whole.finish_reason == "content_filter" or whole.message.refusal, (api, whole)
        assert claude.messages.create(model=f"{api}/refusal", max_tokens=9, messages=say("x")).stop_reason == "refusal", api
        if api == "responses": continue
        said = claude.messages.create(model=f"{api}/stopped", max_tokens=9, messages=say("x"), stop_sequences=["END"])
        assert said.content[0].text == "before " and upstream.ask.stops == ["END"], (api, said)
        if api == "messages": assert (said.stop_reason, said.stop_sequence) == ("stop_sequence", "END"), said
        openais.chat.completions.create(model=f"{api}/stopped", messages=say("x"), stop="END")
        assert upstream.ask.stops == ["END"], api


def calls_make_a_round_trip(server, upstream):
    """Parallel calls, whole and streamed, and what the model makes of their results."""
    openais, claude = clients(server)
    for api in APIS:
        model = f"{api}/calls"
        asked = say("Weather and time?")
        whole = openais.chat.completions.create(model=model, messages=asked, tools=[WEATHER, TIME]).choices[0]
        strict = [openai.pydantic_function_tool(Weather, name="get_weather")]
        with openais.chat.completions.stream(model=f"{api}/call", messages=asked, tools=strict) as stream:
            done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        assert [(e.name, e.parsed_arguments) for e in done] == [("get_weather", Weather(city="Paris"))], (api, done)
        assert whole.finish_reason == "tool_calls", (api, whole)
        calls = whole.message.tool_calls
        assert [(c.function.name, json.loads(c.function.arguments)) for c in calls] == CALLS, (api, calls)
        assert len({c.id for c in calls}) == 2, calls
        results = [{"role": "tool", "tool_call_id": c.id, "content": c.function.name} for c in calls]
        final = openais.chat.completions.create(model=model, messages=[*asked, whole.message, *results], tools=[WEATHER, TIME])
        assert final.choices[0].message.content == "get_weather; get_time", (api, final)
        with openais.responses.stream(model=model, input="x", tools=FLAT, store=False) as stream:
            deltas = [event for event in stream if event.type == "response.function_call_arguments.delta"]
            output = stream.get_final_response().output
        items = [item for item in output if item.type == "function_call"]
        assert [(c.name, json.loads(c.arguments)) for c in items] == CALLS and deltas, (api, output)
        results = [{"type": "function_call_output", "call_id": c.call_id, "output": c.name} for c in items]
        back = [item.model_dump(exclude_none=True, warnings=False) for item in output]
        for item in back: item.pop("parsed_arguments", None)
        final = openais.responses.create(model=model, input=[*asked, *back, *results], tools=FLAT, store=False)
        assert final.output_text == "get_weather; get_time", (api, final)
        with claude.messages.stream(model=model, max_tokens=99, messages=asked, tools=CLAUDES) as stream:
            snapshots = [event.snapshot for event in stream if event.type == "input_json"]
            message = stream.get_final_message()
        assert [(b.name, b.input) for b in message.content] == CALLS and message.stop_reason == "tool_use", (api, message)
        assert snapshots[-1] == CALLS[1][1], (api, snapshots)
        results = [{"type": "tool_result", "tool_use_id": b.id, "content": b.name} for b in message.content]
        turns = [*asked, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
        final = claude.messages.create(model=model, max_tokens=99, messages=turns, tools=CLAUDES)
        assert final.content[0].text == "get_weather; get_time", (api, final)
        runs = []

        @beta_tool
        def get_weather(city: str) -> str:
            """The weather of a city."""
            runs.append(city)
            return f"{city}: 18 degrees"

        for streamed in (False, True):
            runner = claude.beta.messages.tool_runner(
                model=f"{api}/call", max_tokens=99, messages=asked, tools=[get_weather], stream=streamed)
            last = [turn.get_final_message() if streamed else turn for turn in runner][-1]
            assert last.content[0].text == "Paris: 18 degrees", (api, last)
        assert runs == ["Paris", "Paris"], runs


def pictures_and_papers_reach_the_model(server, upstream):
    openais, claude = clients(server)
    for api in APIS:
        # vLLM and other servers of Chat have no files: refused, with the place.
        paper = api != "chat"
        content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]
        if paper: content.append({"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PAPER}"}})
        openais.chat.completions.create(model=f"{api}/text", messages=[{"role": "user", "content": content}])
        seen = [(upstream.ask.text, upstream.ask.images, upstream.ask.files)]
        content = [{"type": "input_text", "text": "What is it?"}, {"type": "input_image", "image_url": PIXEL, "detail": "auto"}]
        if paper: content.append({"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PAPER}"})
        openais.responses.create(model=f"{api}/text", input=[{"role": "user", "content": content}], store=False)
        seen.append((upstream.ask.text, upstream.ask.images, upstream.ask.files))
        content = [{"type": "text", "text": "What is it?"}, {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}]
        if paper: content.append({"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PAPER}})
        claude.messages.create(model=f"{api}/text", max_tokens=9, messages=[{"role": "user", "content": content}])
        seen.append((upstream.ask.text, upstream.ask.images, upstream.ask.files))
        for text, images, files in seen:
            assert text == "What is it?" and [image.split(",")[-1] for image in images] == [PICTURE], (api, text, images)
            assert [file.split(",")[-1] for file in files] == [PAPER] * paper, (api, files)
        if not paper:
            try:
                claude.messages.create(model=f"{api}/text", max_tokens=9, messages=[{"role": "user", "content": [
                    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PAPER}}]}])
                raise AssertionError("a document was taken")
            except anthropic.BadRequestError as error:
                assert error.body["error"]["param"] == "messages[0]" and "file" in error.body["error"]["message"], error.body


def thoughts_make_a_round_trip(server, upstream):
    """A signed thought comes back to the upstream that signed it, from each client's helper, streamed and not."""
    openais, claude = clients(server)
    for api in APIS:
        signed = api != "chat"
        asked = say("Weather?")
        for streamed in (False, True):
            request = dict(model=f"{api}/call-thought", max_tokens=2000, tools=CLAUDES, thinking={"type": "adaptive"})
            if streamed:
                with claude.messages.stream(messages=asked, **request) as stream: message = stream.get_final_message()
            else: message = claude.messages.create(messages=asked, **request)
            assert [b.type for b in message.content] == ["thinking", "tool_use"], (api, message)
            assert message.content[0].thinking == "I look it up.", (api, message)
            results = [{"type": "tool_result", "tool_use_id": message.content[1].id, "content": "sunny"}]
            turns = [*asked, {"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
            final = claude.messages.create(messages=turns, **request)
            assert final.content[0].text == "sunny", (api, final)
            assert upstream.ask.signatures == [SIGNATURES[api]] * signed, (api, streamed, upstream.ask.body)
            if not signed: assert upstream.ask.thoughts == ["I look it up."], upstream.ask.body
            request = dict(model=f"{api}/call-thought", tools=FLAT, reasoning={"effort": "low", "summary": "auto"}, store=False,
                           include=["reasoning.encrypted_content"])
            if streamed:
                with openais.responses.stream(input=asked, **request) as stream: output = stream.get_final_response().output
            else: output = openais.responses.create(input=asked, **request).output
            assert [item.type for item in output] == ["reasoning", "function_call"], (api, output)
            back = [item.model_dump(exclude_none=True, warnings=False) for item in output]
            for item in back: item.pop("parsed_arguments", None)
            back.append({"type": "function_call_output", "call_id": output[1].call_id, "output": "sunny"})
            assert openais.responses.create(input=[*asked, *back], **request).output_text == "sunny", api
            assert upstream.ask.signatures == [SIGNATURES[api]] * signed, (api, streamed, upstream.ask.body)
        whole = openais.chat.completions.create(model=f"{api}/thought", messages=asked, reasoning_effort="low").choices[0].message
        chunks = list(openais.chat.completions.create(model=f"{api}/thought", messages=asked, reasoning_effort="low", stream=True))
        thought = "".join((c.choices[0].delta.model_extra or {}).get("reasoning_content") or "" for c in chunks)
        assert whole.reasoning_content == thought == THOUGHT and whole.content == "Weather?", (api, whole, thought)


def a_conversation_changes_its_provider(server, upstream):
    """Another provider's thoughts are left out, as nobody else can read them; the calls and their results stay. A silent
    thought has no text beside what only its provider can read."""
    openais, claude = clients(server)
    for first, model in ((api, model) for api in APIS for model in ("call-thought", "call-thought-silent")):
        request = dict(tools=FLAT, store=False, include=["reasoning.encrypted_content"])
        output = openais.responses.create(model=f"{first}/{model}", input=say("Weather?"), **request).output
        result = {"type": "function_call_output", "call_id": output[-1].call_id, "output": "sunny"}
        items = [*say("Weather?"), *(item.model_dump(exclude_none=True, warnings=False) for item in output), result]
        asked = dict(max_tokens=2000, tools=CLAUDES, thinking={"type": "adaptive"})
        message = claude.messages.create(model=f"{first}/{model}", messages=say("Weather?"), **asked)
        result = {"type": "tool_result", "tool_use_id": message.content[-1].id, "content": "sunny"}
        turns = [*say("Weather?"), {"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
        for then in APIS:
            for call in (
                lambda: openais.responses.create(model=f"{then}/{model}", input=items, **request).output_text,
                lambda: claude.messages.create(model=f"{then}/{model}", messages=turns, **asked).content[0].text,
            ):
                assert call() == "sunny" and upstream.ask.text == "Weather?", (first, then, model)
                own = [SIGNATURES[then]] if first == then and then != "chat" else []
                assert upstream.ask.signatures == own, (first, then, model, upstream.ask.body)


def a_kept_turn_goes_on(server, upstream):
    """By the id of a response or of a chat completion, with the thought that the upstream signed."""
    openais, _ = clients(server)
    for api in APIS:
        first = openais.responses.create(model=f"{api}/call-thought", input="Weather?", tools=FLAT, reasoning={"effort": "low"})
        call = first.output[-1]
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
        second = openais.responses.create(model=f"{api}/call-thought", previous_response_id=first.id, input=[result], tools=FLAT)
        assert second.output_text == "sunny", (api, second)
        assert upstream.ask.signatures == [SIGNATURES[api]] * (api != "chat"), (api, upstream.ask.body)
        kept = openais.chat.completions.create(model=f"{api}/call", messages=say("Weather?"), tools=[WEATHER], store=True)
        result["call_id"] = kept.choices[0].message.tool_calls[0].id
        third = openais.responses.create(model=f"{api}/call", previous_response_id=kept.id, input=[result], tools=FLAT)
        assert third.output_text == "sunny" and upstream.ask.text == "Weather?", (api, third)


def shapes_are_parsed(server, upstream):
    openais, claude = clients(server)
    for api in APIS:
        parsed = openais.chat.completions.parse(model=f"{api}/text", messages=say('{"x":7}'), response_format=Point)
        schemas = [upstream.ask.schema]
        assert parsed.choices[0].message.parsed == Point(x=7), (api, parsed)
        with openais.chat.completions.stream(model=f"{api}/text", messages=say('{"x":7}'), response_format=Point) as stream:
            assert stream.get_final_completion().choices[0].message.parsed == Point(x=7), api
        parsed = openais.responses.parse(model=f"{api}/text", input='{"x":7}', text_format=Point, store=False)
        schemas.append(upstream.ask.schema)
        assert parsed.output_parsed == Point(x=7), (api, parsed)
        parsed = claude.messages.parse(model=f"{api}/text", max_tokens=99, messages=say('{"x":7}'), output_format=Point)
        schemas.append(upstream.ask.schema)
        assert parsed.parsed_output == Point(x=7), (api, parsed)
        with claude.messages.stream(model=f"{api}/text", max_tokens=99, messages=say('{"x":7}'), output_format=Point) as stream:
            assert stream.get_final_message().parsed_output == Point(x=7), api
        for schema in schemas:
            assert schema["properties"]["x"]["type"] == "integer" and schema["required"] == ["x"], (api, schemas)


def tokens_are_counted(server, upstream):
    openais, claude = clients(server)
    for api in APIS:
        counted = claude.messages.count_tokens(model=f"{api}/text", messages=say("one two three"), system="s", tools=CLAUDES)
        again = openais.responses.input_tokens.count(model=f"{api}/text", input="one two three")
        known = api != "chat"
        assert (counted.input_tokens == again.input_tokens == 42) if known else counted.input_tokens > 2 < again.input_tokens, (api, counted, again)


def errors_are_the_clients_classes(server, upstream):
    openais, claude = clients(server)
    expected = {400: ("BadRequestError", 400), 401: ("InternalServerError", 502), 429: ("RateLimitError", 429), 500: ("InternalServerError", 502),
                503: ("InternalServerError", 503), 529: ("InternalServerError", 503)}
    for api in APIS:
        for status, (name, ours) in expected.items():
            for streamed in (False, True):
                for kind, call in (
                    (openai, lambda: openais.chat.completions.create(model=f"{api}/fail-{status}", messages=say("x"), stream=streamed)),
                    (openai, lambda: openais.responses.create(model=f"{api}/fail-{status}", input="x", store=False, stream=streamed)),
                    (anthropic, lambda: claude.messages.create(model=f"{api}/fail-{status}", max_tokens=9, messages=say("x"), stream=streamed)),
                ):
                    try:
                        made = call()
                        if streamed:
                            seen = list(made)
                            assert seen[-1].type == "response.failed", (api, status, seen)
                        else: raise AssertionError(f"{api} {status}: {made}")
                    except (openai.APIStatusError, anthropic.APIStatusError) as error:
                        wanted = getattr(kind, name)
                        if kind is anthropic and ours == 503: wanted = (wanted, getattr(anthropic, "OverloadedError", wanted), anthropic.APIStatusError)
                        assert isinstance(error, wanted) and error.status_code == ours, (api, status, streamed, error)
                        if status == 429: assert int(error.response.headers["retry-after"]) >= 1, (api, error.response.headers)
                        if status != 400: assert "told to fail" not in str(error.body), error.body
        # An error in the middle of a stream, and a connection that is lost there.
        for model in ("late", "cut"):
            said = []
            try:
                for chunk in openais.chat.completions.create(model=f"{api}/{model}", messages=say(WORDS), stream=True):
                    said += [chunk.choices[0].delta.content or ""] if chunk.choices else []
                raise AssertionError(f"{api} {model}: no error")
            except openai.APIError as error:
                assert error.message and 0 < len("".join(said)) < 60, (api, error)
            *_, last = openais.responses.create(model=f"{api}/{model}", input=WORDS, stream=True, store=False)
            assert last.type == "response.failed" and last.response.error.message, (api, model, last)
            try:
                with claude.messages.stream(model=f"{api}/{model}", max_tokens=99, messages=say(WORDS)) as stream:
                    stream.get_final_message()
                raise AssertionError(f"{api} {model}: no error")
            except anthropic.APIStatusError as error:
                assert error.body["error"]["type"] in ("overloaded_error", "api_error"), error.body


def clients_retry_and_time_out(server, upstream):
    """The clients' own retries after what an upstream says, and their timeouts."""

    def calls(openais, claude):
        return [
            lambda model: openais.chat.completions.create(model=model, messages=say("again")).choices[0].message.content,
            lambda model: openais.responses.create(model=model, input="again", store=False).output_text,
            lambda model: claude.messages.create(model=model, max_tokens=9, messages=say("again")).content[0].text]

    def retried(api, status, number):
        model = f"flaky-{api}-{number}-{status}"
        assert calls(*clients(server, max_retries=2))[number](f"{api}/{model}") == "again", (api, model)
        assert upstream.asks[model] == 2, (model, upstream.asks)

    def timed_out(api, number):
        try:
            said = calls(*clients(server, timeout=0.5))[number](f"{api}/hang")
        except (openai.APITimeoutError, anthropic.APITimeoutError):
            return
        raise AssertionError(f"{api}: {said}")

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        waits = [pool.submit(retried, api, status, number) for api in APIS for status in (429, 500, 503) for number in range(3)]
        waits += [pool.submit(timed_out, api, number) for api in APIS for number in range(3)]
        for wait in waits: wait.result()


def a_client_that_leaves_ends_the_upstreams_work(server, upstream):
    openais, claude = clients(server)
    for api in APIS:
        for call in (
            lambda: openais.chat.completions.create(model=f"{api}/endless", messages=say("x"), stream=True),
            lambda: openais.responses.create(model=f"{api}/endless", input="x", stream=True, store=False),
            lambda: claude.messages.create(model=f"{api}/endless", max_tokens=99, messages=say("x"), stream=True),
        ):
            upstream.aborted.clear()
            with call() as stream:
                for _, _ in zip(range(9), stream): pass
            assert upstream.aborted.wait(20), f"{api}: the upstream still writes"


def many_at_once(server, upstream):
    """The async clients, over all four upstreams, each with its own text."""

    async def run():
        async with AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as openais, \
                AsyncAnthropic(base_url=server.url.removesuffix("/v1"), api_key="k", max_retries=0) as claude:
            async def one(number):
                model, text = f"{APIS[number % 4]}/text", f"a text of its own, number {number}"
                if number % 3 == 0:
                    async with openais.chat.completions.stream(model=model, messages=say(text)) as stream:
                        said = (await stream.get_final_completion()).choices[0].message.content
                elif number % 3 == 1:
                    async with openais.responses.stream(model=model, input=text, store=False) as stream:
                        said = (await stream.get_final_response()).output_text
                else:
                    async with claude.messages.stream(model=model, max_tokens=99, messages=say(text)) as stream:
                        said = await stream.get_final_text()
                assert said == text, (model, said)
            await asyncio.gather(*(one(number) for number in range(60)))

    asyncio.run(run())


def tests():
    """The tests, each with a name, as those of run.py have."""

    def test(checks):
        def run(folder):
            with Upstream() as upstream, Server(folder, upstream.configuration()) as server:
                checks(server, upstream)

        run.__name__ = "providers_" + checks.__name__
        return run

    return [test(checks) for checks in (
        texts_streamed_and_not, refusals_and_stops, calls_make_a_round_trip, pictures_and_papers_reach_the_model, thoughts_make_a_round_trip, a_conversation_changes_its_provider, a_kept_turn_goes_on,
        shapes_are_parsed, tokens_are_counted, errors_are_the_clients_classes, clients_retry_and_time_out,
        a_client_that_leaves_ends_the_upstreams_work, many_at_once)]
