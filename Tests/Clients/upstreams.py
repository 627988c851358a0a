"""A server of the vendors' APIs, played from their public documentation: OpenAI's two, Anthropic's, Gemini's.

The model is one and the same behind each. Its name says what it does, and what a request holds is read out of each API's own words,
by its own rules: what the vendor would refuse is refused here. `ask` is the last request, `asks` counts them by model."""

import base64
import http.server
import json
import threading

SIGNATURE = base64.b64encode(b"a signature of the upstream's").decode()
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


def answer_to(ask):
    """The parts of an answer, and how it ends: stop, calls, length, refusal or stopped."""
    model = ask.model
    if model.startswith("call") and ask.tools and not ask.results:
        wanted = ask.tools if model.startswith("calls") else ask.tools[:1]
        calls = [("call", f"id{n}", name, {"city": "Paris"} if "weather" in name else {"zone": "London"}) for n, name in enumerate(wanted)]
        return ([("thought", "I look it up.", SIGNATURE)] if "thought" in model else []) + calls, "calls"
    if ask.results:
        return [("text", "; ".join(text for _, text in ask.results))], "stop"
    if "thought" in model:
        return [("thought", "I think, so I am.", SIGNATURE), ("text", ask.text)], "stop"
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


class Chat:
    """OpenAI's Chat Completions."""

    def read(self, path, body):
        ask = Ask(body["model"], body.get("stream", False), body)
        open_calls = set()
        for message in body["messages"]:
            role, content = message["role"], message.get("content")
            need(role == "tool" or not open_calls, f"tool calls without answers: {open_calls}")
            parts = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
            text = "".join(part.get("text", "") for part in parts if part["type"] == "text")
            if role in ("system", "developer"):
                ask.system.append(text)
            elif role == "user":
                ask.text = text
                for part in parts:
                    need(part["type"] in ("text", "image_url", "file", "input_audio"), part)
                    if part["type"] == "image_url": ask.images.append(part["image_url"]["url"])
                    if part["type"] == "file": ask.files.append(part["file"]["file_data"])
            elif role == "assistant":
                need(content or message.get("tool_calls") or message.get("refusal"), "an assistant's message without content")
                open_calls = {call["id"] for call in message.get("tool_calls", [])}
                for call in message.get("tool_calls", []): json.loads(call["function"]["arguments"])
                if message.get("reasoning"): ask.thoughts.append(message["reasoning"])
            else:
                need(role == "tool" and message["tool_call_id"] in open_calls, f"{role} {message.get('tool_call_id')}")
                open_calls.remove(message["tool_call_id"])
                ask.results.append((message["tool_call_id"], text))
        need(not open_calls, "tool calls without answers at the end")
        ask.tools = [tool["function"]["name"] for tool in body.get("tools", [])]
        form = body.get("response_format", {})
        ask.schema = form.get("json_schema", {}).get("schema")
        ask.stops = [body["stop"]] if isinstance(body.get("stop"), str) else body.get("stop") or []
        return ask

    def whole(self, ask, parts, end):
        message = {"role": "assistant", "content": None, "refusal": None}
        for kind, *of in parts:
            if kind == "text": message["content"] = of[0]
            elif kind == "refusal": message["refusal"] = of[0]
            elif kind == "thought": message["reasoning_content"] = of[0]
            else: message.setdefault("tool_calls", []).append(
                {"id": of[0], "type": "function", "function": {"name": of[1], "arguments": json.dumps(of[2])}})
        return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": ask.model, "usage": self.usage(),
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": self.reason(end)}]}

    def reason(self, end):
        return {"calls": "tool_calls", "length": "length"}.get(end, "stop")

    def usage(self):
        return {"prompt_tokens": USAGE[0], "completion_tokens": USAGE[1], "total_tokens": sum(USAGE)}

    def events(self, ask, parts, end):
        def chunk(delta, reason=None):
            return None, {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": ask.model,
                          "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}
        yield chunk({"role": "assistant", "content": ""})
        number = -1
        for kind, *of in parts:
            if kind == "call":
                number += 1
                yield chunk({"tool_calls": [{"index": number, "id": of[0], "type": "function", "function": {"name": of[1], "arguments": ""}}]})
                for piece in pieces(json.dumps(of[2])):
                    yield chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]})
            else:
                name = {"text": "content", "refusal": "refusal", "thought": "reasoning_content"}[kind]
                for piece in pieces(of[0]): yield chunk({name: piece})
        yield chunk({}, self.reason(end))
        if ask.body.get("stream_options", {}).get("include_usage"):
            yield None, {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": ask.model, "choices": [], "usage": self.usage()}
        yield None, "[DONE]"

    def failure(self, status, what):
        kind = {400: "invalid_request_error", 429: "requests"}.get(status, "server_error")
        return {"error": {"message": what, "type": kind, "param": None, "code": "rate_limit_exceeded" if status == 429 else None}}

    def late_failure(self):
        return None, {"error": {"message": "The server had an error", "type": "server_error", "param": None, "code": None}}


class Responses(Chat):
    """OpenAI's Responses."""

    def read(self, path, body):
        ask = Ask(body["model"], body.get("stream", False), body)
        calls, answered = set(), set()
        if body.get("instructions"): ask.system.append(body["instructions"])
        items = [{"role": "user", "content": body["input"]}] if isinstance(body["input"], str) else body["input"]
        for item in items:
            kind = item.get("type", "message")
            if kind == "message":
                content = item["content"]
                parts = [{"type": "input_text", "text": content}] if isinstance(content, str) else content
                text = "".join(part.get("text", "") for part in parts)
                assistant = item["role"] == "assistant"
                for part in parts:
                    need(part["type"] in (("output_text", "refusal") if assistant and not isinstance(content, str)
                                          else ("input_text", "input_image", "input_file")), part)
                    if part["type"] == "input_image": ask.images.append(part["image_url"])
                    if part["type"] == "input_file": ask.files.append(part["file_data"])
                if item["role"] in ("system", "developer"): ask.system.append(text)
                elif not assistant: ask.text = text
            elif kind == "reasoning":
                ask.signatures.append(item.get("encrypted_content"))
                ask.thoughts += [part["text"] for part in item["summary"]]
            elif kind == "function_call":
                calls.add(item["call_id"])
                json.loads(item["arguments"])
            else:
                need(kind == "function_call_output" and item["call_id"] in calls, item)
                output = item["output"]
                answered.add(item["call_id"])
                ask.results.append((item["call_id"], output if isinstance(output, str) else "".join(p.get("text", "") for p in output)))
        need(calls == answered, f"No tool output found for function call {calls - answered}")
        ask.tools = [tool["name"] for tool in body.get("tools", [])]
        ask.schema = body.get("text", {}).get("format", {}).get("schema")
        return ask

    def item(self, number, kind, of, status="completed"):
        identifier = {"call": "fc", "thought": "rs"}.get(kind, "msg") + f"_{number}"
        if kind == "call":
            return {"id": identifier, "type": "function_call", "status": status, "call_id": of[0], "name": of[1], "arguments": json.dumps(of[2])}
        if kind == "thought":
            return {"id": identifier, "type": "reasoning", "summary": [{"type": "summary_text", "text": of[0]}], "encrypted_content": of[1]}
        part = {"type": "refusal", "refusal": of[0]} if kind == "refusal" else {
            "type": "output_text", "text": of[0], "annotations": [], "logprobs": []}
        return {"id": identifier, "type": "message", "role": "assistant", "status": status, "content": [part]}

    def response(self, ask, output, status, end=None):
        return {"id": "resp_1", "object": "response", "created_at": 1, "status": status, "error": None, "model": ask.model, "output": output,
                "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None, "instructions": None,
                "metadata": {}, "parallel_tool_calls": True, "temperature": 1, "tool_choice": "auto", "tools": [], "top_p": 1,
                "usage": None if status == "in_progress" else {
                    "input_tokens": USAGE[0], "input_tokens_details": {"cached_tokens": 0}, "output_tokens": USAGE[1],
                    "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": sum(USAGE)}}

    def whole(self, ask, parts, end):
        items = [self.item(number, kind, of) for number, (kind, *of) in enumerate(parts)]
        return self.response(ask, items, "incomplete" if end == "length" else "completed")

    def events(self, ask, parts, end):
        count = 0

        def event(kind, **more):
            nonlocal count
            count += 1
            return kind, {"type": kind, "sequence_number": count - 1, **more}
        yield event("response.created", response=self.response(ask, [], "in_progress"))
        yield event("response.in_progress", response=self.response(ask, [], "in_progress"))
        for number, (kind, *of) in enumerate(parts):
            item = self.item(number, kind, of)
            begun = {**item, **({"arguments": ""} if kind == "call" else {"summary": []} if kind == "thought" else {"content": []})}
            if kind != "thought": begun["status"] = "in_progress"
            at = {"item_id": item["id"], "output_index": number}
            yield event("response.output_item.added", output_index=number, item=begun)
            if kind == "call":
                for piece in pieces(item["arguments"]): yield event("response.function_call_arguments.delta", **at, delta=piece)
                yield event("response.function_call_arguments.done", **at, arguments=item["arguments"], name=of[1])
            elif kind == "thought":
                at["summary_index"] = 0
                yield event("response.reasoning_summary_part.added", **at, part={"type": "summary_text", "text": ""})
                for piece in pieces(of[0]): yield event("response.reasoning_summary_text.delta", **at, delta=piece)
                yield event("response.reasoning_summary_text.done", **at, text=of[0])
                yield event("response.reasoning_summary_part.done", **at, part=item["summary"][0])
            else:
                at["content_index"] = 0
                part, name = item["content"][0], "refusal" if kind == "refusal" else "output_text"
                key = "refusal" if kind == "refusal" else "text"
                yield event("response.content_part.added", **at, part={**part, key: ""})
                for piece in pieces(of[0]): yield event(f"response.{name}.delta", **at, delta=piece, **({"logprobs": []} if key == "text" else {}))
                yield event(f"response.{name}.done", **at, **{key: of[0]}, **({"logprobs": []} if key == "text" else {}))
                yield event("response.content_part.done", **at, part=part)
            yield event("response.output_item.done", output_index=number, item=item)
        status = "incomplete" if end == "length" else "completed"
        yield event(f"response.{status}", response=self.whole(ask, parts, end))

    def late_failure(self):
        return "error", {"type": "error", "sequence_number": 9, "code": "server_error", "message": "The server had an error", "param": None}


class Messages:
    """Anthropic's Messages."""

    def read(self, path, body):
        ask = Ask(body["model"], body.get("stream", False), body)
        need("count_tokens" in path or body["max_tokens"] >= 1, "max_tokens")
        system = body.get("system", [])
        ask.system = [system] if isinstance(system, str) else [block["text"] for block in system]
        calls, before = set(), None
        for message in body["messages"]:
            role, content = message["role"], message["content"]
            need(role in ("user", "assistant", "system"), role)
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            need(blocks, "an empty message")
            results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
            need(set(results) == calls, f"tool_use without tool_result: {calls} {results}")
            calls, texts = set(), []
            for block in blocks:
                kind = block["type"]
                if kind == "text":
                    need(block["text"], "text content blocks must be non-empty")
                    texts.append(block["text"])
                elif kind == "image": ask.images.append(block["source"].get("data") or block["source"]["url"])
                elif kind == "document": ask.files.append(block["source"].get("data") or block["source"].get("url"))
                elif kind == "tool_use":
                    need(role == "assistant" and isinstance(block["input"], dict), block)
                    calls.add(block["id"])
                elif kind == "tool_result":
                    said = block.get("content", "")
                    ask.results.append((block["tool_use_id"], said if isinstance(said, str) else "".join(p.get("text", "") for p in said)))
                elif kind == "thinking":
                    need(role == "assistant" and block["signature"] == SIGNATURE, "Invalid `signature` in `thinking` block")
                    ask.signatures.append(block["signature"])
                    ask.thoughts.append(block["thinking"])
                else: need(kind == "redacted_thinking", kind)
            if role == "user" and texts: ask.text = "".join(texts)
            before = role
        need(not calls, "tool_use at the end")
        ask.tools = [tool["name"] for tool in body.get("tools", [])]
        for tool in body.get("tools", []): need(tool["input_schema"]["type"] == "object", "input_schema.type")
        ask.schema = body.get("output_config", {}).get("format", {}).get("schema")
        ask.stops = body.get("stop_sequences", [])
        return ask

    def block(self, kind, of):
        if kind == "call": return {"type": "tool_use", "id": of[0], "name": of[1], "input": of[2]}
        if kind == "thought": return {"type": "thinking", "thinking": of[0], "signature": of[1]}
        return {"type": "text", "text": of[0]}

    def ending(self, ask, end):
        reason = {"calls": "tool_use", "length": "max_tokens", "refusal": "refusal", "stopped": "stop_sequence"}.get(end, "end_turn")
        return {"stop_reason": reason, "stop_sequence": ask.stops[0] if end == "stopped" else None}

    def whole(self, ask, parts, end):
        return {"id": "msg_1", "type": "message", "role": "assistant", "model": ask.model, "content": [self.block(k, of) for k, *of in parts],
                **self.ending(ask, end), "usage": {"input_tokens": USAGE[0], "output_tokens": USAGE[1]}}

    def events(self, ask, parts, end):
        def event(kind, **more): return kind, {"type": kind, **more}
        yield event("message_start", message={**self.whole(ask, [], end), "stop_reason": None, "stop_sequence": None,
                                              "usage": {"input_tokens": USAGE[0], "output_tokens": 1}})
        for index, (kind, *of) in enumerate(parts):
            block = self.block(kind, of)
            begun = {**block, **({"input": {}} if kind == "call" else {"thinking": "", "signature": ""} if kind == "thought" else {"text": ""})}
            yield event("content_block_start", index=index, content_block=begun)
            if index == 0: yield event("ping")
            name, key = {"call": ("input_json_delta", "partial_json"), "thought": ("thinking_delta", "thinking")}.get(kind, ("text_delta", "text"))
            for piece in pieces(json.dumps(of[2]) if kind == "call" else of[0]):
                yield event("content_block_delta", index=index, delta={"type": name, key: piece})
            if kind == "thought":
                yield event("content_block_delta", index=index, delta={"type": "signature_delta", "signature": of[1]})
            yield event("content_block_stop", index=index)
        yield event("message_delta", delta=self.ending(ask, end), usage={"output_tokens": USAGE[1]})
        yield event("message_stop")

    def failure(self, status, what):
        kind = {400: "invalid_request_error", 429: "rate_limit_error", 529: "overloaded_error"}.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": what}, "request_id": "req_1"}

    def late_failure(self):
        return "error", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


class Gemini:
    """Google's generateContent."""

    def read(self, path, body):
        name, _, verb = path.rpartition("/")[2].partition("?")[0].partition(":")
        ask = Ask(name, verb == "streamGenerateContent", body)
        inner = body.get("generateContentRequest", body)
        ask.system = [part["text"] for part in inner.get("systemInstruction", {}).get("parts", [])]
        calls = []
        for content in inner["contents"]:
            need(content["role"] in ("user", "model") and content["parts"], content)
            results = [part["functionResponse"]["name"] for part in content["parts"] if "functionResponse" in part]
            need(results == calls, f"the number of function response parts is not that of the function call parts: {calls} {results}")
            calls, texts = [], []
            for part in content["parts"]:
                if "thoughtSignature" in part: ask.signatures.append(part["thoughtSignature"])
                if "functionCall" in part: calls.append(part["functionCall"]["name"])
                elif "functionResponse" in part:
                    said = part["functionResponse"]["response"]
                    ask.results.append((part["functionResponse"].get("id"), said if isinstance(said, str) else str(next(iter(said.values())))))
                elif "inlineData" in part:
                    (ask.images if part["inlineData"]["mimeType"].startswith("image/") else ask.files).append(part["inlineData"]["data"])
                elif "text" in part and not part.get("thought"): texts.append(part["text"])
            if content["role"] == "user" and texts: ask.text = "".join(texts)
        ask.tools = [f["name"] for tool in inner.get("tools", []) for f in tool.get("functionDeclarations", [])]
        config = inner.get("generationConfig", {})
        ask.schema = config.get("responseJsonSchema") or config.get("responseSchema")
        ask.stops = config.get("stopSequences", [])
        return ask

    def candidate(self, parts, end=None):
        reasons = {"length": "MAX_TOKENS", "refusal": "SAFETY"}
        return {"candidates": [{"index": 0, "content": {"role": "model", "parts": parts},
                                **({"finishReason": reasons.get(end, "STOP")} if end else {})}],
                "usageMetadata": {"promptTokenCount": USAGE[0], "candidatesTokenCount": USAGE[1], "totalTokenCount": sum(USAGE)},
                "modelVersion": "gemini", "responseId": "r1"}

    def parts(self, parts):
        made, signature = [], None
        for kind, *of in parts:
            if kind == "thought":
                made.append({"text": of[0], "thought": True})
                signature = of[1]
                continue
            made.append({"functionCall": {"id": of[0], "name": of[1], "args": of[2]}} if kind == "call" else {"text": of[0]})
            if signature: made[-1]["thoughtSignature"] = signature
            signature = None
        return made

    def whole(self, ask, parts, end):
        return self.candidate(self.parts([p for p in parts if p[0] != "refusal"]), end)

    def events(self, ask, parts, end):
        made = self.parts([p for p in parts if p[0] != "refusal"])
        for part in made:
            if "text" in part and not part.get("thoughtSignature"):
                for piece in pieces(part["text"]): yield None, self.candidate([{**part, "text": piece}])
            else: yield None, self.candidate([part])
        yield None, self.candidate([{"text": ""}], end)

    def failure(self, status, what):
        names = {400: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
        details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "2s"}] if status == 429 else []
        return {"error": {"code": status, "message": what, "status": names.get(status, "INTERNAL"), "details": details}}

    def late_failure(self):
        return None, {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}


APIS = {"chat": Chat(), "responses": Responses(), "messages": Messages(), "gemini": Gemini()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_): pass

    def do_POST(self):
        server, api = self.server, APIS[self.path.split("/")[1]]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        try:
            ask = api.read(self.path, body)
        except (Refused, KeyError, TypeError, ValueError) as error:
            return self.whole(400, api.failure(400, f"{type(error).__name__}: {error}"))
        server.ask, server.headers = ask, dict(self.headers)
        server.asks[ask.model] = server.asks.get(ask.model, 0) + 1
        if self.path.partition("?")[0].endswith(("count_tokens", ":countTokens", "/input_tokens")):
            return self.whole(200, {"object": "response.input_tokens", "totalTokens" if api is APIS["gemini"] else "input_tokens": 42})
        if ask.model.startswith(("fail-", "flaky-")):
            if ask.model.startswith("fail-") or server.asks[ask.model] == 1:
                status = int(ask.model.rpartition("-")[2])
                return self.whole(status, api.failure(status, "told to fail"), {"retry-after": "1"} if status == 429 else {})
        if ask.model == "hang":
            server.released.wait(30)
            self.close_connection = True
            return
        parts, end = answer_to(ask)
        if not ask.stream: return self.whole(200, api.whole(ask, parts, end))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for number, (name, event) in enumerate(api.events(ask, parts, end)):
                if ask.model == "late" and number == 6:
                    self.event(*api.late_failure())
                    break
                if ask.model == "cut" and number == 6:
                    self.close_connection = True
                    return
                self.event(name, event)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            server.aborted.set()

    def event(self, name, event):
        data = (f"event: {name}\n" if name else "") + f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n"
        self.wfile.write(f"{len(data.encode()):x}\r\n{data}\r\n".encode())

    def whole(self, status, body, headers={}):
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class Upstream(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.ask, self.headers, self.asks = None, {}, {}
        self.aborted, self.released = threading.Event(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, address): pass

    def __enter__(self): return self

    def __exit__(self, *_):
        self.released.set()
        self.shutdown()

    def configuration(self):
        """One provider for each API, with any model as `API/MODEL`."""
        base = f"http://127.0.0.1:{self.server_address[1]}"
        plugins = {"chat": ("openai", f"api: chat_completions, dialect: vllm, base_url: '{base}/chat/v1', api_key: the-upstreams-key"),
                   "responses": ("openai", f"api: responses, base_url: '{base}/responses/v1', api_key: the-upstreams-key"),
                   "messages": ("anthropic", f"base_url: '{base}/messages/v1', api_key: the-upstreams-key, claude: '4.8'"),
                   "gemini": ("gemini", f"base_url: '{base}/gemini', api_key: the-upstreams-key, include_thoughts: true")}
        lines = [f"  - {{name: {name}, library: libpatchbay_{library}.so, config: {{{config}}}}}" for name, (library, config) in plugins.items()]
        models = [f"  - {{name: '{name}/*', provider: {name}, upstream_model: '*'}}" for name in plugins]
        return "\n".join(["plugins:", *lines, "models:", *models])
