"""What is expected of each cell: that it is carried, or what stands here.

ERRORS is what each client is told of an error. NOTES names whatever else may be observed, by the words of the observation: what has no
name here is a fault. EXCEPTIONS says where they are due."""

import re

# For each error and client: status (None: the stream has begun), type, code, place, and whether there is a retry-after.
ERRORS = {
    "rate": {client: (429, "rate_limit_error", None, None, True) for client in ("Responses", "Chat Completions", "Messages")},
    "field": {
        "Responses": (400, "invalid_request_error", None, "max_output_tokens", False),
        "Chat Completions": (400, "invalid_request_error", None, "max_completion_tokens", False),
        "Messages": (400, "invalid_request_error", None, "max_tokens", False)},
    "context": {
        "Responses": (400, "invalid_request_error", "context_length_exceeded", "input", False),
        "Chat Completions": (400, "invalid_request_error", "context_length_exceeded", "messages", False),
        "Messages": (400, "invalid_request_error", "context_length_exceeded", "messages", False)},
    "after, streamed": {
        "Responses": (None, None, "server_error", None, False), "Chat Completions": (None, "server_error", None, None, False),
        "Messages": (None, "api_error", None, None, False)},
    "after, whole": {
        "Responses": (502, "server_error", None, None, False), "Chat Completions": (502, "server_error", None, None, False),
        "Messages": (502, "api_error", None, None, False)},
}

# Name: what is observed (in full, as a regular expression), and how the page says it.
NOTES = {
    "single": (r"sent: single False, not True",
               "Its API has no word for `parallel_tool_calls: false` (`disable_parallel_tool_use`): the server itself lets no second call through."),
    "calls": (r"the model decides how many tools it calls", "How many tools it calls is the model's affair; a history with two calls and their outputs is taken."),
    "effort": (r"sent: no effort", "The model has no effort to set, and isn't shown its earlier reasoning; a line in the log says so."),
    "order": (r"sent: another order: .*", "The signature of a text comes back before it: an assistant's message in chat has no order."),
    "unasked": (r"(answer|sent): reasoning: no text",
                "It shows a summary of its thoughts only where it is asked for one, which not every account may: Chat Completions has no word to ask, so none is. What it encrypted comes, and goes back."),
    "place": (r"field: 400 invalid_request_error at `(input\[0\].content|messages\[0\]|system)`", "It names a place in the input as the one at fault, which the client gets in its own words."),
}

# Clients, providers, scenarios, and the names of what is due there.
EXCEPTIONS = [
    ("*", "gemini", "tools", {"single"}),
    ("Chat Completions", "gemini", "reasoning", {"order"}),
    ("Chat Completions", "responses", "reasoning", {"unasked"}),
    ("*", "local", "parallel tools", {"calls"}),
    ("*", "local", "reasoning", {"effort"}),
    ("Responses", "local", "image", {"refused: 400 `unsupported` at `input[1].content[1]`"}),
    ("Chat Completions", "local", "image", {"refused: 400 `unsupported` at `messages[1]`"}),
    ("Messages", "local", "image", {"refused: 400 `unsupported` at `messages[0]`"}),
    ("*", "local", "refusal", {"absent"}),
    ("*", "local", "error after", {"absent"}),
    ("*", "scripted", "error before", {"place"}),
]


def name(note):
    """The name of an observation; the observation itself where it has none."""
    return next((name for name, (pattern, _) in NOTES.items() if re.fullmatch(pattern, note)), note)


def outcome(client, provider, scenario):
    return set().union(*(names for c, p, s, names in EXCEPTIONS if c in ("*", client) and p in ("*", provider) and s in ("*", scenario)))
