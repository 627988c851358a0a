/// Why an operation was not done. The kinds are those codes of the ABI that this store answers.
struct Failure: Error {
    enum Kind {
        case invalid
        case notFound
        case conflict
        case limit
        case dataLoss
    }

    var kind: Kind
    /// What was wrong: a field of the record, or a configuration's key.
    var param: String
    /// For the client.
    var message: String

    static let notFound = Failure(kind: .notFound, param: "id", message: "There is no such record.")
    static let inUse = Failure(kind: .conflict, param: "id", message: "There is a record of that id.")
    static let otherVersion = Failure(kind: .conflict, param: "version", message: "The record has another version.")
    static let noParent = Failure(kind: .notFound, param: "parent", message: "There is no such parent.")
    static let otherParent = Failure(kind: .invalid, param: "parent", message: "A record's parent can't be changed.")
    static let otherRoot = Failure(
        kind: .invalid, param: "root", message: "root is not the first of the record's chain.")
    static let noCursor = Failure(
        kind: .notFound, param: "after", message: "There is no such record to go on after.")
    static let tooLarge = Failure(
        kind: .limit, param: "value", message: "The record and its ancestors are larger than the store may become.")
    static let tooLargeForOwner = Failure(
        kind: .limit, param: "value", message: "The record and its ancestors are larger than what one owner may keep.")
    static let tooLargeAlone = Failure(
        kind: .limit, param: "value", message: "The record is larger than the store may become.")
    static let tooManyBlobs = Failure(
        kind: .limit, param: "blobs", message: "A record may have 65536 blobs.")
    static let badBlob = Failure(
        kind: .invalid, param: "blobs",
        message: "A blob must have data, and a hash of 64 hexadecimal digits.")
    static let tooDeep = Failure(
        kind: .limit, param: "", message: "The chain has more records than may be loaded.")
    static let tooManyBytes = Failure(kind: .limit, param: "", message: "The chain is larger than may be loaded.")
}
