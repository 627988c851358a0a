"""Documentation/matrix.md, from what was observed."""

import collections

import expected
from clients import CLIENTS
from script import SCENARIOS

WHAT = {
    "text": "a system's and a user's text, the bound of the answer, the temperature",
    "tools": "a function with its schema, a call that is forced and single; its output in a second turn",
    "parallel tools": "two calls at once, their arguments by turns in a stream; both outputs in a second turn",
    "image": "a picture beside a text",
    "reasoning": "the effort; the answer's reasoning with what its provider wants back, and that again in a second turn",
    "refusal": "the model refuses, or a filter of the upstream does",
    "length stop": "the answer reached its bound",
    "error before": "the upstream limits the rate, or refuses a field by its own name for it, before its first byte",
    "error after": "the upstream breaks off in the middle, by its event of an error or by the connection",
}
HEAD = """# What each client gets of each provider

<!-- Written by `Tests/Matrix/matrix.py BUILD --write` from what it observed: don't edit. -->

Every format of clients against every kind of provider, streamed and not. Each cell was run against a real server, with the real plugins, and with upstreams that are played as
their makers document them (`local` is a real model). In a cell that is ✓ the upstream has received all that the client asked for, and the client has got all of the answer in its own
format, streamed as well as whole, with usage, the reason for its end and one end; what differs is said. Nothing is left out in silence: an answer that can't be had is refused, and
what is only a hint is left out with a line in the server's log. In the Chat column is OpenAI's own API, which shows no reasoning; other dialects are in the
[plugin's table](../Plugins/OpenAI/README.md).

"""


def error(told):
    status, kind, code, param, retry = told
    words = (f"{status} " if status else "event of an error, ") + " ".join(f"`{word}`" for word in (kind, code) if word)
    return words + (f" at `{param}`" if param else "") + (", `retry-after`" if retry else "")


def page(cells, columns):
    footnotes = []

    def footnote(text):
        if text not in footnotes: footnotes.append(text)
        return f"<sup>{footnotes.index(text) + 1}</sup>"

    def show(cell):
        names = cell.outcome
        if names == ["absent"]: return "n/a" + footnote(cell.absent[0].upper() + cell.absent[1:] + ".")
        if names and names[0].startswith("refused: "): return names[0].removeprefix("refused: ")
        return "✓" + "".join(footnote(expected.NOTES[name][1]) for name in names)

    by = collections.defaultdict(dict)
    for cell in cells: by[cell.name, cell.client.name, cell.provider.name][cell.streamed] = cell
    rows = ["| | client | " + " | ".join(p.title for p in columns) + " |", "|---|---|" + "---|" * len(columns)]
    for name in SCENARIOS:
        for client in CLIENTS:
            row = []
            for provider in columns:
                pair = by[name, client.name, provider.name]
                shown = [show(pair[True]), show(pair[False])]
                row.append(shown[0] if shown[0] == shown[1] else f"streamed {shown[0]}, whole {shown[1]}")
            rows.append(f"| {'**' + name + '**' if client is CLIENTS[0] else ''} | {client.name} | " + " | ".join(row) + " |")
    count = counts(cells)
    lines = ["| row | what it is |", "|---|---|", *(f"| {name} | {words} |" for name, words in WHAT.items()), "", *rows, ""]
    lines += [f"{number}. {text}" for number, text in enumerate(footnotes, 1)]
    lines += ["", f"{len(cells)} cells, each streamed or whole: " + ", ".join(f"{n} {kind}" for kind, n in count.items()) + ".", "", "## What a client is told of an error", "",
              "| error | " + " | ".join(c.name for c in CLIENTS) + " |", "|---|" + "---|" * len(CLIENTS)]
    titles = {"rate": "before: a limited rate", "field": "before: a refused field", "context": "before: a conversation too long (local)",
              "after, streamed": "after, in a stream: then its end", "after, whole": "after, of a whole answer"}
    for fault, told in expected.ERRORS.items(): lines.append(f"| {titles[fault]} | " + " | ".join(error(told[c.name]) for c in CLIENTS) + " |")
    return HEAD + "\n".join(lines) + "\n"


def counts(cells):
    kinds = collections.Counter()
    for cell in cells:
        names = cell.outcome
        kinds["carried" if not names else "n/a" if names == ["absent"] else "refused" if names[0].startswith("refused") else "carried with a note"] += 1
    return {kind: kinds[kind] for kind in ("carried", "carried with a note", "refused", "n/a")}
