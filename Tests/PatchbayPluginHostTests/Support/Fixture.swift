import CPatchbay
import Foundation
import Glibc
import Synchronization
import Testing

/// A C plugin of `Fixtures`, compiled for one test: an image of its own, so that its counters are nobody else's.
final class Fixture: Sendable {
    let path: String

    /// - Parameters:
    ///   - file: the name in `Fixtures`, without `.c`.
    ///   - defines: for the C compiler.
    init(_ file: String, _ defines: [String] = []) throws {
        path = Self.temporary()
        try FileManager.default.copyItem(atPath: Self.compiled(file, defines), toPath: path)
    }

    /// What has been compiled in this process, by the compiler's arguments.
    private static let cache = Mutex<[[String]: String]>([:])

    private static func compiled(_ file: String, _ defines: [String]) throws -> String {
        try cache.withLock { cache in
            if let known = cache[[file] + defines] { return known }
            let path = temporary()
            try run(
                ["-O1", "-fPIC", "-shared", "-I", headers, "-o", path, "\(folder)/\(file).c", "-lpthread"]
                    + defines.map { "-D\($0)" })
            cache[[file] + defines] = path
            return path
        }
    }

    private static func temporary() -> String {
        FileManager.default.temporaryDirectory.appending(path: "patchbay-fixture-\(UUID().uuidString).so").path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let folder = tests.appending(path: "Fixtures").path
    private static let headers = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/CPatchbay/include").path

    struct CompilerFailed: Error { var status: Int32 }

    private static func run(_ arguments: [String]) throws {
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["cc"] + arguments
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw CompilerFailed(status: compiler.terminationStatus) }
    }

    // MARK: what the image exports for tests

    private func symbol<T>(_ name: String, as type: T.Type) -> T {
        let handle = unsafe dlopen(path, RTLD_NOW)
        return unsafe unsafeBitCast(dlsym(handle, name)!, to: type)
    }

    /// A counter of the fixture's.
    func count(_ what: String) -> Int {
        let function = unsafe symbol("fixture_count", as: (@convention(c) (UnsafePointer<CChar>) -> Int32).self)
        return unsafe Int(function(what))
    }

    /// What the host answered to the words of the scripts so far.
    var answers: [Int] {
        let function = unsafe symbol(
            "fixture_answers", as: (@convention(c) (UnsafeMutablePointer<Int32>, Int32) -> Int32).self)
        var answers = [Int32](repeating: 0, count: 4096)
        let count = unsafe function(&answers, 4096)
        return answers.prefix(Int(count)).map(Int.init)
    }

    /// Lets a thread go on that waits.
    func go() {
        symbol("fixture_go", as: (@convention(c) () -> Void).self)()
    }

    /// The id of the latest stream.
    var stream: UInt64 { symbol("fixture_stream", as: (@convention(c) () -> UInt64).self)() }

    /// What the latest call of a tool was given: a text of it, by its place in the struct.
    func tool(_ what: Int32) -> String {
        let function = unsafe symbol(
            "fixture_tool", as: (@convention(c) (Int32, UnsafeMutablePointer<CChar>, Int32) -> Int32).self)
        var text = [CChar](repeating: 0, count: 4096)
        let count = unsafe function(what, &text, 4096)
        return what == 5
            ? "\(count)" : String(decoding: text.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Pushes a text from the test's thread.
    func push(_ stream: UInt64) -> Int {
        Int(symbol("fixture_push", as: (@convention(c) (UInt64) -> Int32).self)(stream))
    }

    /// A text that the fixture has kept.
    func text(_ what: String) -> String {
        let function = unsafe symbol(
            "fixture_text", as: (@convention(c) (UnsafePointer<CChar>) -> UnsafePointer<CChar>).self)
        return unsafe String(cString: function(what))
    }

    /// Asks for a visit's document from the test's thread.
    func document(_ visit: UInt64) -> Int {
        Int(symbol("fixture_document", as: (@convention(c) (UInt64) -> Int32).self)(visit))
    }

    /// Waits until a counter has reached a value.
    func reaches(_ what: String, _ value: Int) async {
        await eventually("\(what) reaches \(value)") { self.count(what) >= value }
    }
}

/// Waits for a fact. A minute without it is a failure.
func eventually(_ fact: Comment, _ isTrue: () async throws -> Bool) async rethrows {
    for _ in 0..<60_000 {
        if try await isTrue() { return }
        try? await Task.sleep(for: .milliseconds(1))
    }
    Issue.record(fact)
}
