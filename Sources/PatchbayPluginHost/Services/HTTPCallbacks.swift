import CPatchbay

/// A plugin's functions for one exchange, and what they are given.
@safe struct HTTPCallbacks {
    typealias Head = @convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<pbay_header>?, UInt64) -> Void
    typealias Data = @convention(c) (UnsafeMutableRawPointer?, pbay_text) -> Void
    typealias Event = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<pbay_http_event>?) -> Void
    typealias Done = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<pbay_http_result>?) -> Void

    let head: Head?
    let data: Data
    let event: Event?
    let done: Done
    let context: UnsafeMutableRawPointer?

    /// Nil where one that is needed is missing.
    init?(_ callbacks: pbay_http_callbacks, context: UnsafeMutableRawPointer?) {
        guard let data = unsafe callbacks.data, let done = unsafe callbacks.done else { return nil }
        unsafe head = callbacks.head
        unsafe self.data = data
        unsafe event = callbacks.event
        unsafe self.done = done
        unsafe self.context = context
    }
}
