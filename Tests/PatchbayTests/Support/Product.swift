import Foundation

/// The product under test: what the build put beside the test bundle.
enum Product {
    /// The folder of the test bundle, where `patchbay` and its plugins are.
    static let folder: String = {
        let executable =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: executable).deletingLastPathComponent().path
    }()

    static var binary: String { folder + "/patchbay" }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    static var fixtures: String { root + "/Tests/PatchbayTests/Fixtures" }

    /// Compiles a C plugin of Fixtures/ into the folder, with these macros, and returns the path of the library.
    static func compile(_ name: String, into folder: Folder, as library: String? = nil, defining macros: [String] = [])
        throws -> String
    {
        let output = folder.path + "/" + (library ?? "lib\(name).so")
        let result = try run(
            "/usr/bin/env",
            [
                "cc", "-std=c99", "-shared", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-I",
                root + "/Sources/CPatchbay/include",
            ]
                + macros.map { "-D" + $0 } + [fixtures + "/\(name).c", "-o", output])
        guard result.status == 0 else { throw TestFailure("cc \(name).c: \(result.errors)") }
        return output
    }

    /// What a program printed and how it ended.
    struct Run {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Run {
        let folder = try Folder()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (out, err) = (try folder.write("", to: "out"), try folder.write("", to: "err"))
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus, output: try String(contentsOfFile: out, encoding: .utf8),
            errors: try String(contentsOfFile: err, encoding: .utf8))
    }
}

/// Why a test can't go on.
struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
