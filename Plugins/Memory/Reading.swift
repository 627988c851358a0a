// Values made of what the host hands over: checked and copied.

import CPatchbay

/// A struct of the host's, which may be shorter or longer than ours: what it hasn't is zero.
func read<Struct>(_ pointer: UnsafePointer<Struct>, into own: Struct, atMost room: Int = .max) -> Struct {
    var own = own
    let size = unsafe Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    unsafe withUnsafeMutableBytes(of: &own) {
        let count = min(size, room, $0.count)
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count))
    }
    return own
}

/// A copy of a text. `param` names it where its size isn't allowed.
func copy(_ text: pbay_text, _ param: String, _ allowed: ClosedRange<Int>) throws(Failure) -> Bytes {
    let size = unsafe Int(clamping: text.size)
    guard allowed.contains(size) else {
        throw Failure(
            kind: .invalid, param: param,
            message: "\(param) must have \(allowed.lowerBound) to \(allowed.upperBound) bytes.")
    }
    return unsafe Bytes(UnsafeRawBufferPointer(start: text.data, count: size))
}

func copyID(_ text: pbay_text) throws(Failure) -> Bytes { try unsafe copy(text, "id", 1...128) }

func copyRecord(_ record: pbay_record, maxBytes: Int) throws(Failure) -> Record {
    guard unsafe Int(clamping: record.value.size) <= maxBytes else { throw .tooLargeAlone }
    let left = unsafe maxBytes - Int(record.value.size)
    return Record(
        id: try unsafe copyID(record.id), kind: try unsafe copy(record.kind, "kind", 1...32),
        parent: try unsafe copy(record.parent, "parent", 0...128), root: try unsafe copy(record.root, "root", 0...128),
        created: unsafe record.created_ms, expires: unsafe record.expires_ms, version: unsafe record.version,
        status: unsafe record.status, value: try unsafe copy(record.value, "value", 0...maxBytes),
        blobs: try unsafe copyBlobs(record.blobs, record.blob_count, maxBytes: left))
}

/// A record's blobs, checked as a whole before the first is copied.
private func copyBlobs(
    _ start: UnsafePointer<pbay_blob>?, _ count: UInt64, maxBytes: Int
) throws(Failure) -> [Blob] {
    guard count > 0 else { return [] }
    guard count <= UInt64(PBAY_MAX_BLOBS) else { throw .tooManyBlobs }
    guard let start = unsafe start else { throw .badBlob }
    let blobs = unsafe UnsafeBufferPointer(start: start, count: Int(count))
    var left = maxBytes
    for index in 0..<Int(count) {
        let data = unsafe blobs[index].data
        guard unsafe data.size == 0 || data.data != nil else { throw .badBlob }
        guard unsafe Int(clamping: data.size) <= left else { throw .tooLargeAlone }
        left -= unsafe Int(data.size)
    }
    var copied: [Blob] = []
    copied.reserveCapacity(Int(count))
    for index in 0..<Int(count) {
        let blob = unsafe blobs[index]
        let hash = try unsafe copy(blob.hash, "blobs", 64...64)
        guard hash.allSatisfy(\.isHexadecimalDigit) else { throw .badBlob }
        copied.append(Blob(hash: hash, data: try unsafe copy(blob.data, "blobs", 0...maxBytes)))
    }
    return copied
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool { (48...57).contains(self) || (97...102).contains(self | 0x20) }
}

func precondition(_ number: UInt32) throws(Failure) -> Precondition {
    switch Int(number) {
    case PBAY_PUT_ANY: .none
    case PBAY_PUT_ABSENT: .absent
    case PBAY_PUT_VERSION: .version
    default: throw Failure(kind: .invalid, param: "precondition", message: "There is no such precondition.")
    }
}

/// Where a write's record begins: at its end.
private let recordPlace = unsafe MemoryLayout<pbay_write>.size - MemoryLayout<pbay_record>.size

/// One write of a batch, which has `room` bytes for its record.
private func copyWrite(_ write: UnsafePointer<pbay_write>, room: Int, maxBytes: Int) throws(Failure) -> Write {
    let place = unsafe UnsafeRawPointer(write) + recordPlace
    let record = unsafe read(place.assumingMemoryBound(to: pbay_record.self), into: pbay_record(), atMost: room)
    switch unsafe Int(write.pointee.verb) {
    case PBAY_WRITE_PUT:
        return .put(
            try unsafe copyRecord(record, maxBytes: maxBytes), try unsafe precondition(write.pointee.precondition))
    case PBAY_WRITE_DELETE: return .delete(try unsafe copyID(record.id))
    default: throw Failure(kind: .invalid, param: "verb", message: "There is no such verb.")
    }
}

/// The writes of a batch. The host's structs may be longer or shorter than ours: their `size` is the distance from one
/// to the next.
func copyBatch(
    _ writes: UnsafePointer<pbay_write>?, _ count: UInt64, maxBytes: Int
) throws(Failure) -> [Write] {
    guard count > 0, let writes = unsafe writes else { return [] }
    guard count <= 1024 else {
        throw Failure(kind: .limit, param: "", message: "A batch may have 1024 writes.")
    }
    let distance = unsafe Int(writes.pointee.size)
    let room = distance - recordPlace
    guard room >= MemoryLayout<UInt32>.size else {
        throw Failure(kind: .invalid, param: "size", message: "The writes have no size.")
    }
    var copied: [Write] = []
    for index in 0..<Int(count) {
        let write = unsafe UnsafeRawPointer(writes).advanced(by: index * distance).assumingMemoryBound(
            to: pbay_write.self)
        copied.append(try unsafe copyWrite(write, room: room, maxBytes: maxBytes))
    }
    return copied
}
