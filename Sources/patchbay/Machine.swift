import Glibc
import PatchbayLifecycle

/// The few things of the machine that the program asks for directly.
enum Machine {
    /// The folder of the running executable: plugins are looked for there, and in `plugins` beside it.
    static var defaultPluginPath: [String] {
        guard let executable = executablePath, let slash = executable.lastIndex(of: "/") else { return [] }
        let folder = String(executable[..<slash])
        return [folder, folder + "/plugins", folder + "/../lib/patchbay/plugins"]
    }

    /// Tells this process apart from every other, of this machine and of others: the machine, its start, the space of
    /// process ids, the id, and when the process began.
    static var processIdentity: ProcessIdentity {
        let space = ["/etc/hostname", "/proc/sys/kernel/random/boot_id"].map { contents(of: $0) ?? "" }
        let place = (space + [target(of: "/proc/self/ns/pid") ?? ""]).joined(separator: "/")
        let pid = getpid()
        return ProcessIdentity(text: "\(place) \(pid) \(beginning(of: pid) ?? "")") { text in
            let parts = text.split(separator: " ")
            guard parts.count == 3, parts[0] == place, let pid = pid_t(parts[1]) else { return false }
            return beginning(of: pid).map { $0 != parts[2] } ?? true
        }
    }

    /// When a process began, in ticks since the machine's start; nil if there is none.
    private static func beginning(of pid: pid_t) -> Substring? {
        // The name, in parentheses, may hold anything; the fields after it are numbers.
        guard let status = contents(of: "/proc/\(pid)/stat"), let end = status.lastIndex(of: ")") else { return nil }
        let fields = status[end...].split(separator: " ")
        return fields.count > 20 ? fields[20] : nil
    }

    /// The first few kilobytes of a file, without the line's end and blanks.
    private static func contents(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).filter { $0 >= 32 }, as: UTF8.self)
    }

    private static var executablePath: String? { target(of: "/proc/self/exe") }

    /// What a symbolic link leads to.
    private static func target(of link: String) -> String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink(link, &bytes, Int(PATH_MAX))
        guard length > 0 else { return nil }
        return String(decoding: bytes[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The environment's variables.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let parts = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            unsafe entry += 1
        }
        return variables
    }

    /// Whether somebody reads standard error as it comes.
    static var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// A line on standard error, in one write.
    static func printError(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        var start = 0
        while start < bytes.count {
            let written = unsafe bytes[start...].withUnsafeBytes {
                unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            start += written
        }
    }

    /// No core file is written of this process: it would hold keys and conversations.
    static func forbidCoreFiles() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    }
}
