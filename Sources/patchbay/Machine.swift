import Glibc

/// The few things of the machine that the program asks for directly.
enum Machine {
    /// The folder of the running executable: plugins are looked for there, and in `plugins` beside it.
    static var defaultPluginPath: [String] {
        guard let executable = executablePath, let slash = executable.lastIndex(of: "/") else { return [] }
        let folder = String(executable[..<slash])
        return [folder, folder + "/plugins", folder + "/../lib/patchbay/plugins"]
    }

    private static var executablePath: String? {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = unsafe readlink("/proc/self/exe", &bytes, Int(PATH_MAX))
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
