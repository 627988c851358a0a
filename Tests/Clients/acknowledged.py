"""What clients of a server were told, and whether it is so still: for tests that end the server in the middle of its work."""

import collections
import http.client
import json
import sqlite3
import time

TERMINAL = ("completed", "failed", "incomplete", "cancelled")
# How the last event of a stream begins.
ENDS = tuple(f'{{"type":"response.{end}"'.encode() for end in ("completed", "failed", "incomplete"))


def require(holds, *what):
    if not holds:
        raise AssertionError(" ".join(str(each) for each in what))


class Client:
    """One connection. Raises OSError or HTTPException when the server is gone."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def send(self, method, path, body=None):
        self.connection.request(
            method, "/v1" + path, None if body is None else json.dumps(body), {"Content-Type": "application/json"} if body is not None else {})
        return self.connection.getresponse()

    def ask(self, method, path, body=None):
        answer = self.send(method, path, body)
        data = answer.read()
        if answer.length not in (0, None):
            raise http.client.IncompleteRead(data)
        return answer.status, json.loads(data) if data else None

    def get(self, path):
        return self.ask("GET", path)

    def events(self, method, path, body=None):
        """The data of each event, as they come."""
        answer = self.send(method, path, body)
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.read()}")
        frame = b""
        while line := answer.readline():
            if line.startswith(b"data: ") and line.endswith(b"\n"):
                frame = line[6:-1]
                yield frame
        # What reads lines says nothing of a body that ends too early.
        if not frame.startswith(ENDS):
            raise http.client.IncompleteRead(frame)


class Ledger:
    """What one worker was told, over all of the server's lives."""

    def __init__(self):
        # Responses that were acknowledged as they are, by id; the frames of those that were streamed.
        self.responses = {}
        self.streams = {}
        # The responses of the background that were acknowledged: what they say, and the last state that was seen.
        self.background = {}
        self.deleted = set()
        # Streams whose end was never seen, and what may be deleted.
        self.uncertain = set()
        # The chain: its newest id and the texts of its turns.
        self.chain = (None, [])
        # What is to be checked after the next start.
        self.fresh = set()


class Conversation:
    """One that all workers write to at once."""

    def __init__(self, client):
        status, begun = client.ask("POST", "/conversations", {})
        require(status == 200, status, begun)
        self.path = f"/conversations/{begun['id']}"
        self.id = begun["id"]
        # What was acknowledged: the texts of turns, each its input and its answer, and of batches, each of three items.
        self.turns, self.batches = [], []
        # Responses of the background, and what they say.
        self.background = {}

    def items(self, client):
        after = ""
        while True:
            status, page = client.get(f"{self.path}/items?order=asc&limit=100{after}")
            require(status == 200, status, page)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = f"&after={page['last_id']}"

    def check(self, client):
        """All that was acknowledged is there, and what wasn't is whole or not there at all."""
        items = list(self.items(client))
        require(len({item["id"] for item in items}) == len(items), "an item twice", self.id)
        turns, batches = [], []
        rest = [(item["role"], item["content"][0]["text"]) for item in items]
        while rest:
            text = rest[0][1]
            if text.startswith("batch"):
                require(rest[:3] == [("user", text)] * 3, "a batch in pieces", rest[:4])
                batches.append(text)
                del rest[:3]
            else:
                require(rest[:2] == [("user", text), ("assistant", text)], "a turn in pieces", rest[:4])
                turns.append(text)
                del rest[:2]
        require(len(set(turns + batches)) == len(turns + batches), "twice", turns, batches)
        lost = set(self.turns) - set(turns) | set(self.batches) - set(batches)
        require(not lost, "acknowledged, and not in the conversation", lost)
        for identifier, text in self.background.items():
            response = client.get(f"/responses/{identifier}")[1]
            require((response["status"] == "completed") == (text in turns), "of the background", response, text in turns)


def said(response):
    return "".join(part["text"] for item in response["output"] if item["type"] == "message" for part in item["content"])


def look_through(client, ledger):
    """What a model sees of a chain is all that was acknowledged of it, in its order."""
    previous, texts = ledger.chain
    if previous is None:
        return
    status, response = client.ask(
        "POST", "/responses", {"model": "dump", "input": "end", "previous_response_id": previous, "store": False})
    require(status == 200, status, response)
    seen = [part["text"] for item in json.loads(said(response))["input"] for part in item["content"]]
    require(seen == [each for text in texts for each in (text, text)] + ["end"], "chain", previous, seen, texts)


def check_response(client, identifier, response, frames):
    status, stored = client.get(f"/responses/{identifier}")
    require(status == 200 and stored == response, "acknowledged, and now", status, stored, response)
    status, page = client.get(f"/responses/{identifier}/input_items")
    # The newest first; each response here says its own input again.
    require(status == 200 and page["data"][0]["content"][0]["text"] == said(response), "input items", status, page)
    if frames:
        again = list(client.events("GET", f"/responses/{identifier}?stream=true"))
        require(again == frames, "another stream", identifier, again, frames)


def check_background(client, identifier, text, seen, restarts):
    deadline = time.monotonic() + 60
    while True:
        status, response = client.get(f"/responses/{identifier}")
        require(status == 200, "acknowledged in the background, and now", status, response)
        if response["status"] in TERMINAL:
            break
        require(restarts, "in limbo", response)
        require(time.monotonic() < deadline, "never made", response)
        time.sleep(0.01)
    if seen:
        require(response == seen, "ended, and now another", response, seen)
    if response["status"] == "completed":
        require(said(response) == text, "half there", response, text)
    elif response["status"] == "failed":
        require(seen or not restarts, "not begun anew", response)
        require(response["error"]["code"] == "response_interrupted", "failed", response)
    else:
        # A cancellation whose answer didn't come.
        require(response["status"] == "cancelled", "ended", response)
    last = json.loads(list(client.events("GET", f"/responses/{identifier}?stream=true"))[-1])
    require(last["response"] == response, "another end of the stream", last, response)
    return response


def check(client, ledger, identifiers, restarts, streams):
    """What is there of these, against what was said of them. `streams`: whether the streams are taken up again as well."""
    for identifier in identifiers:
        if identifier in ledger.responses:
            frames = ledger.streams.get(identifier) if streams else None
            check_response(client, identifier, ledger.responses[identifier], frames)
        elif identifier in ledger.background:
            text, seen = ledger.background[identifier]
            ledger.background[identifier] = (text, check_background(client, identifier, text, seen, restarts))
        elif identifier in ledger.deleted:
            require(client.get(f"/responses/{identifier}")[0] == 404, "deleted, and there", identifier)
        elif identifier in ledger.uncertain:
            status, response = client.get(f"/responses/{identifier}")
            require(status in (200, 404), "uncertain", status, response)
            require(status == 404 or response["status"] in TERMINAL, "in limbo", response)


def check_records(client, path):
    """Every response in the store, acknowledged or not, can be read and has ended, with its input and its stream."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT id, kind FROM records WHERE hidden = 0").fetchall()
    kinds = collections.Counter(kind for _, kind in rows)
    for identifier, kind in rows:
        if not identifier.startswith("resp_"):
            continue
        status, response = client.get(f"/responses/{identifier}")
        require(status == 200 and response["status"] in TERMINAL, "a record", kind, status, response)
        status, page = client.get(f"/responses/{identifier}/input_items")
        require(status == 200 and page["data"], "its input", status, page)
    jobs = [identifier for identifier, _ in rows if identifier.startswith("job_")]
    require(not jobs, "jobs that nobody does", jobs)
    return kinds
