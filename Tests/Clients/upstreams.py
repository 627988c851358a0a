"""A server of the vendors' APIs, played from their public documentation: OpenAI's two, Anthropic's, Gemini's.

The model is one and the same behind each. Its name says what it does, and what a request holds is read out of each API's own words,
by its own rules: what the vendor would refuse is refused here. `ask` is the last request, `asks` counts them by model."""

import http.server
import json
import threading

from upstream_model import Refused, answer_to
from upstream_openai import Chat, Responses
from upstream_others import Gemini, Messages

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
