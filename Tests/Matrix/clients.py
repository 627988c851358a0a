"""The three formats as a client writes and reads them: requests of the script's form in, answers of the script's form out.

A stream is put together as the official clients do, and every rule of its order is checked; what comes out is read as an
answer that came whole."""

import itertools
import json


class Answer:
    """`parts`: what is said, in the script's form. `error`: status, type, code, param and retry-after, or None."""

    def __init__(self, parts, end, usage, error=None, raw=None):
        self.parts, self.end, self.usage, self.error, self.raw = parts, end, usage, error, raw

    @property
    def form(self): return {"parts": self.parts, "end": self.end, "usage": self.usage, "error": self.error}


def frames(text):
    """The events of a stream: the name, if there is one, and the data."""
    assert text.endswith("\n\n"), text[-200:]
    for block in text[:-2].split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        data = lines.pop("data")
        yield lines.pop("event", None), data if data == "[DONE]" else json.loads(data)
        assert not lines, block


def said(message):
    """The texts of a broken stream are the client's to keep."""
    return [("text", message)] if message else []


class Client:
    headers = {}

    def read(self, reply, streamed):
        status, headers, text = reply
        if status != 200:
            error = json.loads(text)["error"]
            assert headers["content-type"].startswith("application/json"), headers
            return Answer([], None, None, {"status": status, "type": error["type"], "code": error.get("code"), "param": error.get("param"),
                                           "retry-after": headers.get("retry-after")})
        return self.stream(list(frames(text))) if streamed else self.whole(json.loads(text))


class Responses(Client):
    name, path, is_ordered, field = "Responses", "/v1/responses", True, "max_output_tokens"

    def request(self, model, scenario, stream):
        body = {"model": model, "stream": stream, "store": False, "input": [self.item(*entry) for entry in scenario.said],
                "include": ["reasoning.encrypted_content"]}
        body["input"] = self.merged(body["input"])
        for name, value in scenario.settings.items():
            match name:
                case "max_tokens": body["max_output_tokens"] = value
                case "temperature": body["temperature"] = value
                case "effort": body["reasoning"] = {"effort": value, "summary": "auto"}
                case "choice": body["tool_choice"] = value
                case "single": body["parallel_tool_calls"] = not value
                case "tools": body["tools"] = [{"type": "function", "name": t["name"], "description": t["description"],
                                                "parameters": t["schema"], "strict": False} for t in value]
        return body

    def item(self, kind, *what):
        match kind:
            case "image": return {"role": "user", "content": [{"type": "input_image", "image_url": f"data:{what[0]};base64,{what[1]}"}]}
            case "output": return {"type": "function_call_output", "call_id": what[0], "output": what[1]}
            case _: return {"role": kind, "content": [{"type": "input_text", "text": what[0]}]}

    def merged(self, items):
        """What one speaker says in a row is one message."""
        out = []
        for item in items:
            if out and item.get("role") == "user" == out[-1].get("role"): out[-1]["content"] += item["content"]
            else: out.append(item)
        return out

    def further(self, body, answer, then):
        ids = [item["call_id"] for item in answer.raw["output"] if item["type"] == "function_call"]
        new = [self.item(kind, ids[what[0]], *what[1:]) if kind == "output" else self.item(kind, *what) for kind, *what in then]
        return {k: v for k, v in body.items() if k != "tool_choice"} | {"input": body["input"] + answer.raw["output"] + new}

    def whole(self, value):
        parts, calls = [], 0
        for item in value["output"]:
            match item["type"]:
                case "message":
                    assert item["role"] == "assistant" and item["id"].startswith("msg_"), item
                    parts += [("text", p["text"]) if p["type"] == "output_text" else ("refusal", p["refusal"]) for p in item["content"]]
                case "reasoning":
                    text = "".join(p["text"] for p in item.get("content") or item["summary"])
                    parts.append(("reasoning", text, item.get("encrypted_content")))
                case "function_call":
                    parts.append(("call", calls, item["name"], json.loads(item["arguments"])))
                    calls += 1
        kinds = {part[0] for part in parts}
        reason = (value["incomplete_details"] or {}).get("reason")
        end = {"max_output_tokens": "length", "content_filter": "refused"}.get(reason) or (
            "calls" if "call" in kinds else "refused" if "refusal" in kinds else "stop")
        if value["status"] == "failed": end = None
        else: assert (value["status"] == "incomplete") == (reason is not None), value
        usage = value["usage"] and {
            "input": value["usage"]["input_tokens"], "cached": value["usage"]["input_tokens_details"]["cached_tokens"],
            "output": value["usage"]["output_tokens"], "reasoning": value["usage"]["output_tokens_details"]["reasoning_tokens"]}
        return Answer(parts, end, usage, raw=value)

    def stream(self, events):
        names = [name for name, _ in events]
        assert [data["sequence_number"] for _, data in events] == list(range(len(events))), events
        assert all(name == data["type"] for name, data in events) and names[0] == "response.created", names
        terminals = {"response.completed", "response.incomplete", "response.failed"}
        assert [name for name in names if name in terminals] == names[-1:], names
        last = events[-1][1]["response"]
        deltas = {}
        for _, data in events:
            if data["type"].endswith(".delta"):
                key = data["output_index"], "summary_index" in data, data.get("content_index", data.get("summary_index", 0))
                deltas[key] = deltas.get(key, "") + data["delta"]
        if names[-1] == "response.failed":
            assert names.count("error") == 1 and names[-2] == "error", names
            error = events[-2][1]
            assert error["code"] == last["error"]["code"], (error, last)
            parts = said("".join(deltas.values()))
            return Answer(parts, None, None, {"status": None, "type": None, "code": error["code"], "param": error["param"], "retry-after": None})
        final = {}
        for index, item in enumerate(last["output"]):
            if item["type"] == "function_call": final[index, False, 0] = item["arguments"]
            for name in ("summary", "content"):
                for number, part in enumerate(item.get(name) or []): final[index, name == "summary", number] = part.get("text", part.get("refusal"))
        assert deltas == {key: text for key, text in final.items() if text}, (deltas, final)
        return self.whole(last)


class Chat(Client):
    name, path, is_ordered, field = "Chat Completions", "/v1/chat/completions", False, "max_completion_tokens"

    def request(self, model, scenario, stream):
        body = {"model": model, "stream": stream, "messages": [self.message(*entry) for entry in scenario.said]}
        if stream: body["stream_options"] = {"include_usage": True}
        messages = []
        for message in body["messages"]:
            if messages and message["role"] == "user" == messages[-1]["role"]: messages[-1]["content"] += message["content"]
            else: messages.append(message)
        body["messages"] = messages
        for name, value in scenario.settings.items():
            match name:
                case "max_tokens": body["max_completion_tokens"] = value
                case "temperature": body["temperature"] = value
                case "effort": body["reasoning_effort"] = value
                case "choice": body["tool_choice"] = value
                case "single": body["parallel_tool_calls"] = not value
                case "tools": body["tools"] = [{"type": "function", "function": {
                    "name": t["name"], "description": t["description"], "parameters": t["schema"]}} for t in value]
        return body

    def message(self, kind, *what):
        match kind:
            case "image": return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": f"data:{what[0]};base64,{what[1]}"}}]}
            case "output": return {"role": "tool", "tool_call_id": what[0], "content": what[1]}
            case _: return {"role": kind, "content": [{"type": "text", "text": what[0]}]}

    def further(self, body, answer, then):
        message = answer.raw["choices"][0]["message"]
        ids = [call["id"] for call in message.get("tool_calls", [])]
        new = [self.message(kind, ids[what[0]], *what[1:]) if kind == "output" else self.message(kind, *what) for kind, *what in then]
        sent = {key: value for key, value in message.items() if value not in (None, [])}
        return {k: v for k, v in body.items() if k != "tool_choice"} | {"messages": body["messages"] + [sent] + new}

    def whole(self, value):
        assert value["object"] == "chat.completion" and value["id"].startswith("chatcmpl-"), value
        choice, = value["choices"]
        message, parts = choice["message"], []
        assert message["role"] == "assistant"
        details = message.get("reasoning_details") or []
        assert [d["index"] for d in details] == list(range(len(details))), details
        # Of reasoning that has a summary too, the client is told the reasoning.
        def text_of(entries): return "".join(d.get("text") or "" for d in entries) or "".join(d.get("summary") or "" for d in entries)
        told = text_of(details)
        if not told and message.get("reasoning_content"): parts.append(("reasoning", message["reasoning_content"], None))
        else: assert not told or told == message["reasoning_content"], message
        for _, item in itertools.groupby(details, key=lambda d: d["id"]):
            item = list(item)
            parts.append(("reasoning", text_of(item), item[-1].get("signature") or item[-1].get("data")))
        if message["content"]: parts.append(("text", message["content"]))
        if message["refusal"]: parts.append(("refusal", message["refusal"]))
        parts += [("call", n, c["function"]["name"], json.loads(c["function"]["arguments"])) for n, c in enumerate(message.get("tool_calls", []))]
        end = {"tool_calls": "calls", "content_filter": "refused"}.get(choice["finish_reason"], choice["finish_reason"])
        if end == "stop" and message["refusal"]: end = "refused"
        used = value["usage"]
        usage = {"input": used["prompt_tokens"], "cached": used["prompt_tokens_details"]["cached_tokens"], "output": used["completion_tokens"],
                 "reasoning": used["completion_tokens_details"]["reasoning_tokens"]}
        return Answer(parts, end, usage, raw=value)

    def stream(self, events):
        assert events[-1][1] == "[DONE]" and not any(name for name, _ in events), events
        chunks = [data for _, data in events[:-1]]
        assert "[DONE]" not in chunks, chunks
        message, finish, calls, usage = {"role": None, "content": None, "refusal": None}, None, {}, None
        for number, chunk in enumerate(chunks):
            if "error" in chunk:
                assert number == len(chunks) - 1 and finish is None, chunks
                error = chunk["error"]
                return Answer(said(message["content"]), None, None, {
                    "status": None, "type": error["type"], "code": error.get("code"), "param": error.get("param"), "retry-after": None})
            assert chunk["object"] == "chat.completion.chunk" and chunk["id"] == chunks[0]["id"], chunk
            if not chunk["choices"]:
                assert number == len(chunks) - 1 and finish, chunks
                usage = chunk["usage"]
                continue
            delta, was = chunk["choices"][0]["delta"], finish
            finish = chunk["choices"][0]["finish_reason"] or finish
            assert not was, chunks
            assert (number == 0) == bool(delta.get("role")), chunks
            message["role"] = delta.get("role") or message["role"]
            for key in ("content", "refusal", "reasoning_content"):
                if delta.get(key): message[key] = (message.get(key) or "") + delta[key]
            message.setdefault("reasoning_details", []).extend(delta.get("reasoning_details") or [])
            for call in delta.get("tool_calls") or []:
                if call["index"] not in calls: calls[call["index"]] = {**call, "function": {**call["function"]}}
                else: calls[call["index"]]["function"]["arguments"] += call["function"]["arguments"]
        assert list(calls) == list(range(len(calls))) and usage, chunks
        if calls: message["tool_calls"] = [{k: v for k, v in call.items() if k != "index"} for call in calls.values()]
        return self.whole({"id": chunks[0]["id"], "object": "chat.completion", "usage": usage,
                           "choices": [{"index": 0, "message": message, "finish_reason": finish}]})


class Messages(Client):
    name, path, is_ordered, field = "Messages", "/v1/messages", True, "max_tokens"
    headers = {"anthropic-version": "2023-06-01"}

    def request(self, model, scenario, stream):
        body = {"model": model, "stream": stream, "messages": []}
        for kind, *what in scenario.said:
            if kind == "system": body["system"] = [{"type": "text", "text": what[0]}]
            elif body["messages"]: body["messages"][-1]["content"].append(self.block(kind, *what))
            else: body["messages"].append({"role": "user", "content": [self.block(kind, *what)]})
        for name, value in scenario.settings.items():
            match name:
                case "effort": body |= {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": value}}
                case "choice": body["tool_choice"] = {"type": "any", "disable_parallel_tool_use": True}
                case "single": pass
                case "tools": body["tools"] = [{"name": t["name"], "description": t["description"], "input_schema": t["schema"]} for t in value]
                case _: body[name] = value
        return body

    def block(self, kind, *what):
        match kind:
            case "image": return {"type": "image", "source": {"type": "base64", "media_type": what[0], "data": what[1]}}
            case "output": return {"type": "tool_result", "tool_use_id": what[0], "content": what[1]}
            case _: return {"type": "text", "text": what[0]}

    def further(self, body, answer, then):
        ids = [block["id"] for block in answer.raw["content"] if block["type"] == "tool_use"]
        new = [self.block(kind, ids[what[0]], *what[1:]) if kind == "output" else self.block(kind, *what) for kind, *what in then]
        messages = [{"role": "assistant", "content": answer.raw["content"]}, {"role": "user", "content": new}]
        return {k: v for k, v in body.items() if k != "tool_choice"} | {"messages": body["messages"] + messages}

    def whole(self, value):
        assert value["type"] == "message" and value["role"] == "assistant" and value["id"].startswith("msg_"), value
        end = {"tool_use": "calls", "max_tokens": "length", "refusal": "refused", "end_turn": "stop"}[value["stop_reason"]]
        parts, calls = [], 0
        for block in value["content"]:
            match block["type"]:
                case "text": parts.append(("refusal" if end == "refused" else "text", block["text"]))
                case "thinking": parts.append(("reasoning", block["thinking"], block["signature"] or None))
                case "redacted_thinking": parts.append(("reasoning", "", block["data"]))
                case "tool_use":
                    parts.append(("call", calls, block["name"], block["input"]))
                    calls += 1
        used = value["usage"]
        usage = {"input": used["input_tokens"] + used["cache_creation_input_tokens"] + used["cache_read_input_tokens"],
                 "cached": used["cache_read_input_tokens"], "output": used["output_tokens"], "reasoning": used["output_tokens_details"]["thinking_tokens"]}
        return Answer(parts, end, usage, raw=value)

    def stream(self, events):
        names = [name for name, _ in events]
        assert all(name == data["type"] for name, data in events) and names[0] == "message_start", names
        assert [n for n in names if n in ("message_stop", "error")] == names[-1:], names
        message, pieces = events[0][1]["message"], ""
        is_open = False
        for _, event in events[1:]:
            match event["type"]:
                case "content_block_start":
                    assert not is_open and event["index"] == len(message["content"]), names
                    message["content"].append(event["content_block"])
                    is_open, pieces = True, ""
                case "content_block_delta":
                    assert is_open and event["index"] == len(message["content"]) - 1, names
                    for key in set(event["delta"]) - {"type"}:
                        if key == "partial_json": pieces += event["delta"][key]
                        else: message["content"][-1][key] = (message["content"][-1].get(key) or "") + event["delta"][key]
                case "content_block_stop":
                    if pieces: message["content"][-1]["input"] = json.loads(pieces)
                    is_open = False
                case "message_delta":
                    message |= event["delta"]
                    message["usage"] = event["usage"]
                case "error":
                    error = event["error"]
                    text = "".join(block.get("text", "") for block in message["content"])
                    return Answer(said(text), None, None, {
                        "status": None, "type": error["type"], "code": error.get("code"), "param": error.get("param"), "retry-after": None})
        assert not is_open and names[-2] == "message_delta", names
        return self.whole(message)


CLIENTS = [Responses(), Chat(), Messages()]
