"""The official client's WebSocket mode, `responses.connect`, against a real server."""

import asyncio

from openai import AsyncOpenAI
from openai.types.responses.responses_server_event import ResponseWsError
from websockets.exceptions import ConnectionClosed, InvalidStatus

TERMINAL = ("response.completed", "response.incomplete", "response.failed")


def turn(connection, **request):
    """The events of one turn, with their rules checked, and its last response."""
    connection.response.create(**request)
    events = []
    for event in connection:
        assert not isinstance(event, ResponseWsError), event
        events.append(event)
        if event.type in TERMINAL:
            break
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text
    return events, events[-1].response


def error(connection, **request):
    connection.response.create(**request)
    event = connection.recv()
    assert isinstance(event, ResponseWsError) and event.type == "error", event
    return event


def a_tool_is_used_over_a_websocket(api, tool):
    with api.responses.connect() as connection:
        warm = turn(connection, model="tool", input="Be brief.", tools=[tool], store=False, generate=False)[1]
        assert warm.status == "completed" and warm.output == []
        events, first = turn(
            connection, model="tool", input="What is the weather in Paris?", tools=[tool], store=False,
            previous_response_id=warm.id)
        call = next(item for item in first.output if item.type == "function_call")
        arguments = "".join(e.delta for e in events if e.type == "response.function_call_arguments.delta")
        assert call.arguments == arguments
        second = turn(
            connection, model="tool", store=False, previous_response_id=first.id, tools=[tool],
            input=[{"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees, sunny"}])[1]
        assert "18 degrees, sunny" in second.output_text
        third = turn(connection, model="count", store=False, previous_response_id=second.id, input="x")[1]
        assert third.output_text == "6 items: user user function_call function_call_output assistant user", third.output_text

        # What could not be continued is forgotten, and the connection goes on.
        missing = error(connection, model="echo", input="x", previous_response_id="resp_unknown", store=False)
        assert missing.status == 400 and missing.error.code == "previous_response_not_found", missing
        assert missing.error.param == "previous_response_id" and missing.error.type == "invalid_request_error"
        assert error(connection, model="echo", input="x", background=True).error.param == "background"
        assert error(connection, model="echo", input="x", stream_id="a").error.param == "stream_id"
        stored = turn(connection, model="echo", input="kept")[1]
    assert api.responses.retrieve(stored.id).output_text == "kept"


def sockets_are_handled_by_events(api):
    """The client's own dispatcher, and an event that it would raise an error for."""
    with api.responses.connect() as connection:
        seen = []
        connection.on("response.completed", lambda event: connection.close())
        connection.on("event", lambda event: seen.append(event.type))
        connection.response.create(model="echo", input="one two")
        try:
            connection.dispatch_events()
        except ConnectionClosed:
            pass
        assert seen[0] == "response.created" and seen[-1] == "response.completed"


async def _parallel(url, key):
    api = AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=6000)

    async def chain(name):
        async with api.responses.connect() as connection:
            previous = None
            for number in range(5):
                await connection.response.create(
                    model="count" if number == 4 else "echo", input=f"{name} {number}", store=False,
                    **({"previous_response_id": previous} if previous else {}))
                async for event in connection:
                    assert event.type != "error", event
                    if event.type in TERMINAL:
                        previous = event.response.id
                        break
            return event.response.output_text

    texts = await asyncio.gather(*(chain(f"chain {index}") for index in range(20)))
    assert all(text.startswith("9 items:") for text in texts), texts


def parallel_chains(server, key):
    asyncio.run(_parallel(server.url, key))


def a_socket_without_a_key_is_refused(api):
    try:
        with api.with_options(api_key="wrong").responses.connect():
            raise AssertionError("the connection was accepted")
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 401, refusal


def a_socket_is_refused_where_they_are_off(api):
    try:
        with api.responses.connect():
            raise AssertionError("the connection was accepted")
    except InvalidStatus as refusal:
        assert refusal.response.status_code == 426, refusal


def draining_closes_with_1001(server, api):
    with api.responses.connect() as connection:
        assert turn(connection, model="echo", input="x")[1].status == "completed"
        assert server.stop() == 0
        try:
            connection.recv()
            raise AssertionError("the connection goes on")
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1001, closed
