import CPatchbay
import Synchronization

/// The tables that the host gave at the entry. One image has one host; it is set before any instance exists.
let entryHost = Mutex<Host?>(nil)

/// The plugin's only exported symbol.
@_cdecl("patchbay_plugin_entry_v1")
public func entry(
    _ table: UnsafePointer<pbay_host>, _ out: UnsafeMutablePointer<UnsafePointer<pbay_module>?>,
    _ error: UnsafeMutablePointer<pbay_error>
) -> Int32 {
    guard let found = unsafe Host(table) else {
        let failure = Failure.unsupported("", "this plugin needs a host with patchbay.stream/1 and patchbay.http/1")
        unsafe failure.fill(error)
        return failure.code
    }
    entryHost.withLock { $0 = found }
    unsafe out.pointee = Tables.module
    return Int32(PBAY_OK)
}
