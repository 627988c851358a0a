"""OpenAI's two APIs, played by the rules of their public reference."""

import json

from upstream_model import SIGNATURES, USAGE, Ask, need, pieces


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
                need(item.get("encrypted_content") == SIGNATURES["responses"] and not item.get("content"), "The encrypted content could not be verified.")
                ask.signatures.append(item["encrypted_content"])
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
            return {"id": identifier, "type": "reasoning", "summary": [{"type": "summary_text", "text": of[0]}] if of[0] else [], "encrypted_content": of[1]}
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
            elif kind == "thought" and not of[0]: pass
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
