import CPatchbay
import Glibc

/// The host as plugins see it: the C tables, made once and never freed, since they "live as long as the process".
///
/// The functions in them are formed from file-scope functions: one formed in isolated code would trap when a plugin's
/// thread calls it.
@safe final class HostTables: @unchecked Sendable {
    static let shared = HostTables()

    /// Of the host, as plugins are told.
    static let version = "0.1.0"

    let host: UnsafePointer<pbay_host>
    let stream: UnsafePointer<pbay_stream_api>
    let http: UnsafePointer<pbay_http_api>
    let timer: UnsafePointer<pbay_timer_api>
    let log: UnsafePointer<pbay_log_api>
    let storageResults: UnsafePointer<pbay_storage_results>

    let hook: UnsafePointer<pbay_hook_api>

    private init() {
        unsafe host = Self.keep(
            pbay_host(
                size: UInt32(MemoryLayout<pbay_host>.size), abi_minor: PBAY_ABI_MINOR, name: strdup("patchbay"),
                version: strdup(Self.version), get_extension: hostExtension))
        unsafe stream = Self.keep(streamAPI)
        unsafe http = Self.keep(httpAPI)
        unsafe timer = Self.keep(timerAPI)
        unsafe log = Self.keep(logAPI)
        unsafe hook = Self.keep(hookAPI)
        unsafe storageResults = Self.keep(storageResultsAPI)
    }

    private static func keep<T>(_ table: T) -> UnsafePointer<T> {
        let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
        unsafe memory.initialize(to: table)
        return unsafe UnsafePointer(memory)
    }
}

/// pbay_host.get_extension
private func hostExtension(_ id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
    let tables = HostTables.shared
    return switch unsafe String(plugin: id, limit: 128) {
    case PBAY_HOST_STREAM: unsafe UnsafeRawPointer(tables.stream)
    case PBAY_HOST_HTTP: unsafe UnsafeRawPointer(tables.http)
    case PBAY_HOST_TIMER: unsafe UnsafeRawPointer(tables.timer)
    case PBAY_HOST_LOG: unsafe UnsafeRawPointer(tables.log)
    case PBAY_HOST_STORAGE_RESULTS: unsafe UnsafeRawPointer(tables.storageResults)
    case PBAY_HOST_HOOK: unsafe UnsafeRawPointer(tables.hook)
    default: nil
    }
}
