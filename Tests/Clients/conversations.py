"""`client.conversations` and turns that belong to a conversation."""

import asyncio

import openai
import pydantic
from openai import AsyncOpenAI, OpenAI
from openai.types.conversations import Conversation, ConversationItem, ConversationItemList
from openai.types.responses import Response

from patchbay import KEY_A, KEY_B, Server


def api_of(server, key=KEY_A):
    return OpenAI(base_url=server.url, api_key=key, max_retries=0, timeout=600)


def text(items):
    return [item.content[0].text for item in items]


def conversations_are_begun_changed_and_deleted(configuration):
    def test(folder):
        with Server(folder, configuration) as server:
            api = api_of(server)
            begun = api.conversations.create(
                items=[{"role": "user", "content": "hello"}], metadata={"topic": "sea"})
            assert begun.id.startswith("conv_") and begun.metadata == {"topic": "sea"}, begun
            assert api.conversations.retrieve(begun.id) == begun
            assert api.conversations.update(begun.id, metadata={"topic": "air"}).metadata == {"topic": "air"}
            assert api.conversations.create().metadata == {}
            gone = api.conversations.delete(begun.id)
            assert gone.deleted and gone.object == "conversation.deleted" and gone.id == begun.id
            for call in (api.conversations.retrieve, api.conversations.delete, api.conversations.items.list):
                not_found(lambda: call(begun.id))
            not_found(lambda: api.responses.create(model="echo", input="x", conversation=begun.id), "conversation")

    return test


def items_are_added_listed_and_deleted(configuration):
    def test(folder):
        with Server(folder, configuration) as server:
            api = api_of(server)
            begun = api.conversations.create()
            numbers = [str(number) for number in range(45)]
            for start in range(0, 45, 15):
                added = api.conversations.items.create(
                    begun.id, items=[{"role": "user", "content": number} for number in numbers[start:start + 15]])
                assert text(added.data) == numbers[start:start + 15] and added.first_id == added.data[0].id
            for order, expected in (("asc", numbers), ("desc", numbers[::-1])):
                assert text(api.conversations.items.list(begun.id, order=order, limit=7)) == expected, order
            item = api.conversations.items.list(begun.id, order="asc", limit=1).data[0]
            assert api.conversations.items.retrieve(item.id, conversation_id=begun.id) == item
            assert api.conversations.items.delete(item.id, conversation_id=begun.id).id == begun.id
            not_found(lambda: api.conversations.items.retrieve(item.id, conversation_id=begun.id))
            not_found(lambda: api.conversations.items.delete(item.id, conversation_id=begun.id))
            assert text(api.conversations.items.list(begun.id, order="asc", limit=100)) == numbers[1:]
            other = api_of(server, KEY_B)
            not_found(lambda: other.conversations.items.list(begun.id))
            not_found(lambda: other.conversations.items.create(begun.id, items=[{"role": "user", "content": "x"}]))

    return test


def turns_belong_to_a_conversation(configuration):
    def test(folder):
        with Server(folder, configuration) as server:
            api = api_of(server)
            begun = api.conversations.create(items=[{"role": "developer", "content": "Be brief."}])
            first = api.responses.create(model="echo", input="one", conversation=begun.id)
            assert first.conversation.id == begun.id and first.previous_response_id is None
            with api.responses.stream(model="reason", input="two", conversation={"id": begun.id}) as stream:
                for event in stream:
                    if event.type == "response.created":
                        assert event.response.conversation.id == begun.id
                assert stream.get_final_response().conversation.id == begun.id
            server.restart()
            api = api_of(server)
            seen = api.responses.create(model="count", input="three", conversation=begun.id).output_text
            assert seen == "7 items: developer user assistant user reasoning assistant user", seen
            for request, param in (
                ({"previous_response_id": first.id}, "conversation"), ({"store": False}, "store"),
            ):
                try:
                    api.responses.create(model="echo", input="x", conversation=begun.id, **request)
                    raise AssertionError(f"{param} was taken")
                except openai.BadRequestError as error:
                    assert error.param == param, error
            assert api.responses.create(model="count", input="x", previous_response_id=first.id).output_text == \
                "4 items: developer user assistant user"

    return test


def many_at_once_keep_their_items_together(configuration):
    async def ask(server):
        api = AsyncOpenAI(base_url=server.url, api_key=KEY_A, max_retries=0, timeout=600)
        begun = await api.conversations.create()
        await asyncio.gather(*(
            api.responses.create(model="echo", input=f"turn {number}", conversation=begun.id) for number in range(64)))
        items = [item async for item in api.conversations.items.list(begun.id, order="asc", limit=100)]
        await api.close()
        return items

    def test(folder):
        with Server(folder, configuration) as server:
            items = asyncio.run(ask(server))
            assert len(items) == 128 and len({item.id for item in items}) == 128, len(items)
            for user, assistant in zip(items[::2], items[1::2]):
                assert (user.role, assistant.role) == ("user", "assistant") and text([user]) == text([assistant])

    return test


def conversations_have_the_clients_types(configuration):
    def test(folder):
        with Server(folder, configuration) as server:
            api = api_of(server)
            raw = api.conversations.with_raw_response.create(items=[{"role": "user", "content": "x"}])
            begun = Conversation.model_validate_json(raw.http_response.text)
            tool = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
            for model in ("echo", "reason", "refuse", "tool", "parts"):
                turn = api.responses.with_raw_response.create(
                    model=model, input="x", conversation=begun.id, tools=[tool])
                response = Response.model_validate_json(turn.http_response.text)
                call = next((item for item in response.output if item.type == "function_call"), None)
                if call:
                    api.conversations.items.create(begun.id, items=[
                        {"type": "function_call_output", "call_id": call.call_id, "output": "done"}])
            raw = api.conversations.items.with_raw_response.list(begun.id, limit=100, order="asc")
            items = ConversationItemList.model_validate_json(raw.http_response.text)
            kinds = {item.type for item in items.data}
            assert kinds == {"message", "reasoning", "function_call", "function_call_output"}, kinds
            for item in items.data:
                raw = api.conversations.items.with_raw_response.retrieve(item.id, conversation_id=begun.id)
                one = pydantic.TypeAdapter(ConversationItem).validate_json(raw.http_response.text)
                assert one == item, one

    return test


def not_found(call, param=None):
    try:
        call()
    except openai.NotFoundError as error:
        assert param is None or error.param == param, error
        return
    raise AssertionError("it was found")


def tests(configuration):
    """The tests, for a server with this configuration; each has a name, as those of run.py have."""
    all_tests = []
    for make in (
        conversations_are_begun_changed_and_deleted,
        items_are_added_listed_and_deleted,
        turns_belong_to_a_conversation,
        many_at_once_keep_their_items_together,
        conversations_have_the_clients_types,
    ):
        test = make(configuration)
        test.__name__ = make.__name__
        all_tests.append(test)
    return all_tests
