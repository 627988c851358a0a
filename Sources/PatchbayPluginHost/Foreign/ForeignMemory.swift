import Glibc

/// The memory of one call: its arguments as C sees them, and what the function writes.
@safe final class ForeignMemory {
    private let function: ForeignFunction
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    /// By the argument's place: what its pointer points to; nil where it is no pointer, or null.
    private var pointees: [UnsafeMutableRawPointer?] = unsafe []
    /// Where each argument is.
    private var places: [UnsafeMutableRawPointer?] = unsafe []
    private var result: UnsafeMutableRawPointer

    init(_ function: ForeignFunction, _ inputs: [ForeignInput], _ counts: [Int]) {
        self.function = function
        let parameters = function.signature.parameters
        // One block for the result and all that is passed by value.
        var size = Self.slot(for: function.signature.result.type)
        for parameter in parameters { size += Self.slot(for: parameter.passedType) }
        unsafe result = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        unsafe result.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        unsafe blocks.append(result)
        unsafe pointees.reserveCapacity(parameters.count)
        unsafe places.reserveCapacity(parameters.count)
        var offset = Self.slot(for: function.signature.result.type)
        for index in parameters.indices {
            let place = unsafe result + offset
            unsafe places.append(place)
            offset += Self.slot(for: parameters[index].passedType)
            let pointee = unsafe store(parameters[index], inputs[index], counts[index], index, at: place)
            unsafe pointees.append(pointee)
        }
    }

    deinit {
        for index in unsafe blocks.indices { unsafe blocks[index].deallocate() }
    }

    /// Calls the function.
    func call() {
        unsafe places.withUnsafeMutableBufferPointer { places in
            unsafe function.interface.call(function.address, result: result, places.baseAddress)
        }
    }

    // MARK: before the call

    /// Bytes of a value in the block, a multiple of its alignment.
    private static func slot(for type: ForeignType?) -> Int {
        guard case .structure(let structure)? = type else { return 16 }
        return (structure.size + 15) / 16 * 16
    }

    /// Puts an argument into its place, and what it points to into a block of its own.
    private func store(
        _ parameter: ForeignParameter, _ input: ForeignInput, _ count: Int, _ index: Int,
        at place: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer? {
        switch (parameter.role, input) {
        case (.order, _):
            unsafe place.storeBytes(of: function.comparators[index]?.address, as: UnsafeMutableRawPointer?.self)
            return nil
        case (.output, _):
            return unsafe point(place, to: block(count: outputSize(parameter.type, count)))
        case (.writtenLength, .bits(let bits)), (.updated, .bits(let bits)):
            let block = unsafe block(count: 8)
            unsafe block.storeBytes(of: bits, as: UInt64.self)
            return unsafe point(place, to: block)
        case (.writtenLength, _):
            return unsafe point(place, to: block(count: 8))
        case (_, .bits(let bits)):
            unsafe place.storeBytes(of: bits, as: UInt64.self)
            return nil
        case (_, .null):
            return nil
        case (_, .bytes(let bytes)):
            if case .structure = parameter.type {
                unsafe Self.copy(bytes, to: place)
                return nil
            }
            let block = unsafe block(count: bytes.count)
            unsafe Self.copy(bytes, to: block)
            return unsafe point(place, to: block)
        case (_, .texts(let texts)):
            let width = UInt.bitWidth / 8
            let array = unsafe block(count: texts.count * width)
            for index in texts.indices {
                let block = unsafe block(count: texts[index].count)
                unsafe Self.copy(texts[index], to: block)
                unsafe array.storeBytes(of: block, toByteOffset: index * width, as: UnsafeMutableRawPointer.self)
            }
            return unsafe point(place, to: array)
        }
    }

    private func outputSize(_ type: ForeignType, _ count: Int) -> Int {
        switch type {
        case .structure(let structure): structure.size
        case .array(let element): count * element.width
        case .string, .bytes: count
        case .scalar, .pointer, .callback: 8
        }
    }

    private func point(
        _ place: UnsafeMutableRawPointer, to block: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        unsafe place.storeBytes(of: block, as: UnsafeMutableRawPointer.self)
        return unsafe block
    }

    /// Zeros; a place of its own also where there are none to be.
    private func block(count: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(count, 16), alignment: 16)
        unsafe block.initializeMemory(as: UInt8.self, repeating: 0, count: max(count, 16))
        unsafe blocks.append(block)
        return unsafe block
    }

    private static func copy(_ bytes: [UInt8], to place: UnsafeMutableRawPointer) {
        unsafe bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe place.copyMemory(from: base, byteCount: source.count)
        }
    }

    // MARK: after the call

    /// Of a result that isn't a struct. What is narrower than a register lies in its low bytes.
    var resultBits: UInt64 { unsafe result.load(as: UInt64.self) }

    func resultBytes(count: Int) -> [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: result, count: count))
    }

    /// What a pointer's place holds now.
    func bits(at index: Int, width: Int) -> UInt64 {
        unsafe pointees[index]?.bits(width: width) ?? 0
    }

    func bytes(at index: Int, count: Int) -> [UInt8] {
        guard let pointee = unsafe pointees[index] else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: pointee, count: count))
    }

    /// An array of strings as it is now; each of at most `limit` bytes.
    func strings(at index: Int, count: Int, limit: Int) -> [String?] {
        guard let pointee = unsafe pointees[index] else { return [] }
        var texts: [String?] = []
        for element in 0..<count {
            let address = unsafe (pointee + element * (UInt.bitWidth / 8)).bits(width: UInt.bitWidth / 8)
            texts.append(Self.string(at: address, limit: limit))
        }
        return texts
    }

    /// A copy of a C string, of at most `limit` bytes, repaired where it isn't UTF-8; nil for null.
    static func string(at address: UInt64, limit: Int) -> String? {
        guard let start = unsafe UnsafePointer<CChar>(bitPattern: UInt(address)) else { return nil }
        let count = unsafe strnlen(start, limit)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    static func bytes(at address: UInt64, count: Int) -> [UInt8] {
        guard let start = unsafe UnsafeRawPointer(bitPattern: UInt(address)) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }
}
