"""The model behind the played vendors: what a request says, whatever its API, and what is answered."""

# What each API gives out of a thought, for itself alone. No other's is taken.
SIGNATURES = {"chat": None, "responses": "gAAAAABo0123", "messages": "EqQBCkgI0123", "gemini": "CiQB0123"}
USAGE = (11, 7)


class Refused(Exception):
    """A rule of the vendor's that a request breaks."""


class Ask:
    """What a request says, whatever its API."""

    def __init__(self, model, stream, body):
        self.model, self.stream, self.body = model, stream, body
        self.system, self.text, self.images, self.files = [], "", [], []
        self.tools, self.results, self.signatures, self.thoughts, self.schema, self.stops = [], [], [], [], None, []


def need(fact, what):
    if not fact:
        raise Refused(what)


def answer_to(ask, signature):
    """The parts of an answer, and how it ends: stop, calls, length, refusal or stopped."""
    model = ask.model
    if model.startswith("call") and ask.tools and not ask.results:
        wanted = ask.tools if model.startswith("calls") else ask.tools[:1]
        calls = [("call", f"id{n}", name, {"city": "Paris"} if "weather" in name else {"zone": "London"}) for n, name in enumerate(wanted)]
        thought = "" if "silent" in model else "I look it up."
        return ([("thought", thought, signature)] if "thought" in model else []) + calls, "calls"
    if ask.results:
        return [("text", "; ".join(text for _, text in ask.results))], "stop"
    if "thought" in model:
        return [("thought", "I think, so I am.", signature), ("text", ask.text)], "stop"
    if model == "length":
        return [("text", ask.text)], "length"
    if model == "refusal":
        return [("refusal", "I can't.")], "refusal"
    if model == "stopped":
        return [("text", "before ")], "stopped"
    if model == "endless":
        return [("text", "more " * 200_000)], "stop"
    return [("text", ask.text)], "stop"


def pieces(text):
    """Of a text, as a model writes it."""
    return [text[at:at + 5] for at in range(0, len(text), 5)]
