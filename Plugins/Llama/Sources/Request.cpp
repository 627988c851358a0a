#include "Request.h"

#include "Failure.h"

namespace patchbay::llama {

static constexpr size_t stop_count_limit = 16;
static constexpr size_t stop_size_limit = 256;
static constexpr size_t depth_limit = 160; // the host takes 128, and wraps the body

const common_json *member(const common_json &object, const std::string &key) {
    if (!object.is_object() || !object.contains(key) || object.at(key).is_null()) {
        return nullptr;
    }
    return &object.at(key);
}

std::string string_member(const common_json &object, const std::string &key, const std::string &path) {
    const common_json *value = member(object, key);
    if (value == nullptr || !value->is_string()) {
        throw Failure::invalid(path + "." + key, path + "." + key + " must be a string");
    }
    return value->get<std::string>();
}

// The reader of JSON below recurses in places: nothing deeper than the host would let through reaches it.
static void check_depth(std::string_view body) {
    size_t depth = 0;
    bool in_string = false;
    for (size_t index = 0; index < body.size(); ++index) {
        const char byte = body[index];
        if (in_string) {
            if (byte == '\\') {
                ++index;
            } else if (byte == '"') {
                in_string = false;
            }
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '[' || byte == '{') {
            if (++depth > depth_limit) {
                throw Failure::invalid("", "the request is nested too deeply");
            }
        } else if ((byte == ']' || byte == '}') && depth > 0) {
            --depth;
        }
    }
}

static double number_member(const common_json &body, const std::string &key, double low, double high, double missing) {
    const common_json *value = member(body, key);
    if (value == nullptr) {
        return missing;
    }
    const double number = value->is_number() ? value->get<double>() : low - 1;
    if (!(number >= low && number <= high)) {
        throw Failure::invalid(key, key + " must be a number from " + std::to_string(static_cast<int>(low)) + " to " +
                                        std::to_string(static_cast<int>(high)));
    }
    return number;
}

static void parse_sampling(const common_json &body, const Settings &settings, Request &request) {
    request.temperature = number_member(body, "temperature", 0, 2, settings.temperature);
    request.top_p = number_member(body, "top_p", 0, 1, settings.top_p);
    request.top_k = static_cast<uint32_t>(number_member(body, "top_k", 0, 1 << 30, settings.top_k));
    request.seed = settings.seed;
    if (const common_json *seed = member(body, "seed")) {
        if (!seed->is_number_integer()) {
            throw Failure::invalid("seed", "seed must be a whole number");
        }
        const uint64_t bits = static_cast<uint64_t>(seed->get<int64_t>());
        request.seed = static_cast<uint32_t>((bits ^ (bits >> 32)) % (UINT32_MAX - 1)); // the last one means "any"
    }
    request.max_output_tokens = settings.max_output_tokens;
    if (const common_json *most = member(body, "max_output_tokens")) {
        if (!most->is_number_integer() || most->get<double>() < 1) {
            throw Failure::invalid("max_output_tokens", "max_output_tokens must be a whole number of at least 1");
        }
        request.max_output_tokens = static_cast<uint32_t>(std::min(most->get<double>(), double(1 << 30)));
    }
    if (number_member(body, "top_logprobs", 0, 20, 0) > 0) {
        throw Failure::unsupported("top_logprobs", "this model's provider gives no log probabilities");
    }
}

static void parse_stop(const common_json &body, Request &request) {
    const common_json *stop = member(body, "stop");
    if (stop == nullptr) {
        return;
    }
    const auto add = [&](const common_json &value, const std::string &path) {
        if (!value.is_string() || value.get<std::string>().empty() ||
            value.get<std::string>().size() > stop_size_limit) {
            throw Failure::invalid(path, path + " must be a string of 1 to 256 bytes");
        }
        request.stop.push_back(value.get<std::string>());
    };
    if (!stop->is_array()) {
        add(*stop, "stop");
        return;
    }
    if (stop->size() > stop_count_limit) {
        throw Failure::invalid("stop", "stop may hold at most 16 strings");
    }
    for (size_t index = 0; index < stop->size(); ++index) {
        add(stop->at(index), "stop[" + std::to_string(index) + "]");
    }
}

static void parse_format(const common_json &body, Request &request) {
    const common_json *options = member(body, "text");
    const common_json *format = options != nullptr ? member(*options, "format") : nullptr;
    if (format == nullptr) {
        return;
    }
    const std::string type = string_member(*format, "type", "text.format");
    if (type == "json_object") {
        request.format = Format::json_object;
    } else if (type == "json_schema") {
        const common_json *schema = member(*format, "schema");
        if (schema == nullptr || !schema->is_object()) {
            throw Failure::invalid("text.format.schema", "text.format.schema must be a JSON schema, an object");
        }
        request.format = Format::json_schema;
        request.schema = *schema;
    } else if (type != "text") {
        throw Failure::invalid("text.format.type", "text.format.type must be text, json_object or json_schema");
    }
}

common_json parse_body(std::string_view text) {
    check_depth(text);
    common_json body = common_json::parse_no_throw(std::string(text));
    if (body.is_discarded() || !body.is_object()) {
        throw Failure::invalid("", "the request must be a JSON object");
    }
    return body;
}

Request Request::parse(std::string_view text, const Settings &settings) {
    const common_json body = parse_body(text);
    Request request;
    parse_input(body, request);
    parse_tools(body, request);
    parse_sampling(body, settings, request);
    parse_stop(body, request);
    parse_format(body, request);
    parse_rest(body, request);
    return request;
}

} // namespace patchbay::llama
