"""Background responses and streams that are taken up again, through the official client, sync and async."""

import asyncio

import openai
import pydantic
from openai import AsyncOpenAI

ENDED = ("completed", "failed", "incomplete", "cancelled")
TEXT = "one two three four five six every 40"


class Point(pydantic.BaseModel):
    x: int
    name: str


def polling_to_the_end(api):
    response = api.responses.create(model="slow", input=TEXT, background=True)
    assert response.status in ("queued", "in_progress") and response.background is True, response
    states = [response.status]
    while response.status not in ENDED:
        response = api.responses.retrieve(response.id)
        states.append(response.status)
    assert response.status == "completed" and response.output_text == TEXT, response
    assert states == sorted(states, key=["queued", "in_progress", "completed"].index), states
    assert api.responses.create(model="count", input="x", previous_response_id=response.id).output_text == \
        "3 items: user assistant user"


def a_cancelled_response_stays_so(api):
    response = api.responses.create(model="hang", input="x", background=True)
    cancelled = api.responses.cancel(response.id)
    assert cancelled.status == "cancelled", cancelled
    assert api.responses.cancel(response.id) == api.responses.retrieve(response.id) == cancelled
    plain = api.responses.create(model="echo", input="x")
    try:
        api.responses.cancel(plain.id)
        raise AssertionError("cancelled")
    except openai.BadRequestError as error:
        assert error.code == "response_not_background", error


def a_lost_stream_is_taken_up_again(api):
    seen = []
    with api.responses.create(model="slow", input=TEXT, background=True, stream=True) as stream:
        for event in stream:
            seen.append(event)
            if event.type == "response.output_text.delta":
                break
    assert [event.type for event in seen[:3]] == ["response.created", "response.queued", "response.in_progress"]
    identifier = seen[0].response.id
    rest = list(api.responses.retrieve(identifier, stream=True, starting_after=seen[-1].sequence_number))
    events = seen + rest
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == TEXT
    assert list(api.responses.retrieve(identifier, stream=True)) == events
    assert events[-1].type == "response.completed" and events[-1].response == api.responses.retrieve(identifier)
    # The stream helper takes it up from its beginning.
    with api.responses.stream(response_id=identifier) as stream:
        assert [event.type for event in stream].count("response.output_text.delta") == len(TEXT.split())
        assert stream.get_final_response().output_text == TEXT
    with api.responses.stream(response_id=identifier, starting_after=seen[-1].sequence_number) as stream:
        assert [event.sequence_number for event in stream] == [event.sequence_number for event in rest]


def parsing(api):
    parsed = api.responses.parse(model="echo", input='{"x":7,"name":"here"}', text_format=Point)
    assert parsed.output_parsed == Point(x=7, name="here"), parsed
    assert parsed.text.format.type == "json_schema", parsed.text


async def everything_at_once(url, key):
    """The same, async: many responses at once, some followed, some polled, some cancelled."""
    async with AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=600) as api:

        async def polled():
            response = await api.responses.create(model="slow", input=TEXT, background=True)
            while response.status not in ENDED:
                await asyncio.sleep(0.02)
                response = await api.responses.retrieve(response.id)
            assert response.output_text == TEXT, response

        async def resumed():
            stream = await api.responses.create(model="slow", input=TEXT, background=True, stream=True)
            first = await anext(stream)
            await stream.close()
            rest = await api.responses.retrieve(first.response.id, stream=True, starting_after=first.sequence_number)
            events = [first] + [event async for event in rest]
            assert [event.sequence_number for event in events] == list(range(len(events)))
            assert events[-1].response.output_text == TEXT

        async def cancelled():
            response = await api.responses.create(model="hang", input="x", background=True)
            assert (await api.responses.cancel(response.id)).status == "cancelled"

        async def streamed():
            async with api.responses.stream(model="echo", input='{"x":1,"name":"a"}', text_format=Point) as stream:
                async for _ in stream:
                    pass
                assert (await stream.get_final_response()).output_parsed == Point(x=1, name="a")

        async def parsed():
            response = await api.responses.parse(model="echo", input='{"x":2,"name":"b"}', text_format=Point)
            assert response.output_parsed == Point(x=2, name="b")

        await asyncio.gather(*(each() for each in (polled, resumed, cancelled, streamed, parsed) for _ in range(5)))
