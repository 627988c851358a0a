internal import CSimdJSON

/// Reads JSON documents, one after the other. It keeps its buffers, so that a parser that lives as long as a connection
/// or an event loop allocates next to nothing for a document; what a large document needed is given back after it.
///
/// Not Sendable: one thread (or task) at a time. The documents that it returns are independent of it.
@safe package final class JSONParser {
    private let parser: OpaquePointer?

    package init() {
        unsafe parser = csj_parser_new()
    }

    deinit {
        unsafe csj_parser_free(parser)
    }

    /// The document in `bytes`, which it shares without copying them.
    package func parse(_ bytes: [UInt8], limits: JSONLimits = .request) throws(JSONError) -> JSONDocument {
        guard bytes.count <= limits.maxBytes else { throw .tooLarge(limits) }
        guard let parser = unsafe parser else {
            throw JSONError(code: Int32(CSJ_NO_MEMORY), offset: nil, limits: limits, duplicateKey: "")
        }
        var bounds = csj_limits(
            max_depth: UInt32(clamping: limits.maxDepth), max_values: UInt32(clamping: limits.maxValues),
            reject_duplicate_keys: limits.rejectDuplicateKeys ? 1 : 0)
        var result = unsafe csj_result()
        let code = unsafe bytes.withUnsafeBufferPointer { text in
            unsafe csj_parse(parser, text.baseAddress, text.count, &bounds, &result)
        }
        let isLarge = bytes.count > Self.trimBytes
        defer { if isLarge { unsafe csj_parser_trim(parser) } }
        guard code == CSJ_OK else { throw unsafe failure(result, bytes, limits) }

        let nodes = unsafe [csj_node](UnsafeBufferPointer(start: result.nodes, count: result.node_count))
        let strings = unsafe [UInt8](UnsafeBufferPointer(start: result.strings, count: result.string_bytes))
        return JSONDocument(bytes: bytes, nodes: nodes, strings: strings)
    }

    /// Documents above this size may have made the buffers large.
    private static let trimBytes = 1 << 19

    private func failure(_ result: csj_result, _ bytes: [UInt8], _ limits: JSONLimits) -> JSONError {
        var key = ""
        if unsafe result.code == CSJ_DUPLICATE_KEY {
            let start = unsafe result.key_start
            let range = unsafe start..<(start + result.key_length)
            if unsafe result.key_escaped != 0 {
                let strings = unsafe UnsafeBufferPointer(start: result.strings, count: result.string_bytes)
                key = unsafe String(decoding: strings[range], as: UTF8.self)
            } else {
                key = String(decoding: bytes[range], as: UTF8.self)
            }
        }
        let offset = unsafe result.offset == Int(bitPattern: CSJ_NO_OFFSET) ? nil : result.offset
        return unsafe JSONError(code: result.code, offset: offset, limits: limits, duplicateKey: key)
    }
}
