import Foundation
import NIOSSL

/// A certificate authority made for one test run by the `openssl` command, with the files that it wrote.
struct TestAuthority: Sendable {
    static let isAvailable = (try? run(["version"])) != nil

    private let folder: String

    var certificateFile: String { folder + "/ca.pem" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/patchbay-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.run(Self.newKey + ["-keyout", folder + "/ca.key", "-out", certificateFile, "-subj", "/CN=Test CA"])
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A server's context whose certificate is for these names (`DNS:localhost,IP:127.0.0.1`).
    func server(for names: String) throws -> NIOSSLContext {
        let file = folder + "/\(UUID().uuidString)"
        try Self.run(
            Self.newKey + [
                "-CA", certificateFile, "-CAkey", folder + "/ca.key", "-keyout", file + ".key", "-out", file + ".pem",
                "-subj", "/CN=server", "-addext", "subjectAltName=" + names,
                "-addext", "basicConstraints=critical,CA:FALSE",
            ])
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(file + ".pem").map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: file + ".key", format: .pem))))
    }

    private static let newKey = [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    ]

    private static func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CocoaError(.executableLoad) }
    }
}
