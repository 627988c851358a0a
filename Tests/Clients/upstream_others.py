"""Anthropic's and Google's APIs, played by the rules of their public references."""

import json

from upstream_model import SIGNATURES, USAGE, Ask, Refused, need, pieces


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
                    need(role == "assistant" and block["signature"] == SIGNATURES["messages"], "Invalid `signature` in `thinking` block")
                    ask.signatures.append(block["signature"])
                    ask.thoughts.append(block["thinking"])
                elif kind == "redacted_thinking":
                    need(role == "assistant" and block["data"] == SIGNATURES["messages"], "Invalid `data` in `redacted_thinking` block")
                    ask.signatures.append(block["data"])
                else: raise Refused(kind)
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
        if kind == "thought" and not of[0]: return {"type": "redacted_thinking", "data": of[1]}
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
            begun = {**block, **({"input": {}} if kind == "call" else {"thinking": "", "signature": ""} if block["type"] == "thinking" else {"text": ""} if kind == "text" else {})}
            yield event("content_block_start", index=index, content_block=begun)
            if index == 0: yield event("ping")
            name, key = {"call": ("input_json_delta", "partial_json"), "thought": ("thinking_delta", "thinking")}.get(kind, ("text_delta", "text"))
            for piece in pieces(json.dumps(of[2]) if kind == "call" else of[0]):
                yield event("content_block_delta", index=index, delta={"type": name, key: piece})
            if block["type"] == "thinking":
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
                signature = part.get("thoughtSignature", "skip_thought_signature_validator")
                need(signature in (SIGNATURES["gemini"], "skip_thought_signature_validator"), "Thought signature is not valid")
                if signature == SIGNATURES["gemini"]: ask.signatures.append(signature)
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
                if of[0]: made.append({"text": of[0], "thought": True})
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
