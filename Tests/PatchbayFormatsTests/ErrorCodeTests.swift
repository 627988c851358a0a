import Foundation
import PatchbayModel
import Testing

/// Documentation/errors.md, `ErrorCode`, the sources and the tests say the same of every error's code.
@Suite struct ErrorCodeTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL
    private static let table = "ErrorCode.swift"

    /// The texts of all Swift and Python files in a folder, but for the table's own.
    private static func texts(in folder: String) throws -> [String] {
        let root = repository.appendingPathComponent(folder)
        let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        var texts: [String] = []
        while let file = files?.nextObject() as? URL {
            guard ["swift", "py"].contains(file.pathExtension) else { continue }
            guard ![table, "ErrorCodeTests.swift"].contains(file.lastPathComponent) else { continue }
            texts.append(try String(contentsOf: file, encoding: .utf8))
        }
        return texts
    }

    @Test func `every code in the sources is in the table`() throws {
        let known = Set(ErrorCode.allCases.map(\.rawValue))
        var found: Set<String> = []
        for text in try Self.texts(in: "Sources") {
            for match in text.matches(of: /\bcode: "([a-z_]+)"/) { found.insert(String(match.1)) }
        }
        #expect(found.count > 30)
        #expect(found.subtracting(known).sorted() == [], "add them to ErrorCode and to Documentation/errors.md")
    }

    @Test func `every code of the table is in the sources`() throws {
        let text = try Self.texts(in: "Sources").joined(separator: "\n")
        let unused = ErrorCode.allCases.map(\.rawValue).filter { !text.contains("\"\($0)\"") }
        #expect(unused == [])
    }

    @Test func `every code is in the documentation with its status, and no other is`() throws {
        let url = Self.repository.appendingPathComponent("Documentation/errors.md")
        let text = try String(contentsOf: url, encoding: .utf8)
        let section = try #require(
            text.components(separatedBy: "## Codes").last?.components(separatedBy: "\n## ").first)
        let rows = section.matches(of: /\n\| `([a-z_]+)` \| ([0-9]+) \| ([^|]+) \| ([^|]+) \|/)
        #expect(rows.map { String($0.1) } == ErrorCode.allCases.map(\.rawValue))
        for row in rows {
            #expect(ErrorCode(rawValue: String(row.1))?.status == Int(row.2), "\(row.1)")
        }
    }

    @Test func `every code has a test`() throws {
        let text = try Self.texts(in: "Tests").joined(separator: "\n")
        let untested = ErrorCode.allCases.map(\.rawValue).filter { !text.contains($0) }
        #expect(untested == [], "each wants a test that meets it")
    }
}
