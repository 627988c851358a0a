import Foundation

/// A folder of its own for a test.
struct Folder {
    let path: String

    /// Makes a folder, and removes it with everything in it when `body` has ended.
    static func with(_ body: (Folder) throws -> Void) throws {
        let name = "patchbay-config-" + String(UInt64.random(in: .min ... .max), radix: 36)
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        try body(Folder(path: url.path))
    }

    /// Writes a file, and makes the folders that it is in.
    func write(_ name: String, _ text: String) throws {
        let url = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
