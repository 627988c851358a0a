"""What models can, in the words of the official `openai` and `anthropic` clients, and what is refused for it."""

import anthropic
import openai
from anthropic.types import ModelInfo
from openai.types import Model

from patchbay import KEY_A, KEY_B, Server

SERVED = f"""
    plugins:
      - {{name: scripted, library: libpatchbay_scripted.so}}
      - {{name: openai, library: libpatchbay_openai.so, config: {{api: responses}}}}
      - {{name: proxy, library: libpatchbay_openai.so, config: {{base_url: "http://127.0.0.1:1/v1"}}}}
      - {{name: other, library: libpatchbay_openai.so, config: {{base_url: "http://127.0.0.1:1/v1", dialect: vllm}}}}
      - {{name: anthropic, library: libpatchbay_anthropic.so}}
      - {{name: gemini, library: libpatchbay_gemini.so}}
      - {{name: claudes, library: libpatchbay_anthropic.so, config: {{base_url: "http://127.0.0.1:1/v1"}}}}
    models:
      - {{name: gpt, provider: openai, upstream_model: gpt-5}}
      - {{name: claude, provider: anthropic, upstream_model: claude-sonnet-4-5}}
      - {{name: gemini, provider: gemini, upstream_model: gemini-2.5-flash}}
      - {{name: small, provider: openai, upstream_model: text-embedding-3-small}}
      - {{name: any, provider: gemini, upstream_model: gemini-2.5-pro, fallbacks: [claude]}}
      - {{name: unknown, provider: other}}
      - {{name: foreign, provider: proxy, upstream_model: text-embedding-3-small}}
      - {{name: like_claude, provider: claudes, upstream_model: claude-sonnet-4-5}}
      - name: told
        provider: other
        kinds: [chat]
        inputs: [text]
        context_tokens: 4096
        features: {{tools: true, reasoning: false, structured_output: false}}
      - {{name: vectors, provider: scripted, upstream_model: echo, kinds: [embeddings]}}
      - {{name: "mock/*", provider: scripted, upstream_model: "*"}}
    keys:
      - {{name: a, key: {KEY_A}}}
      - {{name: b, key: {KEY_B}}}
"""


def what_models_can_is_told(folder):
    with Server(folder, SERVED) as server:
        api = openai.OpenAI(base_url=server.url, api_key=KEY_A, max_retries=0)
        models = {model.id: model for model in api.models.list()}
        assert list(models) == ["gpt", "claude", "gemini", "small", "any", "unknown", "foreign", "like_claude", "told", "vectors"], list(models)
        for model in models.values():
            Model.model_validate(model.model_dump())
            assert api.models.retrieve(model.id) == model
        gpt, claude, gemini = models["gpt"].model_extra, models["claude"].model_extra, models["gemini"].model_extra
        assert gpt["context_length"] == gpt["max_model_len"] == 400000 and gpt["kinds"] == ["chat"], gpt
        assert gpt["top_provider"]["max_completion_tokens"] == 128000 and gpt["features"]["reasoning"] is True, gpt
        assert claude["architecture"] == {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]}
        assert "tools" in claude["supported_parameters"] and claude["context_length"] == 200000, claude
        assert gemini["architecture"]["input_modalities"] == ["text", "image", "file", "audio"], gemini
        small = models["small"].model_extra
        assert small["kinds"] == ["embeddings"] and small["dimensions"] == 1536, small
        # What all who may answer can.
        both = models["any"].model_extra
        assert both["context_length"] == 200000 and both["top_provider"]["max_completion_tokens"] == 64000, both
        assert both["architecture"]["input_modalities"] == ["text", "image", "file"], both
        assert models["unknown"].model_extra == {}, models["unknown"]
        # Of a name on another server than its maker's nothing is known but what all of that server's have in common.
        assert models["foreign"].model_extra == {}, models["foreign"]
        like = models["like_claude"].model_extra
        assert like["kinds"] == ["chat"] and "context_length" not in like, like
        assert models["told"].model_extra["context_length"] == 4096, models["told"]
        assert api.models.retrieve("mock/echo").owned_by == "scripted"
        for name in ("nobody", "mock"):
            try:
                api.models.retrieve(name)
                raise AssertionError(f"{name} is told")
            except openai.NotFoundError as error:
                assert error.code == "model_not_found", error


def anthropics_client_pages_through_models(folder):
    with Server(folder, SERVED) as server:
        api = anthropic.Anthropic(base_url=server.url.removesuffix("/v1"), api_key=KEY_A, max_retries=0)
        every = ["gpt", "claude", "gemini", "small", "any", "unknown", "foreign", "like_claude", "told", "vectors"]
        for limit in (1, 3, 8, 1000):
            assert [model.id for model in api.models.list(limit=limit)] == every, limit
        assert [model.id for model in api.models.list(before_id="any", limit=2)][:2] == ["gemini", "small"]
        claude = api.models.retrieve("claude")
        ModelInfo.model_validate_json(api.models.with_raw_response.retrieve("claude").http_response.read())
        assert claude.max_input_tokens == 200000 and claude.max_tokens == 64000, claude
        can = claude.capabilities
        assert can.image_input.supported and can.pdf_input.supported and can.thinking.types.enabled.supported, can
        assert not can.batch.supported and not can.server_tools.web_search.supported, can
        assert api.models.retrieve("unknown").capabilities is None
        assert api.models.retrieve("told").capabilities.image_input.supported is False


def a_model_is_asked_for_what_it_is_for(folder):
    with Server(folder, SERVED) as server:
        api = openai.OpenAI(base_url=server.url, api_key=KEY_A, max_retries=0)
        claude = anthropic.Anthropic(base_url=server.url.removesuffix("/v1"), api_key=KEY_A, max_retries=0)
        say = [{"role": "user", "content": "x"}]
        for call, kind in (
            (lambda: api.responses.create(model="vectors", input="x"), openai.BadRequestError),
            (lambda: api.chat.completions.create(model="small", messages=say), openai.BadRequestError),
            (lambda: claude.messages.create(model="vectors", max_tokens=9, messages=say), anthropic.BadRequestError),
            (lambda: api.embeddings.create(model="told", input="x"), openai.BadRequestError),
        ):
            try:
                call()
                raise AssertionError("it was taken")
            except kind as error:
                body = error.body.get("error", error.body)
                assert body["code"] == "wrong_model_kind" and body["param"] == "model", error
        assert api.responses.create(model="mock/echo", input="hello").output_text == "hello"


TESTS = [what_models_can_is_told, anthropics_client_pages_through_models, a_model_is_asked_for_what_it_is_for]
