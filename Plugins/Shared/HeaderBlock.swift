import CPatchbay

/// The headers of requests, laid out once for an instance so that a request makes none.
@safe final class HeaderBlock: @unchecked Sendable {
    private let text: UnsafeMutableBufferPointer<CChar>
    private let headers: UnsafeMutableBufferPointer<pbay_header>
    let count: UInt64
    var pointer: UnsafePointer<pbay_header>? { unsafe UnsafePointer(headers.baseAddress) }

    init(_ upstream: Upstream, accept: String, _ more: [(name: String, value: String)] = []) {
        var all = upstream.headers + more + [("content-type", "application/json"), ("accept", accept)]
        if let credential = upstream.credential { all.append(credential) }
        let bytes = all.flatMap { Array($0.name.utf8) + Array($0.value.utf8) }
        unsafe text = .allocate(capacity: bytes.count)
        _ = unsafe text.initialize(from: bytes.map { CChar(bitPattern: $0) })
        unsafe headers = .allocate(capacity: all.count)
        count = UInt64(all.count)
        var at = unsafe UnsafePointer(text.baseAddress!)
        for (index, header) in all.enumerated() {
            let (name, value) = (header.name.utf8.count, header.value.utf8.count)
            unsafe headers.initializeElement(
                at: index,
                to: pbay_header(
                    name: pbay_text(data: at, size: UInt64(name)),
                    value: pbay_text(data: at + name, size: UInt64(value))))
            unsafe at += name + value
        }
    }

    deinit {
        unsafe text.deallocate()
        unsafe headers.deallocate()
    }
}
