import CPatchbay
import Glibc
import Synchronization

/// What an instance's `self` points to: its tables and, in the same block of memory, the one reference to the instance.
@unsafe private struct Handle {
    var table: pbay_instance
    var embeddings: pbay_embeddings
    let instance: Unmanaged<Instance>
}

/// The tables of functions that the host calls, which hand on to `Instance` and `Call`. Made once, never freed: an image is never unloaded.
enum Tables {
    nonisolated(unsafe) static let module: UnsafePointer<pbay_module> = {
        let interfaces = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 4)
        unsafe interfaces.initialize(to: text("patchbay.provider/1"))
        unsafe (interfaces + 1).initialize(to: text("patchbay.token-count/1"))
        unsafe (interfaces + 2).initialize(to: Plugin.embeds ? text("patchbay.embeddings/1") : nil)
        unsafe (interfaces + 3).initialize(to: nil)
        return unsafe immortal(
            pbay_module(
                size: UInt32(MemoryLayout<pbay_module>.size), abi_minor: 0, id: text(Plugin.id),
                version: text("0.1.0"), licence: text("Apache-2.0"),
                description: text(Plugin.summary),
                interfaces: interfaces, create: { unsafe Tables.create($0, $1, $2, $3) }))
    }()

    nonisolated(unsafe) static let provider: UnsafePointer<pbay_provider> = unsafe immortal(
        pbay_provider(
            size: UInt32(MemoryLayout<pbay_provider>.size), reserved: 0,
            models: { context, emit, emitContext in
                guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self), let emit = unsafe emit else {
                    return Int32(PBAY_EINVALID)
                }
                let instance = unsafe handle.pointee.instance.takeUnretainedValue()
                unsafe ModelInfo.emit(
                    instance.translator.toldModels, to: emit, emitContext, hostMinor: instance.host.minor)
                return Int32(PBAY_OK)
            },
            begin: { unsafe Tables.begin($0, $1, $2, $3, $4, for: .answer) },
            resume: { _, _ in },  // the host has held the exchange back: there is nothing here to go on with
            cancel: { _, call, _ in unsafe Tables.borrow(call)?.cancel() },
            release: { _, call in
                if let call = unsafe call { unsafe Unmanaged<Call>.fromOpaque(call).release() }
            }))

    nonisolated(unsafe) static let tokenCount: UnsafePointer<pbay_token_count> = unsafe immortal(
        pbay_token_count(
            size: UInt32(MemoryLayout<pbay_token_count>.size), reserved: 0,
            begin: { unsafe Tables.begin($0, $1, $2, $3, $4, for: .count) }))

    static var callbacks: pbay_http_callbacks {
        unsafe pbay_http_callbacks(
            size: UInt32(MemoryLayout<pbay_http_callbacks>.size), reserved: 0,
            head: { unsafe Tables.borrow($0)?.head(Head(status: $1, $2, count: $3)) },
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
            guard let host = entryHost.withLock({ $0 }) else {
                throw Failure(code: Int32(PBAY_EINTERNAL), message: "no host")
            }
            let document: JSONDocument
            do { document = try JSONDocument.parse(unsafe [UInt8](text.bytes)) } catch {
                throw Failure.invalid("", error.message)
            }
            let instance = Instance(id, try Plugin(document.root), host)
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
            let embeddings = unsafe pbay_embeddings(
                size: UInt32(MemoryLayout<pbay_embeddings>.size), max_inputs: instance.translator.maxInputs ?? 0,
                begin: { unsafe Tables.begin($0, $1, $2, $3, $4, for: .embedding) })
            unsafe handle.initialize(
                to: Handle(table: table, embeddings: embeddings, instance: .passRetained(instance)))
            // The table is the block's first field.
            unsafe out.pointee = UnsafeRawPointer(handle).assumingMemoryBound(to: pbay_instance.self)
            return Int32(PBAY_OK)
        } catch let failure {
            unsafe failure.fill(error)
            return failure.code
        }
    }

    private static func table(of context: UnsafeMutableRawPointer?, _ name: UnsafePointer<CChar>?)
        -> UnsafeRawPointer?
    {
        guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self), let name = unsafe name else {
            return nil
        }
        if unsafe strcmp(name, PBAY_PROVIDER) == 0 { return unsafe UnsafeRawPointer(provider) }
        let translator = unsafe handle.pointee.instance.takeUnretainedValue().translator
        if unsafe strcmp(name, PBAY_TOKEN_COUNT) == 0, translator.countsTokens {
            return unsafe UnsafeRawPointer(tokenCount)
        }
        guard unsafe strcmp(name, PBAY_EMBEDDINGS) == 0, translator.maxInputs != nil else { return nil }
        // Beside the instance's own table, and as long there.
        return unsafe handle.pointer(to: \.embeddings).map { unsafe UnsafeRawPointer($0) }
    }

    private static func begin(
        _ context: UnsafeMutableRawPointer?, _ request: UnsafePointer<pbay_request>?, _ stream: UInt64,
        _ call: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ error: UnsafeMutablePointer<pbay_error>?,
        for purpose: Purpose
    ) -> Int32 {
        guard let handle = unsafe context?.assumingMemoryBound(to: Handle.self), let request = unsafe request,
            let call = unsafe call, let error = unsafe error
        else { return Int32(PBAY_EINVALID) }
        do throws(Failure) {
            unsafe call.pointee = try handle.pointee.instance.takeUnretainedValue().begin(request, stream, for: purpose)
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
