import CPatchbay
import Glibc
import Synchronization

/// The tables that the host gave at the entry. One image has one host; it is set before any instance exists.
private let host = Mutex<Host?>(nil)

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
    host.withLock { $0 = found }
    unsafe out.pointee = Tables.module
    return Int32(PBAY_OK)
}

/// One entry under `plugins:`. Immutable, hence shared by the strands of its calls.
final class Instance: Sendable {
    let id: UInt64
    let config: Config
    let host: Host
    private let streamHeaders: HeaderBlock
    private let wholeHeaders: HeaderBlock

    init(_ id: UInt64, _ config: Config, _ host: Host) {
        (self.id, self.config, self.host) = (id, config, host)
        streamHeaders = HeaderBlock(config, accept: "text/event-stream")
        wholeHeaders = HeaderBlock(config, accept: "application/json")
    }

    /// Makes a call for an answer and starts its exchange.
    func begin(_ request: UnsafePointer<pbay_request>, _ stream: UInt64) throws(Failure) -> UnsafeMutableRawPointer {
        let isStream = unsafe request.pointee.flags & UInt32(PBAY_REQUEST_STREAM) != 0
        let call = Call(self, stream: stream)
        let body = try call.request(unsafe request.pointee.body.bytes.span, isStream: isStream)
        return unsafe try post(call, body, request, stream, isStream: isStream)
    }

    /// Makes a call for a count and starts its exchange. For an upstream that speaks Responses.
    func count(_ request: UnsafePointer<pbay_request>, _ stream: UInt64) throws(Failure) -> UnsafeMutableRawPointer {
        let call = Call(countingFor: self, stream: stream)
        let body = try call.countRequest(unsafe request.pointee.body.bytes.span)
        return unsafe try post(call, body, request, stream, isStream: false)
    }

    private func post(
        _ call: Call, _ body: [UInt8], _ request: UnsafePointer<pbay_request>, _ stream: UInt64, isStream: Bool
    ) throws(Failure) -> UnsafeMutableRawPointer {
        let left = unsafe UInt32(clamping: request.pointee.timeout_ms)
        let total =
            config.timeouts.total == 0 ? left : left == 0 ? config.timeouts.total : min(left, config.timeouts.total)
        // The call's one reference: `release` gives it back. No callback comes before `post` has returned.
        let context = unsafe Unmanaged.passRetained(call).toOpaque()
        do throws(Failure) {
            unsafe try host.post(
                stream, config, to: call.isCount ? config.countURL : config.url,
                headers: isStream ? streamHeaders : wholeHeaders, body: body, isStream: isStream,
                totalTimeout: total, callbacks: Tables.callbacks, context: context)
        } catch {
            unsafe Unmanaged<Call>.fromOpaque(context).release()
            throw error
        }
        return unsafe context
    }

    /// Calls `patienceEnded` in `milliseconds`, unless the stream ends before. Whether it will.
    func awaitEnd(_ call: Call, _ stream: UInt64, _ milliseconds: UInt64) -> Bool {
        unsafe host.after(
            milliseconds, stream, { unsafe Tables.borrow($0)?.patienceEnded() },
            Unmanaged.passUnretained(call).toOpaque())
    }
}

/// What an instance's `self` points to: its table and, in the same block of memory, the one reference to the instance.
@unsafe private struct Handle {
    var table: pbay_instance
    let instance: Unmanaged<Instance>
}

/// The tables of functions that the host calls. Made once, never freed: an image is never unloaded.
private enum Tables {
    nonisolated(unsafe) static let module: UnsafePointer<pbay_module> = {
        let interfaces = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 3)
        unsafe interfaces.initialize(to: text("patchbay.provider/1"))
        unsafe (interfaces + 1).initialize(to: text("patchbay.token-count/1"))
        unsafe (interfaces + 2).initialize(to: nil)
        return unsafe immortal(
            pbay_module(
                size: UInt32(MemoryLayout<pbay_module>.size), abi_minor: 0, id: text("patchbay.openai"),
                version: text("0.1.0"), licence: text("Apache-2.0"),
                description: text("Any OpenAI-compatible upstream, by its Responses or Chat Completions API"),
                interfaces: interfaces, create: { unsafe Tables.create($0, $1, $2, $3) }))
    }()

    nonisolated(unsafe) static let provider: UnsafePointer<pbay_provider> = unsafe immortal(
        pbay_provider(
            size: UInt32(MemoryLayout<pbay_provider>.size), reserved: 0, models: nil,
            begin: { context, request, stream, call, error in
                unsafe Tables.begin(context, request, stream, call, error) {
                    (instance, request, stream) throws(Failure) in unsafe try instance.begin(request, stream)
                }
            },
            resume: { _, _ in },  // the host has held the exchange back: there is nothing here to go on with
            cancel: { _, call, _ in unsafe Tables.borrow(call)?.cancel() },
            release: { _, call in
                if let call = unsafe call { unsafe Unmanaged<Call>.fromOpaque(call).release() }
            }))

    nonisolated(unsafe) static let tokenCount: UnsafePointer<pbay_token_count> = unsafe immortal(
        pbay_token_count(
            size: UInt32(MemoryLayout<pbay_token_count>.size), reserved: 0,
            begin: { context, request, stream, call, error in
                unsafe Tables.begin(context, request, stream, call, error) {
                    (instance, request, stream) throws(Failure) in unsafe try instance.count(request, stream)
                }
            }))

    static var callbacks: pbay_http_callbacks {
        unsafe pbay_http_callbacks(
            size: UInt32(MemoryLayout<pbay_http_callbacks>.size), reserved: 0,
            head: { unsafe Tables.borrow($0)?.head(Call.Head(status: $1, $2, count: $3)) },
            data: { unsafe Tables.borrow($0)?.data($1.bytes.span) },
            event: { context, event in
                guard let event = unsafe event else { return }
                unsafe Tables.borrow(context)?.event(event.pointee.data.bytes.span)
            },
            done: { context, result in
                guard let result = unsafe result?.pointee else { return }
                let message = unsafe String(decoding: result.message.bytes, as: UTF8.self)
                unsafe Tables.borrow(context)?.done(
                    outcome: result.outcome, status: Int(result.status), message: message)
            })
    }

    /// The call that a context pointer stands for, without taking it over.
    static func borrow(_ context: UnsafeMutableRawPointer?) -> Call? {
        guard let context = unsafe context else { return nil }
        return unsafe Unmanaged<Call>.fromOpaque(context).takeUnretainedValue()
    }

    private static func create(
        _ id: UInt64, _ text: pbay_text, _ out: UnsafeMutablePointer<UnsafePointer<pbay_instance>?>?,
        _ error: UnsafeMutablePointer<pbay_error>?
    ) -> Int32 {
        guard let out = unsafe out, let error = unsafe error else { return Int32(PBAY_EINVALID) }
        do throws(Failure) {
            guard let host = host.withLock({ $0 }) else {
                throw Failure(code: Int32(PBAY_EINTERNAL), message: "no host")
            }
            let document: JSONDocument
            do { document = try JSONDocument.parse(unsafe [UInt8](text.bytes)) } catch {
                throw Failure.invalid("", error.message)
            }
            let instance = Instance(id, try Config(document.root), host)
            let handle = UnsafeMutablePointer<Handle>.allocate(capacity: 1)
            let table = unsafe pbay_instance(
                size: UInt32(MemoryLayout<pbay_instance>.size), reserved: 0, self: UnsafeMutableRawPointer(handle),
                get_extension: { context, name in unsafe Tables.table(of: context, name) },
                start: { _, _ in Int32(PBAY_OK) }, drain: nil, health: nil, stop: { _ in },
                destroy: { context in
                    guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self) else { return }
                    unsafe handle.pointee.instance.release()
                    unsafe handle.deallocate()
                })
            unsafe handle.initialize(to: Handle(table: table, instance: .passRetained(instance)))
            // The table is the block's first field.
            unsafe out.pointee = UnsafeRawPointer(handle).assumingMemoryBound(to: pbay_instance.self)
            return Int32(PBAY_OK)
        } catch let failure {
            unsafe failure.fill(error)
            return failure.code
        }
    }

    /// Chat Completions has no way to ask for a count.
    private static func table(of context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?)
        -> UnsafeRawPointer?
    {
        guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self), let name = unsafe name else {
            return nil
        }
        if unsafe strcmp(name, PBAY_PROVIDER) == 0 { return unsafe UnsafeRawPointer(provider) }
        let config = unsafe handle.pointee.instance.takeUnretainedValue().config
        guard unsafe strcmp(name, PBAY_TOKEN_COUNT) == 0, config.api == .responses else { return nil }
        return unsafe UnsafeRawPointer(tokenCount)
    }

    private static func begin(
        _ context: UnsafeMutableRawPointer?, _ request: UnsafePointer<pbay_request>?, _ stream: UInt64,
        _ call: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ error: UnsafeMutablePointer<pbay_error>?,
        _ start: (Instance, UnsafePointer<pbay_request>, UInt64) throws(Failure) -> UnsafeMutableRawPointer
    ) -> Int32 {
        guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self), let request = unsafe request,
            let call = unsafe call, let error = unsafe error
        else { return Int32(PBAY_EINVALID) }
        do throws(Failure) {
            unsafe call.pointee = try start(handle.pointee.instance.takeUnretainedValue(), request, stream)
            return Int32(PBAY_OK)
        } catch let failure {
            unsafe failure.fill(error)
            return failure.code
        }
    }

    private static func immortal<T>(_ value: T) -> UnsafePointer<T> {
        let place = UnsafeMutablePointer<T>.allocate(capacity: 1)
        unsafe place.initialize(to: value)
        return unsafe UnsafePointer(place)
    }

    /// A literal's bytes end in a zero and live for ever.
    private static func text(_ literal: StaticString) -> UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

extension Call.Head {
    /// Of the headers only those that matter here.
    fileprivate init(status: Int32, _ headers: UnsafePointer<pbay_header>?, count: UInt64) {
        self.status = Int(status)
        guard let headers = unsafe headers else { return }
        for index in 0..<Int(count) {
            let header = unsafe headers[index]
            switch unsafe header.name.size {
            case 11 where unsafe header.isNamed("retry-after"):
                if retryAfter == 0 { retryAfter = unsafe Self.milliseconds(header.value, scale: 1000) }
            case 14 where unsafe header.isNamed("retry-after-ms"):
                retryAfter = unsafe Self.milliseconds(header.value, scale: 1)
            case 12 where unsafe header.isNamed("x-request-id"):
                requestID = unsafe String(decoding: header.value.bytes.prefix(200), as: UTF8.self)
            default: break
            }
        }
    }

    /// A plain number; a date or anything else is unknown. At most a day.
    private static func milliseconds(_ text: pbay_text, scale: Double) -> Int64 {
        guard let number = Double(unsafe String(decoding: text.bytes.prefix(32), as: UTF8.self)), number > 0 else {
            return 0
        }
        return Int64(min(number * scale, 86_400_000).rounded(.up))
    }
}

extension pbay_header {
    /// `name` is in small letters.
    fileprivate func isNamed(_ name: StaticString) -> Bool {
        name.withUTF8Buffer { name in
            unsafe self.name.bytes.elementsEqual(name) { byte, letter in
                (0x41...0x5A).contains(byte) ? byte | 0x20 == letter : byte == letter
            }
        }
    }
}
