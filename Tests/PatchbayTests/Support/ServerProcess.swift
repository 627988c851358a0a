import Foundation

/// `patchbay serve` as a process of its own, on a free port, with its configuration and files in a folder of its own.
/// Killed with the last reference to it.
final class ServerProcess: @unchecked Sendable {
    let folder: Folder
    private(set) var port = 0
    /// What it writes to standard error, since the last start.
    private(set) var log = Log()
    private let arguments: [String]
    private let environment: [String: String]
    private var process = Process()

    /// Starts a server with this configuration and waits until it listens. `$FOLDER` in the text is the folder's path.
    init(
        _ yaml: String, in folder: Folder? = nil, environment: [String: String] = [:], arguments: [String] = []
    ) throws {
        self.folder = try folder ?? Folder()
        self.environment = environment
        let file = try self.folder.write(
            yaml.replacingOccurrences(of: "$FOLDER", with: self.folder.path), to: "config.yaml")
        self.arguments = ["serve", "--config", file, "--port", "0"] + arguments
        try start()
    }

    convenience init(_ setup: Setup) throws {
        try self.init(setup.yaml)
    }

    deinit {
        kill()
    }

    var id: Int32 { process.processIdentifier }

    private func start() throws {
        let pipe = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: Product.binary)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = pipe
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        try process.run()
        let log = Log()
        self.log = log
        let reader = pipe.fileHandleForReading
        Thread {
            while true {
                let data = reader.availableData
                log.receive(data)
                if data.isEmpty { return }
            }
        }.start()
        port = try log.wait("listening") { line in
            guard let entry = try? JSON(line), entry["message"] == "listening", let url = entry["url"]?.string else {
                return nil
            }
            return url.split(separator: ":").last.flatMap { Int($0) }
        }
    }

    /// Ends the process as a crash does.
    func kill() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    /// Ends the process in peace, and returns how it ended.
    @discardableResult
    func terminate() -> Int32 {
        signal(SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    func signal(_ number: Int32) {
        if process.isRunning { Foundation.kill(process.processIdentifier, number) }
    }

    /// Starts it anew, with the same configuration and files, after it was ended.
    func startAgain() throws {
        try start()
    }

    /// The process's memory that is in use, in bytes.
    var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
