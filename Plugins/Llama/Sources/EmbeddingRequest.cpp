#include "EmbeddingRequest.h"

#include "Failure.h"
#include "Request.h"

namespace patchbay::llama {

static EmbeddingRequest::Input parse_input(const common_json &value, const std::string &path, size_t vocabulary) {
    EmbeddingRequest::Input input;
    if (value.is_string() && !value.get<std::string>().empty()) {
        input.text = value.get<std::string>();
        return input;
    }
    if (!value.is_array() || value.size() == 0) {
        throw Failure::invalid(path, path + " must be a text or an array of token numbers, and not empty");
    }
    input.tokens.reserve(value.size());
    for (size_t index = 0; index < value.size(); ++index) {
        const common_json &token = value.at(index);
        const double number = token.is_number_integer() ? token.get<double>() : -1;
        if (number < 0 || number >= static_cast<double>(vocabulary)) {
            const std::string place = path + "[" + std::to_string(index) + "]";
            throw Failure::invalid(place, place + " is no token of this model: they are whole numbers from 0 to " +
                                              std::to_string(vocabulary - 1));
        }
        input.tokens.push_back(static_cast<llama_token>(number));
    }
    return input;
}

EmbeddingRequest EmbeddingRequest::parse(std::string_view text, size_t vocabulary) {
    const common_json body = parse_body(text);
    const common_json *list = member(body, "input");
    if (list == nullptr || !list->is_array() || list->size() == 0) {
        throw Failure::invalid("input", "input must be an array that is not empty");
    }
    EmbeddingRequest request;
    request.inputs.reserve(list->size());
    for (size_t index = 0; index < list->size(); ++index) {
        request.inputs.push_back(parse_input(list->at(index), input_path(index), vocabulary));
    }
    if (const common_json *dimensions = member(body, "dimensions")) {
        const double number = dimensions->is_number_integer() ? dimensions->get<double>() : 0;
        if (number < 1 || number > PBAY_MAX_DIMENSIONS) {
            throw Failure::invalid("dimensions", "dimensions must be a whole number from 1 to " + std::to_string(PBAY_MAX_DIMENSIONS));
        }
        request.dimensions = static_cast<uint32_t>(number);
    }
    return request;
}

} // namespace patchbay::llama
