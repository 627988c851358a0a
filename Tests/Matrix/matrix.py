#!/usr/bin/env python3
"""Every client's format against every provider: matrix.py BUILD [--write].

Each cell is one scenario between one format and one provider, streamed or whole, through a real server with the real plugins. What is
observed in it must be what `expected.py` says, and Documentation/matrix.md must say the same: `--write` writes it."""

import copy
import difflib
import http.client
import itertools
import json
import os
import re
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "Clients"))

import expected
import table
from clients import CLIENTS
from patchbay import Server
from providers import Local, Scripted, providers
from script import SCENARIOS
from upstreams import Stage

PAGE = os.path.join(HERE, "..", "..", "Documentation", "matrix.md")
FIELDS = {"reasoning": ("text", "signature"), "call": ("number", "name", "arguments"), "output": ("call", "text"), "image": ("type", "data")}


class Cell:
    """One scenario between one client and one provider. `notes`: all that differs from what was asked and answered."""

    def __init__(self, client, provider, name, streamed):
        self.client, self.provider, self.name, self.streamed = client, provider, name, streamed
        self.notes, self.refusal, self.absent = [], None, provider.absent.get(name)

    def __str__(self): return f"{self.client.name} -> {self.provider.name}, {self.name}, {'streamed' if self.streamed else 'whole'}"

    @property
    def outcome(self):
        if self.absent: return ["absent"]
        return ["refused: " + self.refusal] if self.refusal else sorted(set(expected.name(note) for note in self.notes))


def differences(where, ideal, found):
    """What of the ideal is missing or altered, in words."""
    missing, extra = [e for e in ideal if e not in found], [e for e in found if e not in ideal]
    if not missing and not extra and ideal != found: yield f"{where}: another order: {found}"
    for entry in missing:
        twin = next((e for e in extra if e[0] == entry[0]), None)
        if twin is None:
            yield f"{where}: no {entry[0]}"
            continue
        extra.remove(twin)
        for field, a, b in zip(FIELDS.get(entry[0], ("text",)), entry[1:], twin[1:]):
            if a != b: yield f"{where}: {entry[0]}: " + (f"{field} {b!r}, not {a!r}" if b else f"no {field}")
    for entry in extra: yield f"{where}: {entry}, which nobody said"


class Run:
    def __init__(self, build):
        self.stage, self.columns = Stage(), providers()
        plugins = "".join(f"\n  - {p.plugin(build, self.stage)}" for p in self.columns)
        models = "".join(f"\n  - {model}" for p in self.columns for model in p.models())
        self.server = Server(build, f"plugins:{plugins}\nmodels:{models}\n")
        self.seen_lines = len(self.server.log)

    # One request

    def ask(self, cell, body):
        """The reply, read in the client's format; what the log says of it is noted."""
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        link.request("POST", cell.client.path, json.dumps(body), {"content-type": "application/json", **cell.client.headers})
        reply = link.getresponse()
        text, headers = reply.read().decode(), {key.lower(): value for key, value in reply.getheaders()}
        link.close()
        for line in self.log_of(headers["x-request-id"]): cell.notes.append("log: " + line)
        try: return cell.client.read((reply.status, headers, text), body["stream"])
        except (AssertionError, KeyError, TypeError, ValueError) as fault:
            raise AssertionError(f"{cell}: {type(fault).__name__} {str(fault)[:1000]}\n{reply.status} {text[:3000]}") from fault

    def log_of(self, request):
        """What a plugin warned of, up to the line that says that the request has ended."""
        while True:
            for number in range(self.seen_lines, len(self.server.log)):
                line = json.loads(self.server.log[number])
                if line["message"] != "request" or line["request_id"] != request: continue
                lines = [json.loads(text) for text in self.server.log[self.seen_lines:number + 1]]
                self.seen_lines = number + 1
                return [line["message"] for line in lines if "left out" in line["message"] or "was sent as" in line["message"]]
            threading.Event().wait(0.001)

    # One cell

    def run(self, cell):
        scenario, provider = SCENARIOS[cell.name], cell.provider
        if cell.absent: return cell
        scenario = copy.copy(scenario)
        scenario.settings = scenario.settings | ({} if "choice" in scenario.settings else provider.settings)
        if scenario.fault: return self.fault(cell, scenario)
        answer, end = provider.answer(cell.name)
        body = cell.client.request(provider.model(cell.name), scenario, cell.streamed)
        self.stage.play(answer, end)
        first = self.turn(cell, body, scenario.said, scenario.settings, answer, end)
        if isinstance(provider, Local) and cell.name == "parallel tools":
            # What calls there are is the model's affair; that it is given two and their outputs is not.
            cell.notes.append("the model decides how many tools it calls")
            first = cell.client.read((200, {}, self.whole({**body, "model": "tools", "stream": False}, cell)), False)
        if cell.refusal or not scenario.then: return cell
        self.stage.play([("text", "Done.")])
        said = scenario.said + answer + scenario.then
        settings = {key: value for key, value in scenario.settings.items() if key != "choice"}
        last = [("text", "Done.")] if provider.api and not isinstance(provider, Scripted) else None
        self.turn(cell, cell.client.further(body, first, scenario.then), said, settings, last, "stop")
        return cell

    def turn(self, cell, body, said, settings, answer, end):
        reply = self.ask(cell, body)
        if reply.error:
            error = reply.error
            cell.refusal = f"{error['status']} `{error['code'] or error['type']}` at `{error['param']}`"
            return reply
        if isinstance(cell.provider, Local):
            self.check_local(cell, settings, reply)
        else:
            self.check_seen(cell, body, said, settings)
            if answer is not None: self.check_answer(cell, reply, answer, end)
        assert all(reply.usage[key] > 0 for key in ("input", "output")), (str(cell), reply.usage)
        wanted = cell.provider.usage()
        if wanted and reply.usage != wanted: cell.notes.append(f"answer: usage {reply.usage}, not {wanted}")
        return reply

    def check_seen(self, cell, body, said, settings):
        """What has reached the upstream. Of Scripted a model says it that repeats what it was given."""
        if isinstance(cell.provider, Scripted):
            dumped = cell.client.read((200, {}, self.whole({**body, "model": "dump", "stream": False}, cell)), False)
            text = "".join(entry[1] for entry in dumped.parts if entry[0] == "text")
            seen = {**cell.provider.api.request(json.loads(text)), "stream": body["stream"]}
        else:
            assert len(self.stage.seen) == 1, (str(cell), self.stage.seen, self.stage.complaints)
            seen = self.stage.seen[0]
        wanted = {"max_tokens": settings["max_tokens"], "temperature": settings.get("temperature"), "effort": settings.get("effort"),
                  "choice": settings.get("choice", "auto"), "single": "choice" in settings, "stream": body["stream"],
                  "tools": [(t["name"], t["description"], t["schema"]) for t in settings.get("tools", [])]}
        # A client that keeps a call single by its choice says so in the turn of the choice alone.
        if "single" in settings and "choice" not in settings: seen["single"] = wanted["single"]
        for key, value in wanted.items():
            if seen[key] != value: cell.notes.append(f"sent: {key} {seen[key]}, not {value}")
        cell.notes += differences("sent", self.merged(said), self.merged(seen["said"]))

    def whole(self, body, cell):
        link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        link.request("POST", cell.client.path, json.dumps(body), {"content-type": "application/json", **cell.client.headers})
        return link.getresponse().read().decode()

    def merged(self, said):
        """Without the marks that say what a signature belongs to; OpenRouter's is a whole entry of its `reasoning_details`."""
        def plain(value):
            if not isinstance(value, str): return value
            return json.loads(value)["signature"] if value.startswith('{"') else re.sub(r"^(gemini\.\w+\.|summary:|signature:)", "", value)
        return [tuple(map(plain, entry)) for entry in said]

    def check_answer(self, cell, reply, answer, end):
        ideal, found = self.merged(answer), self.merged(reply.parts)
        if not cell.client.is_ordered:
            ideal, found = (sorted(list, key=lambda entry: ["reasoning", "text", "refusal", "call"].index(entry[0])) for list in (ideal, found))
        cell.notes += differences("answer", ideal, found)
        if reply.end != end: cell.notes.append(f"answer: end {reply.end}, not {end}")

    def check_local(self, cell, settings, reply):
        kinds = [entry[0] for entry in reply.parts]
        if "choice" in settings:
            assert kinds == ["call"] and reply.parts[0][2:] == ("get_weather", {"city": "Paris"}) and reply.end == "calls", (str(cell), reply.form)
        else:
            assert kinds in (["text"], ["call"]) and reply.end in ("stop", "length", "calls"), (str(cell), reply.form)
        if "effort" in settings:
            told = "log: this provider has no place for "
            assert any(note.startswith(told) and "reasoning" in note for note in cell.notes), (str(cell), cell.notes)
            cell.notes = [note for note in cell.notes if not note.startswith(told)] + ["sent: no effort"]

    def fault(self, cell, scenario):
        """The errors that the client is told, in its format's words."""
        for fault in cell.provider.faults or (("rate", "field") if scenario.fault == "before" else ("after",)):
            self.stage.play(*cell.provider.answer(cell.name), fault=fault)
            text = json.dumps(cell.client.request(cell.provider.model(cell.name), scenario, cell.streamed))
            words = {"field": "invalid", "context": "long " * 5000}.get(fault, "ratelimit")
            reply = self.ask(cell, json.loads(text.replace("ratelimit", words)))
            assert reply.error, (str(cell), reply.form)
            if fault == "after": fault += ", streamed" if cell.streamed else ", whole"
            error = reply.error
            told = (*(error[key] for key in ("status", "type", "code", "param")), error["retry-after"] is not None)
            if told != expected.ERRORS[fault][cell.client.name]:
                cell.notes.append(f"{fault}: {told[0]} {told[1]} at `{told[3]}`" + (f" code {told[2]}" if told[2] else ""))
            if fault == "after, streamed":
                said = "".join(entry[1] for entry in reply.parts)
                assert said and "".join(e[1] for e in cell.provider.answer(cell.name)[0]).startswith(said), (str(cell), said)
        return cell


def check(cells):
    """What was observed elsewise than expected, and where a stream isn't what the whole answer is."""
    for cell in cells:
        wanted = sorted(expected.outcome(cell.client.name, cell.provider.name, cell.name))
        if cell.outcome != wanted: yield f"{cell}: {cell.outcome}, not {wanted}"


def check_page(cells, columns, writes):
    page = table.page(cells, columns)
    if writes:
        with open(PAGE, "w") as file: file.write(page)
        return []
    with open(PAGE) as file: written = file.read()
    return list(difflib.unified_diff(written.splitlines(), page.splitlines(), "Documentation/matrix.md", "what was observed", lineterm=""))


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    run = Run(os.path.abspath(arguments[0] if arguments else ".build/debug"))
    cells, faults = [], []
    try:
        for cell in (Cell(*of) for of in itertools.product(CLIENTS, run.columns, SCENARIOS, (True, False))):
            try: cells.append(run.run(cell))
            except AssertionError as fault: faults.append(str(fault))

    finally:
        run.server.stop()
    faults += run.stage.complaints + list(check(cells))
    # A page is of all cells, each as expected.
    if not faults: faults = check_page(cells, run.columns, "--write" in sys.argv)
    print(*faults, sep="\n")
    print(f"{len(cells)} cells: " + ", ".join(f"{count} {kind}" for kind, count in table.counts(cells).items()))
    print(f"matrix: {len(cells) - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
