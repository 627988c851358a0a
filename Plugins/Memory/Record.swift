/// Bytes as they came over the ABI: ids and owners are compared as such.
typealias Bytes = [UInt8]

/// One record, as it is put and as it is handed out.
struct Record {
    var id: Bytes
    var kind: Bytes
    /// Empty: the first of its chain.
    var parent: Bytes
    /// The id of the first of its chain. Empty on a put: the store knows it itself.
    var root: Bytes
    /// Unix milliseconds.
    var created: Int64
    /// Unix milliseconds; 0: never.
    var expires: Int64
    var version: UInt64
    var status: UInt32
    /// Deleted or expired, and kept for living descendants.
    var isHidden = false
    var value: Bytes
    /// Large pieces that belong to the value, in their order.
    var blobs: [Blob]

    /// Of the value and the blobs, each as often as it comes.
    var byteCount: Int { blobs.reduce(value.count) { $0 + $1.data.count } }
}

/// A large piece of a record. An owner's blobs of one hash share their data.
struct Blob {
    /// 64 hexadecimal digits.
    var hash: Bytes
    var data: Bytes
}

/// What must hold for a put to be done.
enum Precondition {
    case none
    /// No record of that id, of any owner.
    case absent
    /// The record is there with the version that is put.
    case version
}

/// One step of a batch.
enum Write {
    case put(Record, Precondition)
    case delete(Bytes)
}

/// What a store holds.
struct Totals {
    var living = 0
    var hidden = 0
    var bytes = 0
}
