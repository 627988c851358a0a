"""llm-comply's checks of Open Responses, Chat Completions and Anthropic's Messages, all of them."""

import json
import os
import subprocess
import sys

# The scripted models that can do what a check wants: one that calls tools, and one that reasons, whose name must be known for it.
MODELS = {"gpt-5-reasoning": ["reasoning-summary"], "tool": None}


def check(server, key):
    run_all(server, key, MODELS, 13)


def check_chat(server, key):
    run_all(server, key, {"gpt-5-reasoning": ["chat-reasoning-summary"], "tool": None}, 9, "--format", "openai-chat")


def check_messages(server, key):
    run_all(
        server, key, {"claude-sonnet-4": ["anth-thinking-display"], "tool": None}, 9,
        "--format", "anthropic", "--auth-header", "x-api-key", "--no-bearer", "-H", "anthropic-version:2023-06-01")


def run_all(server, key, models, count, *options):
    """Runs them; what isn't asked of one model by name is asked of the other. None may be left out."""
    named = [name for names in models.values() if names for name in names]
    passed = []
    for model, names in models.items():
        command = [os.path.join(os.path.dirname(sys.executable), "llm-comply"), "-u", server.url, "-k", key, "-m", model, "--json"]
        command += options
        run = subprocess.run(command + (["-f", ",".join(names)] if names else []), capture_output=True, text=True, timeout=300)
        results = json.loads(run.stdout)["results"]
        for result in results:
            if names is None and result["id"] in named:
                continue
            assert result["status"] == "passed" and not result.get("warnings"), result
            passed.append(result["id"])
    assert len(passed) == len(set(passed)) == count, passed
