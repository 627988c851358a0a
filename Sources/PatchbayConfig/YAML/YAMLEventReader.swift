import CLibYAML

/// libyaml's parser, one event at a time: the only file that sees libyaml.
///
/// The parser's state lives in one heap cell for the length of `read`, each event is freed before the next one is asked
/// for, and everything that leaves is a copy.
enum YAMLEventReader {
    /// Hands each event of `bytes` to `handle` until the end, an error, or `false` from `handle`.
    ///
    /// - Returns: the syntax error that ended the file, or nil.
    static func read(_ bytes: [UInt8], _ handle: (YAMLEvent) -> Bool) -> YAMLSyntaxError? {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        defer { unsafe parser.deallocate() }
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            return YAMLSyntaxError(message: "out of memory", line: 1, column: 1)
        }
        defer { unsafe yaml_parser_delete(parser) }
        return unsafe bytes.withUnsafeBufferPointer { input in
            unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
            unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
            return unsafe readEvents(parser, bytes, handle)
        }
    }

    private static func readEvents(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ bytes: [UInt8], _ handle: (YAMLEvent) -> Bool
    ) -> YAMLSyntaxError? {
        while true {
            var raw = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(parser, &raw) == 1 else { return unsafe problem(of: parser, bytes) }
            let isLast = unsafe raw.type == YAML_STREAM_END_EVENT || raw.type == YAML_NO_EVENT
            let event = unsafe copy(of: raw)
            unsafe yaml_event_delete(&raw)
            if !handle(event) || isLast { return nil }
        }
    }

    private static func copy(of raw: yaml_event_t) -> YAMLEvent {
        let line = unsafe Int(clamping: raw.start_mark.line) + 1
        let column = unsafe Int(clamping: raw.start_mark.column) + 1
        func event(_ kind: YAMLEvent.Kind, anchor: String? = nil, tag: String? = nil) -> YAMLEvent {
            YAMLEvent(kind: kind, anchor: anchor, tag: tag, line: line, column: column)
        }
        switch unsafe raw.type {
        case YAML_DOCUMENT_START_EVENT:
            return event(.documentStart)
        case YAML_ALIAS_EVENT:
            return event(.alias(name: unsafe string(raw.data.alias.anchor) ?? ""))
        case YAML_SCALAR_EVENT:
            let scalar = unsafe raw.data.scalar
            let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let text = unsafe String(decoding: value, as: UTF8.self)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return unsafe event(
                .scalar(text: text, isPlain: isPlain), anchor: string(scalar.anchor), tag: string(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe raw.data.sequence_start
            return unsafe event(.sequenceStart, anchor: string(start.anchor), tag: string(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe raw.data.mapping_start
            return unsafe event(.mappingStart, anchor: string(start.anchor), tag: string(start.tag))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            return event(.collectionEnd)
        default:
            return event(.other)
        }
    }

    private static func string(_ text: UnsafePointer<yaml_char_t>?) -> String? {
        guard let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe string(UnsafePointer(text))
    }

    /// libyaml's words for the error, with the place: of the token, or, where a byte could not be read at all, of that
    /// byte.
    private static func problem(of parser: UnsafePointer<yaml_parser_t>, _ bytes: [UInt8]) -> YAMLSyntaxError {
        let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            let place = unsafe TextPosition(ofByte: parser.pointee.problem_offset, in: bytes)
            return YAMLSyntaxError(message: words, line: place.line, column: place.column)
        }
        let mark = unsafe parser.pointee.problem_mark
        var message = words
        if let context = unsafe parser.pointee.context {
            let line = unsafe Int(clamping: parser.pointee.context_mark.line) + 1
            message += unsafe " \(String(cString: context)) that begins at line \(line)"
        }
        let index = Int(clamping: mark.index)
        switch TextPosition.characters(endingAt: index, in: bytes) {
        case (_, UInt8(ascii: "\t")): message += "; indent with spaces, not with tabs"
        case (UInt8(ascii: "$"), UInt8(ascii: "{")): message += "; inside {...} and [...], write \"${NAME}\" in quotes"
        default: break
        }
        return YAMLSyntaxError(
            message: message, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
