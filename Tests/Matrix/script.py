"""What is asked and answered in the cells, in one form that belongs to no API.

What is said is a list of tuples: ("system", text), ("user", text), ("image", media type, base64), ("text", text),
("refusal", text), ("reasoning", text, signature or what is encrypted), ("call", number, name, arguments) and
("output", number of its call, text)."""

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def schema(name, *values):
    return {"type": "object", "properties": {name: {"type": "string", "enum": list(values)}}, "required": [name], "additionalProperties": False}


WEATHER = {"name": "get_weather", "description": "The weather of a city.", "schema": schema("city", "Paris")}
TIME = {"name": "get_time", "description": "The time of a zone.", "schema": schema("zone", "London")}
CALLS = [("call", 0, "get_weather", {"city": "Paris"}), ("call", 1, "get_time", {"zone": "London"})]
OUTPUTS = [("output", 0, "18 degrees"), ("output", 1, "9 o'clock")]
USAGE = {"input": 20, "cached": 4, "output": 7, "reasoning": 3}


class Scenario:
    """What a client asks, and what an upstream answers to it. `then`: what the client says to that, in a second turn."""

    def __init__(self, *said, answer=(("text", "Hello there."),), end="stop", then=(), fault=None, **settings):
        self.said, self.answer, self.end, self.then, self.fault = [("system", "Be brief."), *said], list(answer), end, list(then), fault
        self.settings = {"max_tokens": 48, **settings}


SCENARIOS = {
    "text": Scenario(("user", "Say hello."), temperature=0.5),
    "tools": Scenario(("user", "The weather?"), tools=[WEATHER], choice="required", single=True, answer=CALLS[:1], end="calls", then=OUTPUTS[:1]),
    "parallel tools": Scenario(
        ("user", "Weather and time?"), tools=[WEATHER, TIME], answer=[("text", "I look."), *CALLS], end="calls", then=OUTPUTS),
    "image": Scenario(("user", "What is it?"), ("image", "image/png", PIXEL)),
    "reasoning": Scenario(
        ("user", "Think."), effort="low", answer=[("reasoning", "I think.", "U0lH"), ("text", "So four.")], then=[("user", "Go on.")]),
    "refusal": Scenario(("user", "Say it."), answer=[("refusal", "I can't help with that.")], end="refused"),
    "length stop": Scenario(("user", "Tell a tale."), answer=[("text", "Once upon")], end="length"),
    # Twice: a rate that is exceeded, and a field that the upstream refuses by its own name for it.
    "error before": Scenario(("user", "Say it: ratelimit."), fault="before"),
    "error after": Scenario(("user", "Say it."), fault="after"),
}


def turns(said, answer, then):
    """A second turn's history: the calls' numbers are the order of their ids already."""
    return [*said, *answer, *then]
