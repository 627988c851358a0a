#include "Grammar.h"

#include "Failure.h"
#include "json-schema-to-grammar.h"

namespace patchbay::llama {

static constexpr size_t schema_size_limit = 128 << 10;
static constexpr size_t schema_depth_limit = 48;
static constexpr size_t key_size_limit = 256;
static constexpr int64_t array_limit = 64;
static constexpr int call_limit = 8;

namespace {

// Puts bounds on what a schema leaves open: a small model would otherwise go on inside a string or an array for ever.
class SchemaBounds {
public:
    SchemaBounds(std::string path, int64_t string_limit) : path(std::move(path)), string_limit(string_limit) {}

    common_json apply(const common_json &schema) const {
        if (schema.dump_safe().size() > schema_size_limit) {
            throw Failure::invalid(path, path + " is larger than 128 KiB");
        }
        return bounded(schema, 0);
    }

private:
    common_json bounded(const common_json &node, size_t depth) const {
        if (depth > schema_depth_limit) {
            throw Failure::invalid(path, path + " is nested too deeply");
        }
        if (node.is_array()) {
            common_json copy = common_json::array();
            for (const auto &element : node) {
                copy.push_back(bounded(element, depth + 1));
            }
            return copy;
        }
        if (!node.is_object()) {
            return node;
        }
        common_json copy = common_json::object();
        for (const auto &entry : node.items()) {
            if (entry.key().size() > key_size_limit) {
                throw Failure::invalid(path, path + " has a property name of more than 256 bytes");
            }
            const bool is_data = entry.key() == "const" || entry.key() == "enum" || entry.key() == "default" ||
                                 entry.key() == "examples";
            copy[entry.key()] = is_data ? entry.value() : bounded(entry.value(), depth + 1);
        }
        bound_sizes(copy);
        return copy;
    }

    void bound_sizes(common_json &node) const {
        const auto count = [&](const char *key) -> int64_t {
            const common_json *value = member(node, key);
            return value != nullptr && value->is_number_integer() ? value->get<int64_t>() : -1;
        };
        if (count("maxLength") > string_limit) {
            node["maxLength"] = std::max(string_limit, count("minLength"));
        } else if (count("minLength") >= 0 && count("maxLength") < 0) {
            node["maxLength"] = std::max(string_limit, count("minLength"));
        }
        const common_json *type = member(node, "type");
        if (type != nullptr && type->is_string() && type->get<std::string>() == "array" && count("maxItems") < 0) {
            node["maxItems"] = std::max(array_limit, count("minItems"));
        }
        const common_json *pattern = member(node, "pattern");
        if (pattern != nullptr && pattern->is_string()) {
            const std::string words = pattern->get<std::string>();
            if (words.size() < 2 || words.front() != '^' || words.back() != '$') {
                node.erase("pattern"); // the converter takes anchored ones only
            }
        }
    }

    std::string path;
    int64_t string_limit;
};

// The converter's rules for any string, object and array, bounded.
std::string bound_primitives(const std::string &grammar, uint32_t string_limit) {
    std::string bounded;
    for (size_t start = 0; start < grammar.size();) {
        const size_t end = std::min(grammar.find('\n', start), grammar.size());
        std::string line = grammar.substr(start, end - start);
        if (line == R"(string ::= "\"" char* "\"")") {
            line = R"(string ::= "\"" char{0,)" + std::to_string(string_limit) + R"(} "\"")";
        } else if (line.rfind("object ::=", 0) == 0 || line.rfind("array ::=", 0) == 0) {
            if (const size_t many = line.find(")* )?"); many != std::string::npos) {
                line.replace(many, 2, "){0,31}");
            }
        }
        bounded += line + "\n";
        start = end + 1;
    }
    return bounded;
}

// Runs the converter; what it says of a schema goes to the client.
template <typename Build>
std::string convert(const std::string &path, const Settings &settings, const Build &build) {
    try {
        return bound_primitives(build_grammar(build), settings.string_limit);
    } catch (const std::exception &error) {
        throw Failure::invalid(path, path + " can't be turned into a grammar: " + error.what());
    }
}

common_json bounded_parameters(const Request &request, size_t index, const Settings &settings) {
    return SchemaBounds("tools[" + std::to_string(index) + "].parameters", settings.string_limit)
        .apply(request.tools[index].parameters);
}

// Adds the rules of a call's body and returns the name of the rule: from after the opening mark to the closing one.
std::string add_call(const common_grammar_builder &builder, const Request &request, const Settings &settings) {
    std::string choices;
    for (const size_t index : request.callable) {
        const std::string name = "tool-" + std::to_string(index);
        const common_json schema = bounded_parameters(request, index, settings);
        const auto document = common_chat_schema_from_json(schema);
        const std::string arguments = builder.add_schema(name + "-arguments", *document.root);
        const std::string head = "{\"name\": " + common_json(request.tools[index].name).dump() + ", \"arguments\": ";
        builder.add_rule(name, gbnf_format_literal(head) + " " + arguments + " \"}\"");
        choices += (choices.empty() ? "" : " | ") + name;
    }
    builder.add_rule("call", choices);
    const std::string closing = gbnf_format_literal(std::string("\n") + call_closing);
    builder.add_rule("call-body", "\"\\n\"? call " + closing);
    return "call-body";
}

// The first call's body, and the further calls where several are allowed.
std::string add_calls(const common_grammar_builder &builder, const Request &request, const Settings &settings) {
    const std::string body = add_call(builder, request, settings);
    if (!request.parallel_calls) {
        return body;
    }
    const std::string next = "(" + gbnf_format_literal(std::string("\n") + call_opening) + " " + body + ")";
    builder.add_rule("calls", body + " " + next + "{0," + std::to_string(call_limit - 1) + "}");
    return "calls";
}

} // namespace

std::string answer_grammar(const Request &request, const Settings &settings) {
    const bool by_schema = request.format != Format::text && !request.must_call;
    if (!by_schema && !request.must_call) {
        return {};
    }
    common_json schema;
    if (by_schema) {
        schema = request.format == Format::json_object
                     ? common_json{{"type", "object"}}
                     : SchemaBounds("text.format.schema", settings.string_limit).apply(request.schema);
    }
    return convert(by_schema ? "text.format.schema" : "tools", settings, [&](const common_grammar_builder &builder) {
        std::string root;
        if (by_schema) {
            root = builder.add_schema("answer", *common_chat_schema_from_json(schema).root);
        }
        if (!request.callable.empty()) {
            const std::string calls = gbnf_format_literal(call_opening) + " " + add_calls(builder, request, settings);
            root += (root.empty() ? "" : " | ") + calls;
        }
        builder.add_rule("root", root);
    });
}

std::string call_grammar(const Request &request, const Settings &settings) {
    if (request.callable.empty()) {
        return {};
    }
    return convert("tools", settings, [&](const common_grammar_builder &builder) {
        builder.add_rule("root", add_calls(builder, request, settings));
    });
}

} // namespace patchbay::llama
