/// Every code of an error: the stable word for programs in `error.code`. Documentation/errors.md says of each what its
/// cause is and what to do; a test holds that table, this one, the sources and the tests together.
///
/// An error without a code is told by its kind: see `responsesCode` in PatchbayFormats.
package enum ErrorCode: String, CaseIterable, Sendable {
    // HTTP 400
    case invalidJSON = "invalid_json"
    case missingRequiredParameter = "missing_required_parameter"
    case invalidType = "invalid_type"
    case invalidValue = "invalid_value"
    case invalidURL = "invalid_url"
    case invalidHTTPRequest = "invalid_http_request"
    case integerBelowMinValue = "integer_below_min_value"
    case integerAboveMaxValue = "integer_above_max_value"
    case decimalBelowMinValue = "decimal_below_min_value"
    case decimalAboveMaxValue = "decimal_above_max_value"
    case stringAboveMaxLength = "string_above_max_length"
    case objectAboveMaxProperties = "object_above_max_properties"
    case arrayAboveMaxLength = "array_above_max_length"
    case emptyArray = "empty_array"
    case mutuallyExclusiveParameters = "mutually_exclusive_parameters"
    case unsupportedParameter = "unsupported_parameter"
    case unsupported
    case wrongModelKind = "wrong_model_kind"
    case invalidFunctionParameters = "invalid_function_parameters"
    case invalidJSONSchema = "invalid_json_schema"
    case contextLengthExceeded = "context_length_exceeded"
    case conversationTooLong = "conversation_too_long"
    case conversationRequiresStore = "conversation_requires_store"
    case duplicateItem = "duplicate_item"
    case toolCallNotFound = "tool_call_not_found"
    case storageNotConfigured = "storage_not_configured"
    case previousResponseRunning = "previous_response_running"
    case previousResponseFailed = "previous_response_failed"
    case previousResponseCancelled = "previous_response_cancelled"
    case previousResponseNotStored = "previous_response_not_stored"
    case backgroundNotStored = "background_not_stored"
    case responseNotBackground = "response_not_background"
    case streamNotKept = "stream_not_kept"
    case invalidCompactionItem = "invalid_compaction_item"
    case compactionKeyMismatch = "compaction_key_mismatch"
    case compactionNotReadable = "compaction_not_readable"
    case invalidWebSocketHandshake = "invalid_websocket_handshake"
    case unknownEventType = "unknown_event_type"
    case websocketConnectionLimitReached = "websocket_connection_limit_reached"
    case requestRejected = "request_rejected"

    // HTTP 401
    case missingAPIKey = "missing_api_key"
    case invalidAPIKey = "invalid_api_key"

    // HTTP 403
    case originNotAllowed = "origin_not_allowed"

    // HTTP 404
    case modelNotFound = "model_not_found"
    case previousResponseNotFound = "previous_response_not_found"
    case responseNotFound = "response_not_found"
    case itemNotFound = "item_not_found"
    case conversationNotFound = "conversation_not_found"
    case chatCompletionNotFound = "chat_completion_not_found"
    case unknownURL = "unknown_url"

    // HTTP 405
    case methodNotAllowed = "method_not_allowed"

    // HTTP 408
    case requestTimeout = "request_timeout"

    // HTTP 409
    case responseRunning = "response_running"
    case responseChanged = "response_changed"
    case conversationBusy = "conversation_busy"

    // HTTP 413
    case requestTooLarge = "request_too_large"

    // HTTP 415
    case unsupportedContentType = "unsupported_content_type"

    // HTTP 426
    case websocketDisabled = "websocket_disabled"

    // HTTP 429
    case backgroundQueueFull = "background_queue_full"

    // HTTP 431
    case headersTooLarge = "headers_too_large"

    // HTTP 500
    case responseInterrupted = "response_interrupted"
    case hookFailed = "hook_failed"

    // HTTP 502
    case toolNotAllowed = "tool_not_allowed"
    case toolFailed = "tool_failed"
    case outputNotJSON = "output_not_json"
    case outputSchemaMismatch = "output_schema_mismatch"
    case answerTooLarge = "answer_too_large"
    case compactionFailed = "compaction_failed"

    // HTTP 503
    case tooManyWebSockets = "too_many_websockets"

    // HTTP 504
    case hookTimeout = "hook_timeout"
    case toolTimeout = "tool_timeout"

    /// The HTTP status where nothing was sent before. Once a stream has begun, an error is an event.
    package var status: Int {
        switch self {
        case .invalidJSON, .missingRequiredParameter, .invalidType, .invalidValue, .invalidURL, .invalidHTTPRequest,
            .integerBelowMinValue, .integerAboveMaxValue, .decimalBelowMinValue, .decimalAboveMaxValue,
            .stringAboveMaxLength, .objectAboveMaxProperties, .arrayAboveMaxLength, .emptyArray,
            .mutuallyExclusiveParameters, .unsupportedParameter, .unsupported, .wrongModelKind,
            .invalidFunctionParameters, .invalidJSONSchema, .contextLengthExceeded, .conversationTooLong,
            .conversationRequiresStore, .duplicateItem,
            .toolCallNotFound, .storageNotConfigured, .previousResponseRunning, .previousResponseFailed,
            .previousResponseCancelled, .previousResponseNotStored, .backgroundNotStored, .responseNotBackground,
            .streamNotKept, .invalidCompactionItem, .compactionKeyMismatch,
            .compactionNotReadable, .invalidWebSocketHandshake, .unknownEventType, .websocketConnectionLimitReached,
            .requestRejected:
            400
        case .missingAPIKey, .invalidAPIKey:
            401
        case .originNotAllowed:
            403
        case .modelNotFound, .previousResponseNotFound, .responseNotFound, .itemNotFound, .conversationNotFound,
            .chatCompletionNotFound, .unknownURL:
            404
        case .methodNotAllowed:
            405
        case .requestTimeout:
            408
        case .responseRunning, .responseChanged, .conversationBusy:
            409
        case .requestTooLarge:
            413
        case .unsupportedContentType:
            415
        case .websocketDisabled:
            426
        case .backgroundQueueFull:
            429
        case .headersTooLarge:
            431
        case .responseInterrupted, .hookFailed:
            500
        case .toolNotAllowed, .toolFailed, .outputNotJSON, .outputSchemaMismatch, .answerTooLarge, .compactionFailed:
            502
        case .tooManyWebSockets:
            503
        case .hookTimeout, .toolTimeout:
            504
        }
    }
}
