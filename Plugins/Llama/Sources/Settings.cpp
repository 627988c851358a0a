#include "Settings.h"

#include "Failure.h"
#include "json.h"

#include <cstdlib>
#include <map>

namespace patchbay::llama {

namespace {

struct WholeNumber {
    uint32_t *target;
    uint32_t low;
    uint32_t high;
};

struct Fraction {
    double *target;
    double low;
    double high;
};

std::string expand_home(const std::string &path) {
    const char *home = std::getenv("HOME");
    return path.rfind("~/", 0) == 0 && home != nullptr ? home + path.substr(1) : path;
}

// A bound without its useless decimals.
std::string show(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') {
        text.pop_back();
    }
    return text;
}

uint32_t whole_number(const std::string &key, const common_json &value, uint32_t low, uint32_t high) {
    const double number = value.is_number_integer() ? value.get<double>() : -1;
    if (!value.is_number_integer() || number < low || number > high) {
        throw Failure::invalid(key, key + " must be a whole number from " + std::to_string(low) + " to " +
                                        std::to_string(high));
    }
    return static_cast<uint32_t>(number);
}

} // namespace

Settings Settings::parse(std::string_view text) {
    Settings settings;
    const std::map<std::string, WholeNumber> numbers = {
        {"context", {&settings.context, 128, 1u << 20}},
        {"parallel", {&settings.parallel, 1, 64}},
        {"sequences", {&settings.sequences, 1, 64}},
        {"kv_tokens", {&settings.kv_tokens, 128, 1u << 24}},
        {"threads", {&settings.threads, 1, 256}},
        {"batch", {&settings.batch, 32, 8192}},
        {"queue", {&settings.queue, 0, 4096}},
        {"max_output_tokens", {&settings.max_output_tokens, 1, 1u << 20}},
        {"string_limit", {&settings.string_limit, 16, 1900}},
        {"top_k", {&settings.top_k, 0, 1000}},
    };
    const std::map<std::string, Fraction> fractions = {
        {"temperature", {&settings.temperature, 0, 2}},
        {"top_p", {&settings.top_p, 0, 1}},
    };

    const common_json root = common_json::parse_no_throw(std::string(text));
    if (root.is_discarded() || !root.is_object()) {
        throw Failure::invalid("", "the configuration must be an object");
    }
    for (const auto &entry : root.items()) {
        const std::string &key = entry.key();
        const common_json &value = entry.value();
        if (const auto number = numbers.find(key); number != numbers.end()) {
            *number->second.target = whole_number(key, value, number->second.low, number->second.high);
        } else if (const auto fraction = fractions.find(key); fraction != fractions.end()) {
            const auto &[target, low, high] = fraction->second;
            if (!value.is_number() || value.get<double>() < low || value.get<double>() > high) {
                throw Failure::invalid(key, key + " must be a number from " + show(low) + " to " + show(high));
            }
            *target = value.get<double>();
        } else if (key == "seed") {
            settings.seed = whole_number(key, value, 0, UINT32_MAX - 1);
        } else if (key == "model") {
            if (!value.is_string() || value.get<std::string>().empty()) {
                throw Failure::invalid(key, "model must be the path of a GGUF file");
            }
            settings.model = expand_home(value.get<std::string>());
        } else {
            std::string allowed = "model, seed";
            for (const auto &known : numbers) {
                allowed += ", " + known.first;
            }
            throw Failure::invalid(key, "unknown key " + key + "; allowed are " + allowed + ", temperature, top_p");
        }
    }
    if (settings.model.empty()) {
        throw Failure::invalid("model", "model is missing: the path of a GGUF file");
    }
    if (settings.sequences < settings.parallel) {
        if (root.contains("sequences")) {
            throw Failure::invalid("sequences", "sequences must be at least parallel");
        }
        settings.sequences = settings.parallel;
    }
    if (settings.context != 0 && settings.kv_tokens != 0 && settings.kv_tokens < settings.context) {
        throw Failure::invalid("kv_tokens", "kv_tokens must be at least context");
    }
    return settings;
}

} // namespace patchbay::llama
