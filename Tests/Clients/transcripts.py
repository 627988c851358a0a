"""What the server sends against the types of the official client. The client builds its objects without a look; pydantic looks."""

import pathlib

import pydantic
from openai.types.responses import Response, ResponseStreamEvent

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "PatchbayTests" / "Fixtures"


def transcripts_are_of_the_clients_types(_):
    """Every event of every golden transcript, read with validation: a field that is missing or of another type fails."""
    events = pydantic.TypeAdapter(ResponseStreamEvent)
    count = 0
    for path in sorted(FIXTURES.glob("*.sse")):
        for frame in path.read_text().strip().split("\n\n"):
            name, data = frame.split("\n", 1)
            # A vendor's item is in no list of OpenAI's; everything around it is.
            if "vendor:thing" in data:
                continue
            try:
                event = events.validate_json(data.removeprefix("data: "))
            except pydantic.ValidationError as error:
                raise AssertionError(f"{path.name}: {name}: {error}") from error
            assert "event: " + event.type == name, name
            count += 1
    assert count > 100, count


def answers_are_of_the_clients_types(api, tools):
    """A response of each kind has every field that the client's type requires."""
    for model in ("echo", "reason", "refuse", "tool", "tools", "parts", "length", "filter", "silent", "logprobs", "annotations"):
        raw = api.responses.with_raw_response.create(model=model, input="x", tools=tools, top_logprobs=1)
        response = Response.model_validate_json(raw.http_response.text)
        stored = api.responses.with_raw_response.retrieve(response.id)
        assert Response.model_validate_json(stored.http_response.text) == response, model
