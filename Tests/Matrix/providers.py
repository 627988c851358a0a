"""The columns: who is behind the server, and what each one says to a scenario."""

import os

from script import CALLS, SCENARIOS, USAGE
from upstreams import APIS, Anthropic, Chat, Gemini, OpenRouter, Responses


class Provider:
    """`model(scenario)`: what a client asks for. `script`: what it answers, where it isn't the scenario's own answer. `absent`: the scenarios
    that there is no way to bring about, and why."""
    absent = {}
    # Settings of the scenarios that are others here, and faults other than the scenario's own.
    settings, faults = {}, None

    def __init__(self, name, title, api, model, config, script=()):
        self.name, self.title, self.api, self.upstream, self.config, self.script = name, title, api, model, config, dict(script)

    def model(self, scenario): return self.name

    def answer(self, scenario): return self.script.get(scenario, (SCENARIOS[scenario].answer, SCENARIOS[scenario].end))

    def usage(self): return USAGE

    def models(self): return [f"{{name: {self.name}, provider: {self.name}, upstream_model: {self.upstream}}}"]

    def plugin(self, build, stage):
        return f"{{name: {self.name}, library: {build}/libpatchbay_{self.config[0]}.so, config: {{{self.config[1].replace('URL', stage.url)}}}}}"


class Scripted(Provider):
    """Has its own rules: a model's name chooses the answer, and `dump` says what has reached it."""

    rules = {"tools": "tool", "parallel tools": "tools", "reasoning": "reason", "refusal": "refuse", "length stop": "length", "error before": "fail",
             "error after": "fail_after"}

    def __init__(self):
        echoed = {name: ([("text", scenario.said[1][1])], scenario.end) for name, scenario in SCENARIOS.items() if name in ("text", "image", "length stop")}
        super().__init__("scripted", "Scripted", Responses(), None, ("scripted", ""), {
            **echoed, "parallel tools": (CALLS, "calls"), "error after": ([("text", "It began well")], "stop"),
            "reasoning": ([("reasoning", "The user said something. I shall say it again.", "c2NyaXB0ZWQ="), ("text", "Think.")], "stop")})

    def model(self, scenario): return self.rules.get(scenario, "echo")

    def usage(self): return None

    def models(self): return [f"{{name: {name}, provider: scripted}}" for name in ("echo", "dump", *self.rules.values())]


class Local(Provider):
    """A real model. What it says is its own affair; that it calls a tool is forced, and that it stops for length is certain."""

    absent = {"refusal": "whether it refuses is the model's affair", "error after": "there is no upstream that could break off"}
    settings, faults = {"max_tokens": 16}, ["context"]

    def __init__(self):
        self.file = os.environ.get("PATCHBAY_MODEL", "")
        super().__init__("local", "local (Llama)", None, None, ("llama", f'model: "{self.file}", context: 1024, temperature: 0, string_limit: 16'))

    def usage(self): return None

    def models(self): return ["{name: local, provider: local}"]


def providers():
    thought = [("reasoning", "I think.", None), ("text", "So four."), ("reasoning", "", "U0lH")]
    signed = [("reasoning", "", "U0lH"), *CALLS[:1]]
    both = [("text", "I look."), ("reasoning", "", "U0lH"), *CALLS]
    plain = {"reasoning": ([("text", "So four.")], "stop")}
    return [
        Provider("responses", "Responses (OpenAI)", Responses(), "gpt-5", ("openai", "api: responses, base_url: URL/v1, api_key: key-matrix")),
        Provider("chat", "Chat (OpenAI)", Chat(), "gpt-5", ("openai", "base_url: URL/v1, api_key: key-matrix"), plain),
        Provider("openrouter", "Chat (OpenRouter)", OpenRouter(), "a/b", ("openai", "dialect: openrouter, base_url: URL/router, api_key: key-matrix")),
        Provider("anthropic", "Anthropic", Anthropic(), "claude-opus-4-8", ("anthropic", "base_url: URL/v1, api_key: key-matrix"), {"refusal": (SCENARIOS["refusal"].answer, "refused")}),
        Provider("gemini", "Gemini", Gemini(), "gemini-3-pro", ("gemini", "base_url: URL, api_key: key-matrix"), {
            "reasoning": (thought, "stop"), "tools": (signed, "calls"), "parallel tools": (both, "calls"), "refusal": ([], "refused")}),
        Local(), Scripted()]
