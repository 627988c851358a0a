"""openai-agents against a real server: its runner decides what is sent, and reads what comes."""

import asyncio

from agents import Agent, ModelSettings, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI

set_tracing_disabled(True)


@function_tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"18 degrees and sunny in {city}"


def agent(api, model, **settings):
    return Agent(
        name="Assistant", instructions="Answer briefly.", tools=[get_weather],
        model=OpenAIResponsesModel(model=model, openai_client=api), model_settings=ModelSettings(**settings))


async def a_tool_is_called_and_answered(api):
    result = await Runner.run(agent(api, "tool"), '{"city":"Turin"}')
    assert result.final_output == "18 degrees and sunny in Turin", result.final_output
    assert [item.type for item in result.new_items] == ["tool_call_item", "tool_call_output_item", "message_output_item"]
    # The next turn is sent with all that came before.
    again = await Runner.run(agent(api, "count"), result.to_input_list() + [{"role": "user", "content": "And now?"}])
    assert again.final_output == "5 items: user function_call function_call_output assistant user", again.final_output


async def a_streamed_run_is_the_same(api):
    result = Runner.run_streamed(agent(api, "tool", parallel_tool_calls=False), '{"city":"Rome"}')
    deltas, kinds = "", []
    async for event in result.stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            deltas += event.data.delta
        elif event.type == "run_item_stream_event":
            kinds.append(event.name)
    assert deltas == result.final_output == "18 degrees and sunny in Rome", (deltas, result.final_output)
    assert kinds == ["tool_called", "tool_output", "message_output_created"], kinds


async def turns_follow_by_their_id(api):
    first = await Runner.run(agent(api, "echo"), "one")
    second = await Runner.run(agent(api, "echo"), "two", previous_response_id=first.last_response_id)
    third = Runner.run_streamed(agent(api, "count"), "three", previous_response_id=second.last_response_id)
    async for _ in third.stream_events():
        pass
    assert third.final_output == "5 items: user assistant user assistant user", third.final_output


async def a_tool_is_called_in_a_chain(api):
    """The runner sends the tool's output alone, after the response that called it."""
    result = await Runner.run(
        agent(api, "tool"), '{"city":"Oslo"}', auto_previous_response_id=True)
    assert result.final_output == "18 degrees and sunny in Oslo", result.final_output
    stored = await api.responses.input_items.list(result.last_response_id, order="asc")
    assert [item.type for item in stored.data] == ["message", "function_call", "function_call_output"], stored.data


async def reasoning_is_carried(api):
    first = await Runner.run(agent(api, "reason", response_include=["reasoning.encrypted_content"], store=False), "think")
    assert [item.type for item in first.new_items] == ["reasoning_item", "message_output_item"], first.new_items
    again = await Runner.run(agent(api, "count", store=False), first.to_input_list() + [{"role": "user", "content": "on"}])
    assert again.final_output == "4 items: user reasoning assistant user", again.final_output


async def everything(url, key):
    async with AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=600) as api:
        for each in (
            a_tool_is_called_and_answered, a_streamed_run_is_the_same, turns_follow_by_their_id, a_tool_is_called_in_a_chain,
            reasoning_is_carried,
        ):
            await each(api)
