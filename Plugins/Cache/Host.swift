import CPatchbay
import Glibc
import PatchbayPluginCommon

/// The host's tables that this plugin uses. They live as long as the process and their functions may be called from any
/// thread, hence Sendable. Here is what the plugin calls; in Plugin.swift is what the host calls.
@safe struct Host: @unchecked Sendable {
    private let hooks: UnsafePointer<pbay_hook_api>
    /// Of a test.
    private let clock: UnsafePointer<pclock>?

    /// Nil where the host has no hooks.
    init?(_ host: UnsafePointer<pbay_host>) {
        guard let hooks = unsafe Self.table(host, PBAY_HOST_HOOK, of: pbay_hook_api.self) else { return nil }
        unsafe self.hooks = hooks
        unsafe clock = Self.table(host, PCLOCK_ID, of: pclock.self)
    }

    private static func table<T>(_ host: UnsafePointer<pbay_host>, _ id: String, of: T.Type) -> UnsafePointer<T>? {
        guard let get = unsafe host.pointee.get_extension else { return nil }
        guard let table = unsafe id.withCString({ unsafe get($0) }) else { return nil }
        // Each table begins with its size; one from before a field that is used here is no table of this id.
        guard unsafe table.load(as: UInt32.self) >= UInt32(MemoryLayout<T>.size) else { return nil }
        return unsafe table.assumingMemoryBound(to: T.self)
    }

    // MARK: The time

    /// Nanoseconds; never less than before.
    func now() -> UInt64 {
        if let clock = unsafe clock { return unsafe clock.pointee.now_ns() }
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Whether `now` is CLOCK_MONOTONIC, which passes by itself.
    var isMonotonic: Bool { unsafe clock == nil }

    /// Has `cache` told when the time has changed otherwise. `cache` lives until `unwatchTime`.
    func watchTime(_ cache: Cache) {
        unsafe clock?.pointee.watch(
            { context in
                guard let context = unsafe context else { return }
                unsafe Unmanaged<Cache>.fromOpaque(context).takeUnretainedValue().timeChanged()
            }, Unmanaged.passUnretained(cache).toOpaque())
    }

    func unwatchTime(_ cache: Cache) {
        unsafe clock?.pointee.watch(nil, Unmanaged.passUnretained(cache).toOpaque())
    }

    // MARK: A visit

    /// The point's document, copied; nil where there is none, or it has more than `limit` bytes.
    func document(_ visit: UInt64, limit: Int) -> [UInt8]? {
        var text = unsafe pbay_text()
        guard unsafe hooks.pointee.document(visit, &text) == PBAY_OK, unsafe text.size <= UInt64(limit) else {
            return nil
        }
        return unsafe [UInt8](text.bytes)
    }

    /// The verdict CONTINUE.
    func proceed(_ visit: UInt64) {
        _ = unsafe hooks.pointee.proceed(visit)
    }

    /// Leaves `cache: hit` or `cache: miss` in the request's bag, for the hooks that come later.
    func note(_ visit: UInt64, isHit: Bool) {
        unsafe withText("cache") { name in
            unsafe withText(isHit ? "hit" : "miss") { value in _ = unsafe hooks.pointee.put(visit, name, value) }
        }
    }

    /// The verdict ANSWER with what an entry has; CONTINUE where the host doesn't take it.
    func answer(_ visit: UInt64, _ entry: Entry, usage: Usage?) {
        for event in Replay(entry.events) {
            guard emit(visit, event) == PBAY_OK else { return proceed(visit) }
        }
        var counts = pbay_usage()
        if let usage {
            counts = pbay_usage(
                size: UInt32(MemoryLayout<pbay_usage>.size), reserved: 0, input_tokens: Int64(usage.input),
                cached_tokens: Int64(usage.cached), cache_write_tokens: Int64(usage.cacheWrite),
                output_tokens: Int64(usage.output), reasoning_tokens: Int64(usage.reasoning))
        }
        var provider = entry.provider
        provider.withUTF8 { provider in
            unsafe withUnsafePointer(to: &counts) { counts in
                var answer = unsafe pbay_hook_answer()
                unsafe answer.size = UInt32(MemoryLayout<pbay_hook_answer>.size)
                unsafe answer.reason = Int32(PBAY_FINISH_STOP)
                unsafe answer.usage = usage == nil ? nil : counts
                unsafe answer.provider = pbay_text(provider)
                _ = unsafe hooks.pointee.answer(visit, &answer)
            }
        }
    }

    private func emit(_ visit: UInt64, _ event: Recording.Event) -> Int32 {
        unsafe event.text.withUnsafeBufferPointer { text in
            unsafe event.id.withUnsafeBufferPointer { id in
                unsafe event.name.withUnsafeBufferPointer { name in
                    var out = unsafe pbay_event()
                    unsafe out.size = UInt32(MemoryLayout<pbay_event>.size)
                    unsafe (out.kind, out.index) = (event.kind, event.index)
                    unsafe (out.text, out.id, out.name) = (pbay_text(text), pbay_text(id), pbay_text(name))
                    return unsafe hooks.pointee.emit(visit, &out)
                }
            }
        }
    }

    private func withText(_ literal: StaticString, _ body: (pbay_text) -> Void) {
        literal.withUTF8Buffer { unsafe body(pbay_text($0)) }
    }
}

extension pbay_text {
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
        unsafe self.init(data: start, size: UInt64(bytes.count))
    }

    /// The bytes, while what they belong to lives.
    var bytes: UnsafeBufferPointer<UInt8> {
        guard unsafe size > 0, let data = unsafe data else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeBufferPointer(
            start: UnsafeRawPointer(data).assumingMemoryBound(to: UInt8.self), count: Int(size))
    }
}
