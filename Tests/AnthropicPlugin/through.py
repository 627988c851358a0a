#!/usr/bin/env python3
"""What a Messages client sends and gets through the whole server and the Anthropic plugin: through.py BUILD_FOLDER.

An upstream of Anthropic's API is played here. Each request must reach it as it was sent, and each answer come back as it
was given, streamed and whole."""
import http.client, http.server, json, os, sys, threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Clients"))
from patchbay import Server

build = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ".build/debug")
seen = {}
EPHEMERAL = {"type": "ephemeral"}
CITATION = {"type": "web_search_result_location", "url": "https://e.org", "title": "T", "encrypted_index": "E", "cited_text": "c"}
USAGE = {"input_tokens": 10, "cache_creation_input_tokens": 3, "cache_read_input_tokens": 5, "output_tokens": 7}
CONTENT = [
    {"type": "thinking", "thinking": "hm", "signature": "SIG"},
    {"type": "thinking", "thinking": "", "signature": "SIG2"},
    {"type": "redacted_thinking", "data": "RED"},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    {"type": "text", "text": "so", "citations": [CITATION]},
    {"type": "text", "text": "END?", "citations": None},
]
CALLS = [{"type": "tool_use", "id": f"toolu_{i}", "name": "f", "input": {"a": i}} for i in (1, 2)]


def text(words, **more): return {"type": "text", "text": words, **more}


def user(*blocks): return {"role": "user", "content": list(blocks)}


def assistant(*blocks): return {"role": "assistant", "content": list(blocks)}


TOOLS = [{"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {"a": {"type": "integer"}}}, "cache_control": EPHEMERAL},
         {"type": "web_search_20250305", "name": "web_search", "max_uses": 2}]
REQUESTS = {
    "text": {"messages": [user(text("hi"))]},
    "fields": {"messages": [user(text("hi"))], "system": [text("S", cache_control={"type": "ephemeral", "ttl": "1h"}), text("S2")],
               "temperature": 0.5, "top_p": 0.9, "top_k": 4, "stop_sequences": ["END"], "metadata": {"user_id": "u"}, "service_tier": "standard_only",
               "thinking": {"type": "enabled", "budget_tokens": 2000}, "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
               "context_management": {"edits": []}, "cache_control": EPHEMERAL, "tools": TOOLS, "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    "any": {"messages": [user(text("hi"))], "tools": TOOLS, "tool_choice": {"type": "any"}},
    "tool": {"messages": [user(text("hi"))], "tools": TOOLS, "tool_choice": {"type": "tool", "name": "f"}},
    "none": {"messages": [user(text("hi"))], "tools": TOOLS, "tool_choice": {"type": "none"}},
    "history": {"tools": TOOLS, "messages": [
        user(text("a", cache_control=EPHEMERAL), {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}, "cache_control": EPHEMERAL},
             {"type": "image", "source": {"type": "url", "url": "https://e.org/i.png"}}, {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}, "title": "t", "context": "c"},
             {"type": "document", "source": {"type": "url", "url": "https://e.org/a.pdf"}, "citations": {"enabled": True}},
             {"type": "search_result", "source": "s", "title": "T", "content": [text("x")]}),
        assistant(*CONTENT[:5], text("so", citations=[CITATION]), *CALLS),
        user({"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("r"), {"type": "image", "source": {"type": "url", "url": "https://e.org/i.png"}}], "cache_control": EPHEMERAL},
             {"type": "tool_result", "tool_use_id": "toolu_2", "content": "bad", "is_error": True}, text("go on"))]},
}
ANSWERS = {"blocks": (CONTENT, "stop_sequence", "END"), "calls": ([text("I look", citations=None), *CALLS], "tool_use", None),
           "length": ([text("cu", citations=None)], "max_tokens", None), "refusal": ([], "refusal", None)}


def events(content, reason, stop):
    yield {"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "content": [], "usage": {**USAGE, "output_tokens": 1}}}
    for i, block in enumerate(content):
        start, deltas = dict(block), []
        if block["type"] == "text":
            start, deltas = {"type": "text", "text": ""}, [{"type": "text_delta", "text": c} for c in block["text"]]
            deltas += [{"type": "citations_delta", "citation": c} for c in block.get("citations") or []]
        elif block["type"] == "thinking":
            start = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": c} for c in block["thinking"]] + [{"type": "signature_delta", "signature": block["signature"]}]
        elif "input" in block:
            start["input"], raw = {}, json.dumps(block["input"])
            deltas = [{"type": "input_json_delta", "partial_json": p} for p in (raw[:3], raw[3:])]
        yield {"type": "content_block_start", "index": i, "content_block": start}
        yield {"type": "ping"}
        for delta in deltas: yield {"type": "content_block_delta", "index": i, "delta": delta}
        yield {"type": "content_block_stop", "index": i}
    yield {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": stop}, "usage": {"output_tokens": USAGE["output_tokens"]}}
    yield {"type": "message_stop"}


class Upstream(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        seen.update(path=self.path, body=body, key=self.headers["x-api-key"], version=self.headers["anthropic-version"])
        content, reason, stop = seen["answer"]
        if self.path.endswith("count_tokens"): reply, kind = json.dumps({"input_tokens": 14}), "application/json"
        elif body["stream"]: reply, kind = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in events(content, reason, stop)), "text/event-stream"
        else: reply, kind = json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "model": "up", "content": content, "stop_reason": reason, "stop_sequence": stop, "usage": USAGE}), "application/json"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(reply.encode())))
        self.end_headers()
        self.wfile.write(reply.encode())

    def log_message(self, *_): pass


def collect(stream):
    """A stream's message, as a client puts it together."""
    message = {}
    for event in (json.loads(line[6:]) for line in stream.split("\n") if line.startswith("data: ")):
        if event["type"] == "message_start": message = event["message"]
        elif event["type"] == "content_block_start": message["content"].append(event["content_block"]); pieces = ""
        elif event["type"] == "content_block_delta":
            block, delta = message["content"][event["index"]], event["delta"]
            if delta["type"] == "input_json_delta": pieces += delta["partial_json"]; continue
            for key in set(delta) - {"type"}:
                if key == "citation": block["citations"] = (block["citations"] or []) + [delta[key]]
                else: block[key] = (block[key] or "") + delta[key]
        elif event["type"] == "content_block_stop" and pieces: message["content"][event["index"]]["input"] = json.loads(pieces)
        elif event["type"] == "message_delta": message |= event["delta"]; message["usage"] = event["usage"]
        elif event["type"] == "error": return event
    return message


def same(what, wanted, had):
    if wanted == had: return 0
    print(f"not ok: {what}\n  wanted {json.dumps(wanted, sort_keys=True)}\n  had    {json.dumps(had, sort_keys=True)}")
    return 1


def main():
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    failed = passed = 0
    server = Server(build, f"""
        plugins:
          - name: a
            library: {build}/libpatchbay_anthropic.so
            config: {{base_url: "http://127.0.0.1:{upstream.server_address[1]}", api_key: k}}
        models:
          - {{name: m, provider: a, upstream_model: claude-opus-4-8}}
        """)
    try:
        def ask(path, body):
            client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            client.request("POST", path, json.dumps(body), {"content-type": "application/json", "anthropic-version": "2023-06-01"})
            return client.getresponse().read().decode()

        for name, request in REQUESTS.items():
            for stream in (False, True):
                seen.update(answer=ANSWERS["length"], body=None)
                body = {"model": "m", "max_tokens": 4000, "stream": stream, **request}
                reply = ask("/v1/messages", body)
                fault = same(f"{name}, stream {stream}: {reply[:300]}", {**body, "model": "claude-opus-4-8"}, seen["body"])
                failed, passed = failed + fault, passed + 1 - fault
        for name, (content, reason, stop) in ANSWERS.items():
            for stream in (False, True):
                seen["answer"] = (content, reason, stop)
                reply = ask("/v1/messages", {"model": "m", "max_tokens": 4000, "stream": stream, "stop_sequences": ["END"], "tools": TOOLS, "messages": [user(text("hi"))]})
                message = collect(reply) if stream else json.loads(reply)
                had = [{k: v for k, v in b.items() if k != "caller"} for b in message.get("content", [reply])]
                usage = {k: message.get("usage", {}).get(k) for k in USAGE}
                fault = same(f"answer {name}, stream {stream}", [content, reason, stop, USAGE], [had, message.get("stop_reason"), message.get("stop_sequence"), usage])
                failed, passed = failed + fault, passed + 1 - fault
        reply = ask("/v1/messages/count_tokens", {"model": "m", "messages": [user(text("hi"))], "tools": TOOLS})
        fault = same("count", [{"input_tokens": 14}, "/messages/count_tokens"], [json.loads(reply), seen["path"]])
        failed, passed = failed + fault, passed + 1 - fault
    finally:
        server.stop()
    print(f"through the server: {passed} passed, {failed} failed")
    return failed


sys.exit(1 if main() else 0)
