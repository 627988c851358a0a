"""Upstreams that speak as OpenAI (both APIs), Anthropic and Google do, faults included, played from a script.

Each reads a request into the script's form, refusing what its API refuses, and writes an answer of the script's form, whole
or as the frames of a stream."""

import http.server
import json
import threading

from script import USAGE

EFFORTS = {"minimal", "low", "medium", "high"}


class Refused(Exception):
    """What the API would answer with a 400."""


def need(holds, words):
    if not holds: raise Refused(words)


def only(value, names):
    need(set(value) <= set(names.split()), f"unknown field: {sorted(set(value) - set(names.split()))}")


def frame(value, name=None): return (f"event: {name}\n" if name else "") + f"data: {json.dumps(value)}\n\n"


def pieces(text): return [text[i:i + 4] for i in range(0, len(text), 4)]


class Talk:
    """What is said, with calls numbered as they come."""

    def __init__(self): self.said, self.ids = [], []

    def add(self, *entry): self.said.append(entry)

    def call(self, key, name, arguments):
        need(key and key not in self.ids, "a call without an id of its own")
        self.ids.append(key)
        self.add("call", len(self.ids) - 1, name, arguments)

    def output(self, key, text):
        need(key in self.ids, f"no call has the id {key}")
        self.add("output", self.ids.index(key), text)

    def image(self, url):
        head, data = url.removeprefix("data:").split(";base64,")
        self.add("image", head, data)


def texts(content): return content if isinstance(content, str) else "".join(part["text"] for part in content)


class Responses:
    path, key, refused_field = "/v1/responses", ("authorization", "Bearer key-matrix"), "max_output_tokens"

    def read(self, body):
        only(body, "model input instructions max_output_tokens temperature reasoning include tools tool_choice parallel_tool_calls stream store "
                   "text truncation")
        return self.request(body)

    def request(self, body):
        talk = Talk()
        if body.get("instructions"): talk.add("system", body["instructions"])
        for item in body["input"]:
            kind = item.get("type", "message")
            if kind == "message":
                parts = [{"type": "input_text", "text": item["content"]}] if isinstance(item["content"], str) else item["content"]
                for part in parts:
                    if part["type"] == "input_image": talk.image(part["image_url"])
                    else: talk.add({"assistant": "text", "developer": "system"}.get(item["role"], item["role"]), part["text"])
            elif kind == "function_call": talk.call(item["call_id"], item["name"], json.loads(item["arguments"]))
            elif kind == "function_call_output": talk.output(item["call_id"], texts(item["output"]))
            elif kind == "reasoning":
                text = texts(item.get("content") or []) or texts(item["summary"])
                talk.add("reasoning", text, item.get("encrypted_content"))
            else: raise Refused(f"no such item: {kind}")
        return {
            "said": talk.said, "tools": [(t["name"], t["description"], t["parameters"]) for t in body.get("tools", [])],
            "choice": body.get("tool_choice", "auto"), "single": body.get("parallel_tool_calls") is False,
            "effort": (body.get("reasoning") or {}).get("effort"), "max_tokens": body.get("max_output_tokens"),
            "temperature": body.get("temperature"), "stream": body.get("stream", False)}

    def given(self, answer, body):
        """The answer as far as the request asks for it: thoughts are shown as their summary, and given out encrypted, only so."""
        shows = (body.get("reasoning") or {}).get("summary")
        gives = "reasoning.encrypted_content" in (body.get("include") or [])
        return [(kind, what[0] if shows else "", what[1] if gives else None) if kind == "reasoning" else (kind, *what) for kind, *what in answer]

    def items(self, answer):
        for number, (kind, *what) in enumerate(answer):
            key = f"i_{number}"
            if kind == "call": yield {"type": "function_call", "id": key, "call_id": f"call_{what[0]}", "name": what[1], "arguments": json.dumps(what[2]), "status": "completed"}
            elif kind == "reasoning":
                summary = [{"type": "summary_text", "text": what[0]}] if what[0] else []
                yield {"type": "reasoning", "id": key, "summary": summary, "encrypted_content": what[1]}
            else:
                part = {"type": "output_text", "text": what[0], "annotations": []} if kind == "text" else {"type": "refusal", "refusal": what[0]}
                yield {"type": "message", "id": key, "role": "assistant", "status": "completed", "content": [part]}

    def whole(self, answer, end):
        why = {"reason": "max_output_tokens"} if end == "length" else None
        return {"id": "resp_up", "object": "response", "model": "up", "status": "incomplete" if why else "completed", "incomplete_details": why,
                "output": list(self.items(answer)), "error": None, "usage": {
                    "input_tokens": USAGE["input"], "input_tokens_details": {"cached_tokens": USAGE["cached"]}, "output_tokens": USAGE["output"],
                    "output_tokens_details": {"reasoning_tokens": USAGE["reasoning"]}, "total_tokens": USAGE["input"] + USAGE["output"]}}

    def stream(self, answer, end):
        whole = self.whole(answer, end)
        events = [{"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}}]
        for index, item in enumerate(whole["output"]):
            at = {"output_index": index, "item_id": item["id"]}

            def say(kind, key, text, **place):
                events.extend({"type": f"{kind}.delta", **at, **place, "delta": p} for p in pieces(text))
                events.append({"type": f"{kind}.done", **at, **place, key: text})

            events.append({"type": "response.output_item.added", **at, "item": {**item, "content": [], "summary": [], "arguments": ""}})
            if item["type"] == "function_call": say("response.function_call_arguments", "arguments", item["arguments"])
            for number, part in enumerate(item.get("summary", [])): say("response.reasoning_summary_text", "text", part["text"], summary_index=number)
            for number, part in enumerate(item.get("content", [])):
                key = "text" if part["type"] == "output_text" else "refusal"
                say("response." + part["type"], key, part[key], content_index=number)
                events.append({"type": "response.content_part.done", **at, "content_index": number, "part": part})
            events.append({"type": "response.output_item.done", **at, "item": item})
        events.append({"type": "response." + whole["status"], "response": whole})
        return [frame({**event, "sequence_number": number}, event["type"]) for number, event in enumerate(events)]

    def fault(self, status, words, field):
        kind = {429: "rate_limit_exceeded", 500: "server_error"}.get(status, "invalid_request_error")
        return {"error": {"message": words, "type": kind, "code": None, "param": field}}

    def broken(self): return frame({"type": "error", "code": "server_error", "message": "It broke.", "param": None}, "error")


class Chat(Responses):
    path, refused_field = "/v1/chat/completions", "max_completion_tokens"
    fields = ("model messages max_completion_tokens temperature reasoning_effort tools tool_choice parallel_tool_calls stream stream_options")
    assistant = "role content tool_calls"

    def read(self, body):
        only(body, self.fields)
        talk = Talk()
        for message in body["messages"]:
            role, content = message["role"], message.get("content")
            if role == "assistant":
                only(message, self.assistant)
                self.thought(message, talk)
                if content: talk.add("text", texts(content))
                for call in message.get("tool_calls", []): talk.call(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
            elif role == "tool": talk.output(message["tool_call_id"], texts(content))
            else:
                for part in [{"type": "text", "text": content}] if isinstance(content, str) else content:
                    if part["type"] == "image_url": talk.image(part["image_url"]["url"])
                    else: talk.add(role, part["text"])
        tools = [tool["function"] for tool in body.get("tools", [])]
        return {
            "said": talk.said, "tools": [(t["name"], t["description"], t["parameters"]) for t in tools],
            "choice": body.get("tool_choice", "auto"), "single": body.get("parallel_tool_calls") is False, "effort": self.effort(body),
            "max_tokens": body.get("max_completion_tokens", body.get("max_tokens")), "temperature": body.get("temperature"), "stream": body["stream"]}

    def given(self, answer, body): return answer

    def effort(self, body): return body.get("reasoning_effort")

    def thought(self, message, talk): pass

    def thinking(self, text, secret): return {}

    def thinking_deltas(self, message): return []

    def message(self, answer):
        message, calls = {"role": "assistant", "content": None, "refusal": None}, []
        for kind, *what in answer:
            if kind == "text": message["content"] = what[0]
            elif kind == "refusal": message["refusal"] = what[0]
            elif kind == "reasoning": message |= self.thinking(*what)
            else: calls.append({"id": f"call_{what[0]}", "type": "function", "function": {"name": what[1], "arguments": json.dumps(what[2])}})
        return message | ({"tool_calls": calls} if calls else {})

    def usage(self):
        return {"prompt_tokens": USAGE["input"], "completion_tokens": USAGE["output"], "total_tokens": USAGE["input"] + USAGE["output"],
                "prompt_tokens_details": {"cached_tokens": USAGE["cached"]}, "completion_tokens_details": {"reasoning_tokens": USAGE["reasoning"]}}

    def reason(self, end): return {"length": "length", "calls": "tool_calls"}.get(end, "stop")

    def whole(self, answer, end):
        choice = {"index": 0, "message": self.message(answer), "finish_reason": self.reason(end), "logprobs": None}
        return {"id": "chatcmpl-up", "object": "chat.completion", "model": "up", "choices": [choice], "usage": self.usage()}

    def stream(self, answer, end):
        message = self.message(answer)
        calls = list(enumerate(message.pop("tool_calls", [])))
        deltas = [{"role": "assistant", "content": "", "refusal": None}]
        deltas += self.thinking_deltas(message)
        for key in ("content", "refusal"): deltas += [{key: p} for p in pieces(message[key] or "")]
        # The calls' arguments by turns, as servers with several slots send them.
        deltas += [{"tool_calls": [{"index": n, **call, "function": {**call["function"], "arguments": ""}}]} for n, call in calls]
        arguments = [(n, p) for n, call in calls for p in enumerate(pieces(call["function"]["arguments"]))]
        deltas += [{"tool_calls": [{"index": n, "function": {"arguments": p}}]} for n, (_, p) in sorted(arguments, key=lambda a: (a[1][0], a[0]))]
        head = {"id": "chatcmpl-up", "object": "chat.completion.chunk", "model": "up"}
        frames = [frame({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}) for delta in deltas]
        frames.append(frame({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": self.reason(end)}]}))
        return frames + [frame({**head, "choices": [], "usage": self.usage()}), "data: [DONE]\n\n"]

    def broken(self): return frame(self.fault(500, "It broke.", None))


class OpenRouter(Chat):
    """As OpenAI's, with reasoning both ways: texts and what is signed or encrypted, in `reasoning_details`."""
    path, refused_field = "/router/chat/completions", "max_tokens"
    fields = Chat.fields.replace("max_completion_tokens", "max_tokens").replace("reasoning_effort", "reasoning")
    assistant = Chat.assistant + " reasoning reasoning_details"

    def effort(self, body): return body.get("reasoning", {}).get("effort")

    def thought(self, message, talk):
        details = message.get("reasoning_details", [])
        for number, detail in enumerate(details): need(detail.get("index", number) == number, "reasoning_details out of order")
        text = "".join(d.get("text") or "" for d in details) or message.get("reasoning", "")
        secret = "".join(d.get("signature") or d.get("data") or "" for d in details)
        if text or secret: talk.add("reasoning", text, secret or None)

    def thinking(self, text, secret):
        return {"reasoning": text, "reasoning_details": [
            {"type": "reasoning.text", "text": text, "signature": secret, "format": "anthropic-claude-v1", "index": 0}]}

    def thinking_deltas(self, message):
        for entry in message.get("reasoning_details", []):
            signature, rest = entry.pop("signature"), {key: entry[key] for key in ("type", "format", "index")}
            for text in pieces(entry["text"]): yield {"reasoning": text, "reasoning_details": [{**rest, "text": text}]}
            yield {"reasoning_details": [{**rest, "signature": signature}]}


class Anthropic:
    path, key, refused_field = "/v1/messages", ("x-api-key", "key-matrix"), "max_tokens"

    def read(self, body):
        only(body, "model messages system max_tokens temperature thinking output_config tools tool_choice stream")
        talk, open_calls, last = Talk(), [], None
        for block in body.get("system", []): talk.add("system", block["text"])
        for message in body["messages"]:
            role = message["role"]
            need(role != last and role in ("user", "assistant"), "roles must take turns")
            last, answered = role, []
            for block in message["content"]:
                kind = block["type"]
                if kind == "text": talk.add("text" if role == "assistant" else "user", block["text"])
                elif kind == "image": talk.add("image", block["source"]["media_type"], block["source"]["data"])
                elif kind == "thinking":
                    need(block["signature"], "thinking without a signature")
                    talk.add("reasoning", block["thinking"], block["signature"])
                elif kind == "redacted_thinking": talk.add("reasoning", "", block["data"])
                elif kind == "tool_use": talk.call(block["id"], block["name"], block["input"])
                elif kind == "tool_result":
                    talk.output(block["tool_use_id"], texts(block["content"]))
                    answered.append(block["tool_use_id"])
                else: raise Refused(f"no such block: {kind}")
            need(role == "assistant" or answered == open_calls, "each tool_use needs its tool_result in the next message")
            open_calls = [b["id"] for b in message["content"] if b["type"] == "tool_use"]
        need(isinstance(body.get("max_tokens"), int), "max_tokens: Field required")
        need(not (body.get("thinking") and body.get("temperature")), "temperature may only be set to 1 when thinking is enabled")
        choice = body.get("tool_choice", {})
        return {
            "said": talk.said, "tools": [(t["name"], t["description"], t["input_schema"]) for t in body.get("tools", [])],
            "choice": {"any": "required"}.get(choice.get("type"), choice.get("type", "auto")), "single": choice.get("disable_parallel_tool_use", False),
            "effort": body.get("output_config", {}).get("effort"), "max_tokens": body["max_tokens"], "temperature": body.get("temperature"),
            "stream": body["stream"]}

    def given(self, answer, body): return answer

    def blocks(self, answer):
        for kind, *what in answer:
            if kind == "text": yield {"type": "text", "text": what[0]}
            elif kind == "reasoning": yield {"type": "thinking", "thinking": what[0], "signature": what[1]}
            elif kind == "call": yield {"type": "tool_use", "id": f"toolu_{what[0]}", "name": what[1], "input": what[2]}

    def ending(self, answer, end):
        reason = {"calls": "tool_use", "length": "max_tokens", "refused": "refusal"}.get(end, "end_turn")
        details = {"type": "refusal", "category": "cyber", "explanation": answer[0][1]} if end == "refused" else None
        return {"stop_reason": reason, "stop_sequence": None, "stop_details": details}

    usage = {"input_tokens": USAGE["input"] - USAGE["cached"], "cache_read_input_tokens": USAGE["cached"], "output_tokens": USAGE["output"],
             "output_tokens_details": {"thinking_tokens": USAGE["reasoning"]}}

    def whole(self, answer, end):
        return {"id": "msg_up", "type": "message", "role": "assistant", "model": "up", "content": list(self.blocks(answer)),
                "usage": self.usage, **self.ending(answer, end)}

    def stream(self, answer, end):
        events = [{"type": "message_start", "message": {**self.whole([], "stop"), "stop_reason": None}}, {"type": "ping"}]
        for index, block in enumerate(self.blocks(answer)):
            deltas = {"text": [("text_delta", "text", p) for p in pieces(block.get("text", ""))],
                      "thinking": [("thinking_delta", "thinking", p) for p in pieces(block.get("thinking", ""))] + [("signature_delta", "signature", block.get("signature"))],
                      "tool_use": [("input_json_delta", "partial_json", p) for p in pieces(json.dumps(block.get("input")))]}[block["type"]]
            start = {**block, **{key: "" for key in ("text", "thinking", "signature") if key in block}, **({"input": {}} if "input" in block else {})}
            events.append({"type": "content_block_start", "index": index, "content_block": start})
            events += [{"type": "content_block_delta", "index": index, "delta": {"type": kind, key: value}} for kind, key, value in deltas]
            events.append({"type": "content_block_stop", "index": index})
        events += [{"type": "message_delta", "delta": self.ending(answer, end), "usage": self.usage}, {"type": "message_stop"}]
        return [frame(event, event["type"]) for event in events]

    def fault(self, status, words, field):
        kind = {429: "rate_limit_error", 500: "api_error"}.get(status, "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": f"{field}: {words}" if field else words}}

    def broken(self): return frame(self.fault(500, "It broke.", None), "error")


class Gemini:
    path, key, refused_field = "/v1beta/models/gemini-3-pro", ("x-goog-api-key", "key-matrix"), "generation_config.max_output_tokens"

    def read(self, body):
        only(body, "contents systemInstruction tools toolConfig generationConfig")
        config = body.get("generationConfig", {})
        only(config, "maxOutputTokens temperature thinkingConfig")
        talk, calls, last = Talk(), [], None
        for part in body.get("systemInstruction", {}).get("parts", []): talk.add("system", part["text"])
        for content in body["contents"]:
            need(content["role"] != last, "roles must take turns")
            last, answers = content["role"], [p["functionResponse"]["id"] for p in content["parts"] if "functionResponse" in p]
            need(answers == calls, "as many function responses as calls, right after them")
            calls = [p["functionCall"]["id"] for p in content["parts"] if "functionCall" in p]
            for part in content["parts"]:
                signature = part.get("thoughtSignature")
                if part.get("thought"): talk.add("reasoning", part["text"], signature)
                elif "functionCall" in part:
                    need(signature or part["functionCall"]["id"] != calls[0], "Function call is missing a thought_signature")
                    if signature: talk.add("reasoning", "", signature)
                    talk.call(*(part["functionCall"][key] for key in ("id", "name", "args")))
                elif "functionResponse" in part: talk.output(part["functionResponse"]["id"], part["functionResponse"]["response"]["output"])
                elif "inlineData" in part: talk.add("image", part["inlineData"]["mimeType"], part["inlineData"]["data"])
                else:
                    if part["text"]: talk.add("text" if last == "model" else "user", part["text"])
                    if signature: talk.add("reasoning", "", signature)
        mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode", "AUTO")
        tools = [tool for group in body.get("tools", []) for tool in group["functionDeclarations"]]
        return {
            "said": talk.said, "tools": [(t["name"], t["description"], t["parametersJsonSchema"]) for t in tools],
            "choice": {"ANY": "required", "AUTO": "auto"}.get(mode, mode), "single": False,
            "effort": config.get("thinkingConfig", {}).get("thinkingLevel", "").lower() or None, "max_tokens": config.get("maxOutputTokens"),
            "temperature": config.get("temperature"), "stream": None}

    def given(self, answer, body): return answer

    def parts(self, answer):
        signature = {}
        for kind, *what in answer:
            if kind == "text": yield {"text": what[0]}
            elif kind == "reasoning" and what[0]: yield {"text": what[0], "thought": True}
            elif kind == "call": yield {"functionCall": {"id": f"fc_{what[0]}", "name": what[1], "args": what[2]}, **signature}
            signature = {"thoughtSignature": what[1]} if kind == "reasoning" and what[1] else {}
        if signature: yield {"text": "", **signature}

    def reply(self, parts, finish):
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0} | ({"finishReason": finish} if finish else {})
        return {"candidates": [candidate], "responseId": "up", "modelVersion": "up", "usageMetadata": {
            "promptTokenCount": USAGE["input"], "cachedContentTokenCount": USAGE["cached"], "candidatesTokenCount": USAGE["output"] - USAGE["reasoning"],
            "thoughtsTokenCount": USAGE["reasoning"]}}

    def reason(self, end): return {"length": "MAX_TOKENS", "refused": "SAFETY"}.get(end, "STOP")

    def whole(self, answer, end): return self.reply(list(self.parts(answer)), self.reason(end))

    def stream(self, answer, end):
        cut = [{**part, "text": p} for part in self.parts(answer) for p in (pieces(part["text"]) or [""] if "text" in part else [None])]
        cut = [{k: v for k, v in part.items() if v is not None} for part in cut]
        return [frame(self.reply([part], None)) for part in cut] + [frame(self.reply([], self.reason(end)))]

    def fault(self, status, words, field):
        details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": field, "description": words}]}] if field else []
        name = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL"}.get(status, "INVALID_ARGUMENT")
        return {"error": {"code": status, "status": name, "message": words, "details": details}}

    def broken(self): return frame(self.fault(500, "It broke.", None))


class Stage:
    """The server that plays all of them: what it is to play next, and what it has seen."""

    def __init__(self):
        self.seen, self.complaints = [], []
        self.play()
        stage = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version, wbufsize = "HTTP/1.1", 1 << 20

            def do_POST(self): stage.serve(self)

            def log_message(self, *_): pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self): return f"http://127.0.0.1:{self.server.server_address[1]}"

    def play(self, answer=(), end="stop", fault=None):
        self.answer, self.end, self.fault = list(answer), end, fault
        self.seen.clear()

    def serve(self, exchange):
        body = json.loads(exchange.rfile.read(int(exchange.headers["content-length"])))
        api = next(api for api in APIS if exchange.path.startswith(api.path))
        streamed = body.get("stream", "streamGenerateContent?alt=sse" in exchange.path)
        answer = api.given(self.answer, body)
        status, headers = 200, {"content-type": "text/event-stream" if streamed else "application/json"}
        try:
            need(exchange.headers.get(api.key[0]) == api.key[1], "no key")
            seen = api.read(body)
            self.seen.append({**seen, "stream": streamed})
        except (Refused, KeyError, TypeError, ValueError) as error:
            self.complaints.append(f"{api.path}: {type(error).__name__} {error}: {json.dumps(body)}")
            reply, status = json.dumps(api.fault(400, str(error), None)), 400
        else:
            if self.fault == "rate": reply, status = json.dumps(api.fault(429, "Slow down.", None)), 429
            elif self.fault == "field": reply, status = json.dumps(api.fault(400, "must be smaller", api.refused_field)), 400
            elif not streamed: reply = json.dumps(api.whole(answer, self.end))
            else: reply = "".join(api.stream(answer, self.end))
        if status != 200: headers = {"content-type": "application/json", **({"retry-after": "7"} if status == 429 else {})}
        elif self.fault == "after": reply = self.half(api, reply, streamed)
        breaks = self.fault == "after" and not streamed
        headers["content-length"] = str(len(reply.encode()) + (100 if breaks else 0))
        exchange.send_response(status)
        for name, value in headers.items(): exchange.send_header(name, value)
        exchange.end_headers()
        exchange.wfile.write(reply.encode())
        exchange.wfile.flush()
        exchange.close_connection = breaks

    def half(self, api, reply, streamed):
        """The first deltas and then the API's event of an error; of a whole reply the first half, where the connection breaks."""
        if not streamed: return reply[:len(reply) // 2]
        frames = api.stream(self.answer, self.end)
        first = next(number for number, text in enumerate(frames) if "Hell" in text)
        return "".join(frames[:first + 2]) + api.broken()


APIS = [Responses(), Chat(), OpenRouter(), Anthropic(), Gemini()]
