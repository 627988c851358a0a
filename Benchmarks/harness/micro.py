"""Single steps of the host, measured inside a process."""

import subprocess

from . import tools
from .measure import Figure
from .table import Row

CHUNK = (
    '{"id":"chatcmpl-A1b2C3d4E5f6G7h8","object":"chat.completion.chunk","created":1763700000,"model":"benchmark-model-1",'
    '"system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":" hello"},"finish_reason":null}]}')


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]


def figure(output, name, scale=1.0):
    return Figure(float(line.split()[1]) / scale for line in output if line.split()[0] == name)


def reference(kind, file, rounds, scale=1.0):
    return Figure(float(line) / scale for line in lines(str(tools.BUILT / "reference"), kind, str(file), str(rounds)))


def event(quick):
    """A text delta from a C plugin's push to its server-sent event's bytes."""
    micro = tools.build_micro()
    output = lines(str(micro), "events", str(tools.BUILT / "provider.so"), "200000" if quick else "1000000", "7")
    return [
        Row("event across the ABI, SSE line written", figure(output, "event_ns"), "ns", target=150,
            reference=("snprintf of the line", reference("event", "-", 7)))
    ]


def hooks(quick):
    """Visits of a C plugin's hook that does nothing, without the lifecycle that visits it."""
    micro = tools.build_micro()
    output = lines(str(micro), "hooks", str(tools.BUILT / "hook.so"), "100000" if quick else "500000", "7")
    return [
        Row("hook: a visit across the ABI", figure(output, "hook_1_ns"), "ns", target=1000),
        Row("hook: the same of five hooks", figure(output, "hook_5_ns"), "ns", target=5000),
        Row("hook: its verdict by a function", figure(output, "hook_function_ns"), "ns", target=1000),
        Row("hook: a visit that looks at a small document", figure(output, "hook_document_ns"), "ns"),
        Row("hook: a visit with one event", figure(output, "hook_event_ns"), "ns", target=1000),
        Row("hook: a visit with 32 events", figure(output, "hook_batch_ns"), "ns"),
        Row("hook: a request's open, one visit and close", figure(output, "hook_request_ns"), "ns"),
    ]


def parse(quick):
    """JSON: a chunk of a stream, and a large request into the model."""
    micro = tools.build_micro()
    output = lines(str(micro), "parse", "5" if quick else "9")
    chunk = tools.BUILT / "chunk.json"
    chunk.write_text(CHUNK)
    request = tools.BUILT / "request.json"
    request.write_bytes(subprocess.run([str(micro), "request"], capture_output=True, check=True).stdout)
    dom = reference("request", request, 7, 1e6)
    return [
        Row("parse of a chunk of 227 bytes", figure(output, "chunk_ns", 1e3), "us", target=0.6, digits=3,
            reference=("simdjson DOM", reference("chunk", chunk, 7, 1e3))),
        Row("parse of a request of 124 kB: document", figure(output, "document_ns", 1e6), "ms", digits=3, reference=("simdjson DOM", dom)),
        Row("parse of a request of 124 kB: into the model", figure(output, "request_ns", 1e6), "ms", target=0.25, digits=3,
            reference=("simdjson DOM", dom)),
    ]


def markup(quick):
    """The search for tool calls in a model's text."""
    micro = tools.build_micro()
    output = lines(str(micro), "markup", "3" if quick else "7")
    none = ("no search", figure(output, "markup_none_tokens"))
    return [
        Row("tool markup: plain text in deltas of 5 bytes", figure(output, "markup_plain_tokens"), "MB/s", reference=none),
        Row("tool markup: plain text in deltas of 4 kB", figure(output, "markup_plain_blocks"), "MB/s", target=100, at_least=True),
        Row("tool markup: a call every 200 bytes, deltas of 5 bytes", figure(output, "markup_calls_tokens"), "MB/s"),
        Row("tool markup: a call every 200 bytes, deltas of 4 kB", figure(output, "markup_calls_blocks"), "MB/s", target=100, at_least=True),
        Row("tool markup: the same of qwen_xml, deltas of 4 kB", figure(output, "markup_xml_blocks"), "MB/s"),
    ]


def ffi(quick):
    """A C function as a tool: from the model's JSON to the output's text, with every check, on one thread."""
    micro = tools.build_micro()
    output = lines(str(micro), "ffi", "3" if quick else "7")
    rows = []
    for symbol, name in (("crc32", "crc32 of 100 bytes"), ("labs", "labs")):
        direct = ("direct call", figure(output, f"{symbol}_direct_ns"))
        rows += [
            Row(f"C function, {name}: libffi alone", figure(output, f"{symbol}_libffi_ns"), "ns", reference=direct),
            Row(f"C function, {name}: JSON in, text out", figure(output, f"{symbol}_tool_ns"), "ns", reference=direct),
        ]
    return rows
